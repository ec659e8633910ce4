// The left pane: the views as tabs, and their conversations as rows.

import { byId, fill, h, keyed } from "../dom.js";
import { icon } from "../icons.js";
import { askedOf, narrowing } from "../asked.js";
import { ageElement, compact, percent, waitElement } from "../time.js";
import { nameOf, previewLine, whoHasIt } from "../words.js";
import { blockedChip, clockChips, labelChips, snoozeChip } from "./chips.js";
import { selectBox } from "./deeds/selecting.js";
import { channelMark, priorityMark, vipMark } from "./marks.js";

/** @import { Actions } from "../actions.js"; */
/** @typedef {{row: Row, snippet: Piece[] | undefined}} Item */

/** Those that are tabs; the others are in a menu, see views-menu.js. */
const TABS = ["queue", "mine", "all", "failed"];

/**
 * @param {Actions} actions
 * @param {(id: number) => string} address
 * @param {() => void} clear takes every filter away
 */
export function createRows(actions, address, clear) {
  const list = byId("rows");
  const panel = byId("rows-panel");
  const foot = byId("rows-foot");
  const tabs = TABS.map((view) => byId(`view-${view}`));
  let me = 0;
  /** @type {View} */
  let shownView = "queue";
  /** @type {List | null} */
  let shownList = null;
  let lastIndex = 0;

  const patch = keyed(list, {
    /** @param {Item} item */
    key: ({ row }) => `${shownView} ${row.id}`,
    same: (a, b) => a.row === b.row && a.snippet === b.snippet,
    build: ({ row, snippet }) => buildRow(row, shownView, me, address(row.id), snippet),
  });

  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => actions.showView(TABS[index]));
    tab.addEventListener("keydown", ({ key }) => {
      const step = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
      if (!step) return;
      let next = (index + step + TABS.length) % TABS.length;
      while (tabs[next].hidden) next = (next + step + TABS.length) % TABS.length;
      tabs[next].focus();
      actions.showView(TABS[next]);
    });
  });

  const scroller = byId("rows-scroll");
  scroller.addEventListener("scroll", () => {
    const rest = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
    if (rest < 400) actions.loadMore(shownView);
  });

  /** @param {State} state */
  function render(state) {
    me = state.me.id;
    const { view } = state;
    const current = state.lists[view];
    if (view !== shownView) scroller.scrollTop = 0;
    const { view: base, saved } = askedOf(view);
    const tabbed = !saved && TABS.includes(base);
    tabs.forEach((tab, index) => {
      const selected = tabbed && TABS[index] === base;
      tab.setAttribute("aria-selected", String(selected));
      tab.tabIndex = selected || (!tabbed && index === 0) ? 0 : -1;
      const count = compact(state.me.counts[TABS[index]]);
      const place = byId(`count-${TABS[index]}`);
      if (place.textContent !== count) fill(place, count);
    });
    // There only when it has something: else it would be one more thing to look at.
    byId("view-failed").hidden = base !== "failed" && !state.me.counts.failed;
    panel.setAttribute("aria-labelledby", tabbed ? `view-${base}` : "views-button");
    shownView = view;
    patch(current.ids.map((id) => ({ row: state.rows[id], snippet: current.snippets[id] })));
    for (const link of list.querySelectorAll("a")) {
      if (Number(link.dataset.id) === state.open) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    const index = current.ids.indexOf(state.open ?? -1);
    if (index >= 0) lastIndex = index;
    if (shownList !== current) {
      shownList = current;
      renderFoot(current, view);
    }
  }

  /**
   * @param {List} current
   * @param {View} view
   */
  function renderFoot(current, view) {
    list.setAttribute("aria-busy", String(current.load === "loading"));
    if (current.load === "failed") fill(foot, failure(current.error, () => void actions.loadList(view)));
    else if (current.load === "loading" && !current.ids.length) fill(foot, ...skeletons());
    else if (current.load === "loading") fill(foot, ...skeletons().slice(0, 1));
    else if (!current.ids.length) fill(foot, empty(view, clear, resolved));
    else if (current.next) {
      fill(foot, h("button", { type: "button", class: "more", on: { click: () => actions.loadMore(view) } }, gettext("Show more")));
    } else fill(foot, showsOpen(view) && h("p", { class: "more-note" }, gettext("These are all that are open."), " ",
      h("button", { type: "button", class: "link", on: { click: resolved } }, gettext("Show the resolved ones"))));
  }

  function resolved() {
    actions.showView("view=all&status=resolved");
  }

  /**
   * Opens the row after or before the open one; when that one left the view, the row in its place.
   * @param {State} state
   * @param {1 | -1} step
   * @param {(id: number) => void} go
   */
  function walk(state, step, go) {
    const { ids } = state.lists[state.view];
    if (!ids.length) return;
    const index = ids.indexOf(state.open ?? -1);
    const wanted = index >= 0 ? index + step : step === 1 ? lastIndex : lastIndex - 1;
    const next = ids[Math.min(Math.max(0, wanted), ids.length - 1)];
    go(next);
    const link = list.querySelector(`a[data-id="${next}"]`);
    if (link instanceof HTMLElement) link.focus();
  }

  return {
    render,
    walk,
    /** Puts the focus on the view that is shown. */
    focusView() {
      (tabs.find((tab) => tab.getAttribute("aria-selected") === "true") ?? byId("views-button")).focus();
    },
  };
}

