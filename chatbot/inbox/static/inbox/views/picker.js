// A list over the field where somebody writes: what they may mean by "/" or "@". Arrows choose, Enter takes.

import { byId, fill, h } from "../dom.js";

const MOST = 8;

/**
 * @typedef {{key: string, title: string, hint: string, run: () => void}} Choice
 * @typedef {{pattern: RegExp, choices: (typed: string, put: (text: string) => void) => Choice[], label: string}} Source
 * `pattern` ends at the cursor; its last group is what was typed. `put` writes in place of all of it.
 */

/**
 * @param {HTMLTextAreaElement} area
 * @param {() => Source[]} sources those that are on offer now
 */
export function createPicker(area, sources) {
  const list = byId("picker");
  /** @type {Choice[]} */
  let shown = [];
  let at = 0;
  /** The text before the cursor for which the list was put away. */
  let dismissed = "";

  area.setAttribute("aria-haspopup", "listbox");
  area.setAttribute("aria-autocomplete", "list");
  area.setAttribute("aria-controls", "picker");
  area.addEventListener("input", look);
  area.addEventListener("click", look);
  area.addEventListener("blur", () => window.setTimeout(() => document.activeElement !== area && close(), 150));
  area.addEventListener("keydown", (event) => {
    if (!shown.length || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      move((at + step + shown.length) % shown.length);
    } else if (event.key === "Enter" || event.key === "Tab") {
      take(at);
    } else if (event.key === "Escape") {
      dismissed = before();
      close();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });

  function before() {
    return area.value.slice(0, area.selectionStart);
  }

  function look() {
    const written = before();
    if (written === dismissed) return;
    dismissed = "";
    for (const source of sources()) {
      const match = source.pattern.exec(written);
      if (!match) continue;
      const typed = match.at(-1) ?? "";
      const start = written.length - typed.length - 1; // with its sign
      const put = (/** @type {string} */ text) => {
        area.setRangeText(text, start, area.selectionStart, "end");
        area.dispatchEvent(new Event("input", { bubbles: true }));
      };
      return show(source.choices(typed.toLocaleLowerCase(), put).slice(0, MOST), source.label);
    }
    close();
  }

  /**
   * @param {Choice[]} choices
   * @param {string} label
   */
  function show(choices, label) {
    shown = choices;
    list.hidden = !choices.length;
    if (!choices.length) return close();
    list.setAttribute("aria-label", label);
    fill(list, ...choices.map(({ key, title, hint }, index) => h("li", {
      role: "option", id: `pick-${index}`, "aria-selected": "false",
      on: { pointerdown: (event) => event.preventDefault(), click: () => take(index) },
    }, h("strong", {}, key), h("span", { class: "pick-title" }, title), hint && h("span", { class: "pick-hint quiet" }, hint))));
    fill(byId("picker-told"), interpolate(ngettext("%(count)s to choose from", "%(count)s to choose from", choices.length), { count: choices.length }, true));
    move(0);
  }

  /** @param {number} index */
  function move(index) {
    at = index;
    [...list.children].forEach((item, number) => item.setAttribute("aria-selected", String(number === index)));
    area.setAttribute("aria-activedescendant", `pick-${index}`);
    list.children[index]?.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} index */
  function take(index) {
    const chosen = shown[index];
    close();
    area.focus();
    chosen?.run();
  }

  function close() {
    shown = [];
    list.hidden = true;
    fill(list);
    fill(byId("picker-told"));
    area.removeAttribute("aria-activedescendant");
  }

  return { close, look };
}
