// What belongs together with the open conversation, and whether its customer is blocked.

import { byId, h, redrawn } from "../../dom.js";
import { icon } from "../../icons.js";
import { ageElement, shortTime } from "../../time.js";
import { previewLine, statusName } from "../../words.js";
import { channelMark } from "../marks.js";

/** @import { Doing } from "./doing.js"; */

/**
 * @param {Doing} doing
 * @param {(id: number) => string} address
 */
export function createRelated(doing, address) {
  const panel = byId("related");
  const note = byId("merged-note");
  const drawPanel = redrawn(panel);
  const drawNote = redrawn(note);
  /** @type {Detail | null} */
  let shown = null;

  /** @param {State} state */
  function render({ detail }) {
    if (detail === shown) return;
    shown = detail;
    note.hidden = !detail?.merged_into;
    if (detail?.merged_into) {
      const { id, merged_into } = detail;
      drawNote(id, merged_into, () => [
        h("p", {}, gettext("This was merged into another conversation and is read there.")),
        h("a", { class: "button", href: address(merged_into), "data-id": merged_into }, gettext("Open it")),
        h("button", { type: "button", on: { click: () => void doing.call((api) => api.takeApart(id), gettext("They are two again.")) } }, gettext("Take apart"))]);
    }
    const parts = detail ? sections(detail) : [];
    panel.hidden = !parts.length;
    drawPanel(detail?.id, detail && [detail.linked, detail.merged, detail.block], () => parts);
  }

  /** @param {Detail} detail */
  function sections(detail) {
    const { id, linked, merged, block } = detail;
    return [
      block && h("div", { class: "blocked-note" },
        h("p", {}, icon("blocked"), " ", h("strong", {}, gettext("Blocked")), " ", block.by
          ? interpolate(gettext("by %(by)s, %(at)s"), { by: block.by, at: shortTime(block.at) }, true) : shortTime(block.at)),
        block.reason && h("p", { dir: "auto" }, block.reason),
        h("p", { class: "quiet" }, gettext("What they write is kept and answered by nobody.")),
        h("button", { type: "button", on: { click: () => void doing.call((api) => api.unblock(id), gettext("Unblocked.")) } }, gettext("Unblock"))),
      ...group(gettext("Merged into this"), merged, (one) => doing.call((api) => api.takeApart(one), gettext("They are two again.")), gettext("Take apart")),
      ...group(gettext("Linked conversations"), linked, (one) => doing.call((api) => api.link(id, one, false), gettext("Not linked any more.")), gettext("Unlink")),
    ].filter(Boolean);
  }

  /**
   * @param {string} title
   * @param {Past[]} rows
   * @param {(id: number) => Promise<unknown>} undo
   * @param {string} label
   */
  function group(title, rows, undo, label) {
    if (!rows.length) return [];
    return [h("h3", {}, title), h("ul", { class: "past joined" }, ...rows.map((one) => h("li", {},
      h("a", { href: address(one.id), "data-id": one.id },
        h("span", { class: "past-text" }, one.name, ": ", one.subject || previewLine(one.preview) || "–"),
        h("span", { class: "quiet past-meta" }, channelMark(one.channel), " ", statusName(one.status), " · ", ageElement(one.last_message_at))),
      h("button", { type: "button", class: "link", on: { click: () => void undo(one.id) } }, label))))];
  }

  return { render };
}