/**
 * @param {Row} row
 * @param {View} view
 * @param {number} me
 * @param {string} href
 * @param {Piece[]} [snippet] where a search found it
 */
function buildRow(row, view, me, href, snippet) {
  const mixed = !["queue", "mine", "failed"].includes(view);
  return h("li", {}, selectBox(row), h("a", { class: "row", href, "data-id": row.id },
    h("span", { class: "row-head" },
      h("span", { class: "row-name" }, nameOf(row.contact)),
      channelMark(row.channel),
      vipMark(row),
      ageElement(row.last_message_at),
    ),
    h("span", { class: "row-preview" },
      row.subject && !snippet && h("span", { class: "row-subject" }, row.subject), row.subject && !snippet && " ",
      ...(snippet ? snippet.map(({ text, found }) => (found ? h("mark", {}, text) : text)) : [previewLine(row.preview) || " "])),
    h("span", { class: "row-chips" },
      row.draft && h("span", { class: "chip draft-mark" }, icon("pencil"), gettext("Draft")),
      row.failed && h("span", { class: "chip undelivered" }, icon("late"), gettext("Not delivered")),
      priorityMark(row),
      snoozeChip(row),
      ...clockChips(row),
      row.waiting_since && !row.reply_due_at && !row.snoozed_until && row.status !== "resolved" && waitElement(row.waiting_since),
      blockedChip(row),
      ...labelChips(row.labels),
      mixed && h("span", { class: "chip who", "data-status": row.status }, icon(statusIcon(row)), who(row, me)),
      why(row),
      row.confidence !== null && h("span", { class: "chip", "data-tip": gettext("How sure the bot was") },
        mixed ? percent(row.confidence) : sure(row.confidence)),
    ),
  ));
}

/** @param {number} confidence */
function sure(confidence) {
  return interpolate(gettext("%(share)s sure"), { share: percent(confidence) }, true);
}

/** @param {Row} row */
function why(row) {
  const label = row.topic?.name || row.reason_text;
  return label && h("span", { class: "chip topic", "data-tip": row.reason_text || label }, label);
}

/** @param {Row} row */
function statusIcon(row) {
  return { bot: "bot", queued: "clock", assigned: "person", resolved: "check" }[row.status];
}

/**
 * @param {Row} row
 * @param {number} me
 */
function who(row, me) {
  if (row.status === "assigned" && row.assignee) return row.assignee.id === me ? gettext("You") : row.assignee.name;
  if (row.status === "bot") return gettext("Bot");
  if (row.status === "queued") return gettext("Queue");
  return whoHasIt(row, me);
}

/**
 * @param {View} view
 * @param {() => void} clear
 * @param {() => void} resolved shows those
 */
function empty(view, clear, resolved) {
  const asked = askedOf(view);
  const { saved, filters } = asked;
  if (narrowing(asked).length) {
    return h("div", { class: "empty" }, h("h2", {}, gettext("Nothing found")),
      h("p", {}, filters.q ? gettext("No conversation has all of these words. Try fewer, or the beginning of one.") : gettext("No conversation is like this now. When one is, it appears here.")),
      h("p", {}, h("button", { type: "button", on: { click: clear } }, gettext("Clear all"))));
  }
  /** @type {Record<string, [string, string]>} */
  const words = {
    queue: [gettext("Nobody is waiting"), gettext("When the bot hands a conversation over, it appears here. Press T to take it.")],
    mine: [gettext("You have no conversations"), gettext("What you take or are given appears here. Take one from the queue, or stay online.")],
    failed: [gettext("Everything was delivered"), gettext("When a message does not reach its customer, the conversation appears here, and you can send it again.")],
    all: [gettext("No open conversations"), gettext("Every open conversation appears here, also those that the bot answers alone.")],
    mentions: [gettext("Nobody has mentioned you"), gettext("When a colleague writes @ and your name in a note, the conversation appears here.")],
    snoozed: [gettext("Nothing is snoozed"), gettext("What you put off until later waits here, and comes back by itself.")],
  };
  const [title, text] = saved ? [gettext("Nothing here now"), gettext("No conversation is like this now. When one is, it appears here.")] : words[asked.view];
  return h("div", { class: "empty" }, h("h2", {}, title), h("p", {}, text),
    showsOpen(view) && h("p", {}, h("button", { type: "button", on: { click: resolved } }, gettext("Show the resolved ones"))));
}

/**
 * Whether a list is every open conversation, in whichever order.
 * @param {View} view
 */
function showsOpen(view) {
  const asked = askedOf(view);
  return asked.view === "all" && !asked.saved && !narrowing(asked).length;
}

function skeletons() {
  return Array.from({ length: 6 }, () => h("div", { class: "row skeleton", "aria-hidden": "true" }, h("i"), h("i"), h("i")));
}

/**
 * @param {string} detail
 * @param {() => void} again
 */
export function failure(detail, again) {
  return h("div", { class: "failure", role: "alert" },
    h("p", {}, detail), h("button", { type: "button", on: { click: again } }, gettext("Try again")));
}
