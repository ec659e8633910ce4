// Conversations that belong together: merged, or linked.

import { byId, fill, h, keepFocus } from "../../dom.js";
import { ageElement } from "../../time.js";
import { previewLine, statusName } from "../../words.js";
import { channelMark } from "../marks.js";

/** @import { Actions } from "../../actions.js"; */
/** @import { Doing } from "./doing.js"; */

/**
 * @param {Store} store
 * @param {Doing} doing
 * @param {Actions} actions
 */
export function createJoining(store, doing, actions) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("join-dialog"));
  const list = byId("join-list");
  const number = /** @type {HTMLInputElement} */ (byId("join-number"));

  async function open() {
    const asked = store.state.open;
    // Right after it was opened, what else this customer asked is still on its way.
    if (asked !== null && store.state.detail?.id !== asked) await actions.loadDetail(asked);
    const { detail } = store.state;
    if (!detail || detail.id !== store.state.open || dialog.open) return;
    const linked = new Set(detail.linked.map(({ id }) => id));
    const merged = new Set(detail.merged.map(({ id }) => id));
    const others = detail.past.filter(({ id, merged_into }) => !merged.has(id) && merged_into === null);
    fill(list, ...others.map((one) => h("li", {},
      h("div", { class: "grow" },
        h("p", { class: "past-text" }, one.subject || previewLine(one.preview) || "–"),
        h("p", { class: "quiet past-meta" }, channelMark(one.channel), " ", statusName(one.status), " · ", ageElement(one.last_message_at))),
      h("button", { type: "button", on: { click: () => void merge(detail.id, one.id) } }, gettext("Merge into this")),
      !linked.has(one.id) && h("button", { type: "button", on: { click: () => void link(detail.id, one.id) } }, gettext("Link")))));
    byId("join-none").hidden = others.length > 0;
    fill(byId("join-error"));
    number.value = "";
    dialog.showModal();
    (list.querySelector("button") ?? number).focus();
  }

  /**
   * @param {number} id
   * @param {number} other
   */
  async function merge(id, other) {
    dialog.close();
    await doing.run("merge", [id], { other });
  }

  /**
   * @param {number} id
   * @param {number} other
   */
  async function link(id, other) {
    dialog.close();
    await doing.call((api) => api.link(id, other, true), gettext("Linked."));
  }

  byId("join-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const { detail } = store.state;
    if (!detail) return;
    if (/^\s*#?\d{1,15}\s*$/.test(number.value)) return void link(detail.id, Number(number.value.replace("#", "")));
    fill(byId("join-error"), gettext("Write the number of the other conversation: it stands in its address."));
    number.focus();
  });
  byId("join-cancel").addEventListener("click", () => dialog.close());
  keepFocus(dialog);

  return { open };
}
