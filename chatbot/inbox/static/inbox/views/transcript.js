// The messages of the open conversation. The reader's place in it never moves by itself.

import { byId, fill, h, keyed } from "../dom.js";
import { icon } from "../icons.js";
import { EMPTY_THREAD, openRow } from "../state.js";
import { dayName } from "../time.js";
import { nameOf } from "../words.js";
import { buildMessage, buildPending, useNames } from "./message.js";
import { failure } from "./rows.js";

/** @import { Actions } from "../actions.js"; */
/** @import { Who } from "./message.js"; */

/**
 * @typedef {{key: string, day: string}
 *   | {key: string, message: Message, first: boolean, last: boolean}
 *   | {key: string, pending: Pending, first: boolean}} Item
 */

const NEAR_END = 60;
const NEAR_START = 300;

/**
 * @param {Actions} actions
 * @param {string} stylesheet of letters
 * @param {(pending: Pending) => void} edit puts a failed message's text back into the composer
 */
export function createTranscript(actions, stylesheet, edit) {
  const scroller = byId("transcript");
  const log = byId("log");
  const top = byId("transcript-top");
  const pill = byId("new-pill");
  /** @type {Who} */
  let who = { me: 0, customer: "", channel: null, conversation: null };
  /** @type {number | null} */
  let shown = null;
  let atEnd = true;
  let height = 0; // px, as the observer below last saw it
  let unread = 0;
  /** @type {unknown[]} */
  let drawn = [];

  const patch = keyed(log, {
    /** @param {Item} item */
    key: (item) => item.key,
    same: sameItem,
    build: (item) => build(item),
  });

  const run = {
    stylesheet,
    more: actions.more,
    /** @param {number} id */
    resend: (id) => void (shown !== null && actions.resend(shown, id)),
  };

  /** @param {Item} item */
  function build(item) {
    if ("day" in item) return h("h3", { class: "day" }, item.day);
    if ("message" in item) return buildMessage(item.message, item, who, run);
    const { pending } = item;
    return buildPending(pending, item.first, { again: () => actions.deliver({ ...pending, anyway: pending.code?.startsWith("colleague_") }), edit: () => edit(pending) });
  }

  scroller.addEventListener("scroll", () => {
    // Less room is not the reader's doing: the observer, which comes after this, sees to it.
    if (scroller.clientHeight === height) {
      atEnd = scroller.scrollHeight - scroller.scrollTop - height < NEAR_END;
    }
    if (atEnd) clearPill();
    if (shown !== null && scroller.scrollTop < NEAR_START) actions.loadOlder(shown);
  });
  // The composer grows and the brief unfolds: who was at the end stays there.
  new ResizeObserver(() => {
    height = scroller.clientHeight;
    if (atEnd) toEnd();
  }).observe(scroller);
  pill.addEventListener("click", toEnd);

  function toEnd() {
    scroller.scrollTop = scroller.scrollHeight;
    atEnd = true;
    clearPill();
  }

  function clearPill() {
    unread = 0;
    pill.hidden = true;
  }

  /** @param {State} state */
  function render(state) {
    const { open } = state;
    const thread = open === null ? EMPTY_THREAD : state.threads[open] ?? EMPTY_THREAD;
    const inputs = [open, thread, state.outbox];
    if (inputs.every((input, index) => input === drawn[index])) return;
    const before = /** @type {Thread | undefined} */ (drawn[1]);
    const changed = open !== shown;
    drawn = inputs;
    shown = open;
    const row = openRow(state);
    useNames(state.agents.map(({ name }) => name));
    who = { me: state.me.id, customer: row ? nameOf(row.contact) : gettext("Visitor"), channel: row?.channel ?? null, conversation: open };

    // A first page or an older one is not news, and must not be read out.
    const live = !changed && thread.load === "ready" && thread.messages[0]?.id === before?.messages[0]?.id;
    log.setAttribute("aria-live", live ? "polite" : "off");
    log.setAttribute("aria-busy", String(thread.load === "loading"));
    const keep = changed ? null : anchor();
    const pending = state.outbox.filter(({ conversation }) => conversation === open);
    renderTop(thread);
    patch(items(thread.messages, pending, state.me));

    const last = thread.messages.at(-1);
    const news = live && last && last.id !== before?.messages.at(-1)?.id;
    const ownSending = live && pending.some(({ error }) => error === null);
    if (changed || atEnd || ownSending) toEnd();
    else if (keep) scroller.scrollTop += keep.element.getBoundingClientRect().top - keep.at;
    if (news && !atEnd && last.author.id !== who.me) showPill();
  }

  function showPill() {
    unread += 1;
    fill(pill, icon("down"), interpolate(ngettext("%(unread)s new message", "%(unread)s new messages", unread), { unread }, true));
    pill.hidden = false;
  }

  /** The first message in sight, which must stay where it is. */
  function anchor() {
    const edge = scroller.getBoundingClientRect().top;
    for (const element of log.children) {
      const { top: at, bottom } = element.getBoundingClientRect();
      if (bottom > edge && !element.classList.contains("day")) return { element, at };
    }
    return null;
  }

  /** @param {Thread} thread */
  function renderTop(thread) {
    const id = shown;
    if (id === null) return fill(top);
    if (thread.load === "failed") return fill(top, failure(thread.error, () => void actions.loadThread(id)));
    if (thread.older === "failed") return fill(top, failure(thread.error, () => actions.loadOlder(id)));
    if (thread.load === "loading" && !thread.messages.length) return fill(top, ...skeletons());
    if (!thread.messages.length) return fill(top, h("p", { class: "quiet centre" }, gettext("No messages yet.")));
    if (!thread.hasMore) return fill(top);
    const older = h("button", { type: "button", class: "more", on: { click: () => actions.loadOlder(id) } }, gettext("Older messages"));
    older.disabled = thread.older === "loading";
    return fill(top, older);
  }

  return { render, toEnd };
}

