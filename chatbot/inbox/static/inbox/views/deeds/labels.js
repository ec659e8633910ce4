// Putting labels on and taking them off: a list that is narrowed by typing, and makes new ones.

import { byId, fill, h, keepFocus } from "../../dom.js";
import { icon } from "../../icons.js";
import { labelChip } from "../chips.js";

/** @import { Doing } from "./doing.js"; */
/** @import { Selecting } from "./selecting.js"; */

/**
 * @param {Store} store
 * @param {Doing} doing
 * @param {Selecting} selecting
 */
export function createLabels(store, doing, selecting) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("label-dialog"));
  const input = /** @type {HTMLInputElement} */ (byId("label-input"));
  const list = byId("label-list");
  /** @type {Label[]} */
  let known = [];
  /** @type {number[]} */
  let targets = [];
  let active = 0;
  /** @type {(Label | string)[]} what is offered; a text is a name that does not exist yet */
  let offered = [];

  async function open() {
    targets = selecting.targets();
    if (!targets.length) return;
    const found = await doing.call((api) => api.labels(), "");
    if (!found) return;
    known = found;
    input.value = "";
    active = 0;
    draw();
    dialog.showModal();
    input.focus();
  }

  /** @param {Label} label */
  function isOn(label) {
    return targets.every((id) => store.state.rows[id]?.labels.some((one) => one.id === label.id)
      || (store.state.detail?.id === id && store.state.detail.labels.some((one) => one.id === label.id)));
  }

  function draw() {
    const typed = input.value.trim();
    const word = typed.toLocaleLowerCase();
    const matching = known.filter(({ name }) => name.toLocaleLowerCase().includes(word));
    const exact = known.some(({ name }) => name.toLocaleLowerCase() === word);
    offered = typed && !exact ? [...matching, typed] : matching;
    active = Math.min(active, Math.max(0, offered.length - 1));
    fill(list, ...offered.map((one, index) => {
      const on = typeof one !== "string" && isOn(one);
      return h("li", {
        role: "option", id: `label-option-${index}`, "aria-selected": String(on), "data-active": String(index === active),
        on: { click: () => void take(one), mousemove: () => move(index) },
      },
      h("span", { class: "tick", "aria-hidden": "true" }, on && icon("check")),
      typeof one === "string" ? interpolate(gettext("Make the label “%(name)s”"), { name: one }, true) : labelChip(one));
    }));
    byId("label-empty").hidden = offered.length > 0;
    if (offered.length) input.setAttribute("aria-activedescendant", `label-option-${active}`);
    else input.removeAttribute("aria-activedescendant");
  }

  /** @param {number} index */
  function move(index) {
    if (index === active) return;
    active = index;
    [...list.children].forEach((child, at) => /** @type {HTMLElement} */ (child).dataset.active = String(at === active));
    input.setAttribute("aria-activedescendant", `label-option-${active}`);
    list.children[active]?.scrollIntoView({ block: "nearest" });
  }

  /** @param {Label | string} one */
  async function take(one) {
    let label = one;
    if (typeof label === "string") {
      const name = label;
      const made = await doing.call((api) => api.makeLabel(name), "");
      if (!made) return;
      label = made;
      known = [...known.filter(({ id }) => id !== made.id), made].sort((a, b) => a.name.localeCompare(b.name));
      input.value = "";
    }
    const on = isOn(label);
    const done = await doing.run("label", targets, on ? { remove: [label.id] } : { add: [label.id] }, { quiet: true });
    const said = done?.failed.length ? done.failed[0].detail
      : interpolate(on ? gettext("%(name)s taken off.") : gettext("%(name)s put on."), label, true);
    fill(byId("label-said"), said);
    draw();
  }

  input.addEventListener("input", () => {
    active = 0;
    draw();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") move((active + 1) % Math.max(1, offered.length));
    else if (event.key === "ArrowUp") move((active - 1 + offered.length) % Math.max(1, offered.length));
    else if (event.key === "Enter") void (offered[active] !== undefined && take(offered[active]));
    else return;
    event.preventDefault();
  });
  byId("label-done").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => fill(byId("label-said")));
  keepFocus(dialog);

  return { open: () => void open() };
}
