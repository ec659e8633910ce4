// The conversation's head: who it is, who has it, what can be done with it, who else looks.

import { byId, fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { openRow } from "../state.js";
import { waitElement } from "../time.js";
import { initials, isMine, isOthers, nameOf, whoHasIt } from "../words.js";
import { channelMark, priorityMark, vipMark } from "./marks.js";
import { blockedChip, clockChips, labelChips, snoozeChip } from "./chips.js";
import { failure } from "./rows.js";
import { suggestedFor } from "./suggestion.js";

/** @import { Actions } from "../actions.js"; */

/** @param {Actions} actions */
export function createConversation(actions) {
  const pane = byId("conversation");
  const name = byId("contact-name");
  const status = byId("status-line");
  const take = /** @type {HTMLButtonElement} */ (byId("take"));
  const back = /** @type {HTMLButtonElement} */ (byId("hand-back"));
  const resolve = /** @type {HTMLButtonElement} */ (byId("resolve"));
  /** @type {Row | null} */
  let shownRow = null;

  /** @param {State} state */
  function render(state) {
    const row = openRow(state);
    pane.dataset.state = state.open === null ? "none" : state.detailError && !row ? "failed" : "open";
    if (pane.dataset.state === "none") renderNothing(state);
    if (pane.dataset.state === "failed") {
      fill(byId("nothing"), failure(state.detailError, () => actions.loadOpen()));
    }
    if (row !== shownRow) {
      shownRow = row;
      name.classList.toggle("skeleton-line", row === null);
      fill(name, row && nameOf(row.contact));
      fill(byId("talk-subject"), row?.subject);
      fill(byId("contact-vip"), row && vipMark(row));
      fill(status, ...(row ? statusLine(row, state.me.id) : []));
    }
    renderActions(row, state);
    renderViewers(state);
  }

  /**
   * @param {Row | null} row
   * @param {State} state
   */
  function renderActions(row, state) {
    take.hidden = !row || !actions.takeable(row);
    back.hidden = !row || !actions.returnable(row);
    resolve.hidden = !row || !actions.resolvable(row);
    for (const button of [take, back, resolve]) button.disabled = state.busy;
    if (!row) return;
    const others = isOthers(row, state.me.id);
    const resolved = row.status === "resolved";
    take.classList.toggle("primary", !others && !resolved && suggestedFor(state) === null);
    resolve.classList.toggle("primary", isMine(row, state.me.id));
    take.dataset.tip = others
      ? interpolate(gettext("Take it over from %(name)s"), row.assignee ?? {}, true)
      : resolved ? gettext("Go on with it yourself") : gettext("Take this conversation yourself");
    fill(byId("take-text"), others ? gettext("Take over") : resolved ? gettext("Reopen") : gettext("Take"));
  }

  return { render };
}

/** @param {State} state */
function renderNothing(state) {
  const waiting = state.me.counts.queue;
  const title = waiting
    ? interpolate(ngettext("%(waiting)s conversation is waiting", "%(waiting)s conversations are waiting", waiting), { waiting }, true)
    : gettext("Nothing is open");
  const text = state.me.counts.all
    ? gettext("Choose a conversation on the left, or press J for the next one. Press ? for all keys.")
    : gettext("Conversations open here. Press ? for all keys.");
  fill(byId("nothing"), h("div", { class: "empty" }, h("h2", {}, title), h("p", {}, text)));
}

/**
 * @param {Row} row
 * @param {number} me
 */
function statusLine(row, me) {
  const symbol = { bot: "bot", queued: "clock", assigned: "person", resolved: "check" }[row.status];
  return [
    h("span", { class: "status", "data-status": row.status }, icon(symbol), h("span", { class: "clipped" }, whoHasIt(row, me))),
    priorityMark(row),
    snoozeChip(row),
    ...clockChips(row, 2),
    row.waiting_since && !row.reply_due_at && !row.snoozed_until && row.status !== "resolved" && waitElement(row.waiting_since),
    blockedChip(row),
    h("span", { class: "quiet channel" }, channelMark(row.channel), h("span", { class: "clipped" }, row.channel.name)),
    ...labelChips(row.labels, 4),
  ];
}

let shownViewers = "";

/** @param {State} state */
function renderViewers(state) {
  const others = state.viewers.filter(({ id }) => id !== state.me.id);
  const key = JSON.stringify(others);
  if (key === shownViewers) return;
  shownViewers = key;
  fill(byId("viewers"), ...(others.length ? [
    gettext("Also here:"),
    ...others.map((agent) => h("span", { class: "viewer" },
      h("span", { class: "avatar small", "aria-hidden": "true" }, initials(agent.name)),
      agent.typing ? interpolate(gettext("%(name)s (typing)"), agent, true) : agent.name,
    )),
  ] : []));
}

/** @param {State} state */
export function renderCustomerTyping(state) {
  const row = openRow(state);
  const name = state.customerTyping || (row ? nameOf(row.contact) : gettext("Visitor"));
  const text = state.customerTyping === null ? "" : interpolate(gettext("%(name)s is typing"), { name }, true);
  const place = byId("customer-typing");
  if (place.textContent !== text) fill(place, text);
}