/**
 * @param {Message[]} messages
 * @param {Pending[]} pending
 * @param {{id: number, name: string}} me
 * @returns {Item[]}
 */
function items(messages, pending, me) {
  /** @type {Item[]} */
  const list = [];
  let day = "";
  /** @type {Sender | null} */
  let previous = null;
  for (const message of messages) {
    const its = new Date(message.at).toDateString();
    if (its !== day) {
      list.push({ key: `day ${its}`, day: dayName(message.at) });
      day = its;
      previous = null;
    }
    const first = !previous || !sameGroup(previous, message);
    const before = list.at(-1);
    if (!first && before && "message" in before) before.last = before.message.delivery !== message.delivery;
    list.push({ key: `message ${message.id}`, message, first, last: true });
    previous = message;
  }
  for (const each of pending) {
    // Stands as it will when it is recorded, so that nothing moves then.
    const own = { author: { kind: "agent", id: me.id }, kind: each.kind === "note" ? "note" : "text", at: each.at, conversation: each.conversation };
    list.push({ key: `pending ${each.clientId}`, pending: each, first: !previous || !sameGroup(previous, own) });
    previous = own;
  }
  return list;
}

/** @typedef {{author: {kind: string, id?: number | null}, kind: string, at: string, conversation: number}} Sender */

/**
 * Whether two messages are of one author, kind and minute.
 * @param {Sender} a
 * @param {Sender} b
 */
function sameGroup(a, b) {
  return a.kind === b.kind && a.author.kind === b.author.kind && (a.author.id ?? null) === (b.author.id ?? null)
    && a.at.slice(0, 16) === b.at.slice(0, 16) && a.conversation === b.conversation;
}

/**
 * @param {Item} a
 * @param {Item} b
 */
function sameItem(a, b) {
  if ("day" in a) return "day" in b && a.day === b.day;
  if ("message" in a) return "message" in b && a.message === b.message && a.first === b.first && a.last === b.last;
  return "pending" in b && a.pending === b.pending && a.first === b.first;
}

function skeletons() {
  return ["theirs", "ours", "theirs"].map((side) =>
    h("div", { class: "message", "data-side": side, "aria-hidden": "true" }, h("div", { class: "bubble skeleton-bubble" })));
}
