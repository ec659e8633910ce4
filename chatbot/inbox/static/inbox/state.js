// The page's state, and how each event changes it. Pure: no requests, no elements.

import { askedBy, keyOf } from "./asked.js";
import { emptyList, placeChecked, placePage, placeRow, VIEWS, withShown } from "./lists.js";

/**
 * @param {Boot} boot
 * @param {Pending[]} outbox left over from before a reload
 * @param {string} query the address's, which may ask for a list
 * @returns {State}
 */
export function initialState(boot, outbox, query) {
  const asked = askedBy(query);
  const view = asked ? keyOf(asked) : boot.me.counts.queue === 0 && boot.me.counts.mine > 0 ? "mine" : "queue";
  const interrupted = gettext("The page was closed before this was sent.");
  return {
    me: boot.me,
    agents: [],
    topics: [],
    connection: "connecting",
    view,
    savedViews: [],
    choices: { labels: [], channels: [], languages: [] },
    rows: {},
    lists: withShown(Object.fromEntries(VIEWS.map((one) => [one, emptyList()])), view),
    open: boot.conversation,
    detail: null,
    detailError: "",
    threads: {},
    outbox: outbox.map((pending) => ({ ...pending, error: pending.error ?? interrupted })),
    viewers: [],
    customerTyping: null,
    atWork: 0,
    busy: false,
    drafted: [],
    offer: null,
    gist: null,
  };
}

/**
 * @param {State} state
 * @param {number} atWork how many deeds are on their way
 * @returns {State}
 */
function atWorkNow(state, atWork) {
  return { ...state, atWork, busy: atWork > 0 };
}

/** @type {Set<DeliveryState>} */
const ARRIVED = new Set(["sent", "delivered"]);
/** @type {DeliveryState} */
const READ = "read";

/** @type {Thread} */
export const EMPTY_THREAD = { messages: [], hasMore: false, load: "loading", older: "ready", error: "" };

/**
 * @param {State} state
 * @param {StateEvent} event
 * @returns {State}
 */
export function reduce(state, event) {
  switch (event.type) {
    case "me": return { ...state, me: event.me };
    case "presence": return { ...state, me: { ...state.me, presence: event.presence } };
    case "counts": return { ...state, me: { ...state.me, counts: event.counts } };
    case "agents": return agentsCame(state, event.agents);
    case "topics": return { ...state, topics: event.topics };
    case "connection": return { ...state, connection: event.connection };
    case "view": return { ...state, view: event.view, lists: withShown(state.lists, event.view) };
    case "saved-views": return { ...state, savedViews: event.views };
    case "choices": return { ...state, choices: event.choices };
    case "list-loading": return withList(state, event.view, { load: "loading", error: "" });
    case "list-failed": return withList(state, event.view, { load: "failed", error: event.error });
    case "list-page": {
      const rows = withRows(state, event.page.results);
      const list = placePage(state.lists[event.view] ?? emptyList(), event.view, rows, event.page, event.fresh, state.savedViews);
      return { ...state, rows, lists: { ...state.lists, [event.view]: list } };
    }
    case "list-checked": {
      if (!state.lists[event.view]) return state;
      const rows = withRows(state, event.page.results);
      const list = placeChecked(state.lists[event.view], event.view, rows, event.asked, event.page.results, event.page.snippets ?? {}, state.savedViews);
      return { ...state, rows, lists: { ...state.lists, [event.view]: list } };
    }
    case "row": return rowCame(state, event.row);
    case "open": return { ...state, open: event.id, detail: null, detailError: "", viewers: [], customerTyping: null, offer: null, gist: null };
    case "detail": return detailCame(state, event.detail);
    case "detail-failed": return event.id === state.open ? { ...state, detailError: event.error } : state;
    case "thread-loading":
      return withThread(state, event.id, event.older ? { older: "loading", error: "" } : { load: "loading", error: "" });
    case "thread-failed":
      return withThread(state, event.id, { [event.older ? "older" : "load"]: "failed", error: event.error });
    case "thread-page": {
      const thread = state.threads[event.id] ?? EMPTY_THREAD;
      return withThread(withoutSent(state, event.messages), event.id, {
        messages: merge(thread.messages.filter(({ id }) => !event.instead?.includes(id) || event.messages.some((one) => one.id === id)), event.messages),
        hasMore: event.hasMore ?? thread.hasMore,
        load: "ready", older: "ready", error: "",
      });
    }
    case "thread-gone": return { ...state, threads: Object.fromEntries(Object.entries(state.threads).filter(([id]) => Number(id) !== event.id)) };
    case "message": return messageCame(state, event.id, event.message);
    case "seen": return seenCame(state, event.id, event.message);
    case "pending": {
      const others = state.outbox.filter(({ clientId }) => clientId !== event.pending.clientId);
      return { ...state, outbox: [...others, event.pending] };
    }
    case "pending-failed": {
      const failed = (/** @type {Pending} */ pending) =>
        pending.clientId === event.clientId ? { ...pending, error: event.error, code: event.code } : pending;
      return { ...state, outbox: state.outbox.map(failed) };
    }
    case "pending-gone": return { ...state, outbox: state.outbox.filter(({ clientId }) => clientId !== event.clientId) };
    case "viewers": return event.id === state.open ? { ...state, viewers: event.agents } : state;
    case "customer-typing": return event.id === state.open ? { ...state, customerTyping: event.name } : state;
    case "drafted": return draftedCame(state, event.ids);
    case "mentions": return { ...state, me: { ...state.me, mentions: event.unseen } };
    case "offer": return event.id === state.open ? { ...state, offer: event.offer } : state;
    case "gist": return event.id === state.open ? { ...state, gist: event.gist } : state;
    case "busy": return atWorkNow(state, state.atWork + (event.busy ? 1 : -1));
  }
}

/**
 * @param {State} state
 * @param {Row[]} more
 */
function withRows(state, more) {
  const rows = { ...state.rows };
  for (const row of more) rows[row.id] = marked(row, state.drafted);
  return rows;
}

/**
 * @param {State} state
 * @param {View} view
 * @param {Partial<List>} change
 * @returns {State}
 */
function withList(state, view, change) {
  return { ...state, lists: { ...state.lists, [view]: { ...(state.lists[view] ?? emptyList()), ...change } } };
}

/**
 * @param {State} state
 * @param {number} id
 * @param {Partial<Thread>} change
 * @returns {State}
 */
function withThread(state, id, change) {
  const thread = { ...(state.threads[id] ?? EMPTY_THREAD), ...change };
  return { ...state, threads: { ...state.threads, [id]: thread } };
}

/**
 * @param {State} state
 * @param {Agent[]} agents
 * @returns {State}
 */
function agentsCame(state, agents) {
  const mine = agents.find(({ id }) => id === state.me.id);
  if (!mine) return { ...state, agents };
  // Offline is how others see a lost connection; one's own choice outlives it.
  const presence = mine.presence === "offline" ? state.me.presence : mine.presence;
  return { ...state, agents, me: { ...state.me, presence, open: mine.open, capacity: mine.capacity } };
}

/**
 * @param {Row} row
 * @param {number[]} drafted
 * @returns {Row}
 */
function marked(row, drafted) {
  const draft = drafted.includes(row.id);
  return Boolean(row.draft) === draft ? row : { ...row, draft };
}

/**
 * In which conversations this agent has begun to write.
 * @param {State} state
 * @param {number[]} ids
 * @returns {State}
 */
function draftedCame(state, ids) {
  const rows = Object.values(state.rows).map((row) => [row.id, marked(row, ids)]);
  return { ...state, drafted: ids, rows: Object.fromEntries(rows) };
}

/**
 * @param {State} state
 * @param {Row} came
 * @returns {State}
 */
function rowCame(state, came) {
  const row = marked(inOwnWords(state.rows[came.id], came), state.drafted);
  const rows = { ...state.rows, [row.id]: row };
  const { detail } = state;
  return {
    ...state,
    rows,
    lists: placeRow(state.lists, rows, row, state.me.id, state.savedViews),
    detail: detail?.id === row.id ? { ...detail, ...row, contact: { ...detail.contact, ...row.contact } } : detail,
  };
}

/**
 * A row that comes live is in the server's language; what this agent's own requests brought is not.
 * @param {Row | undefined} known
 * @param {Row} row
 * @returns {Row}
 */
function inOwnWords(known, row) {
  if (!known) return row;
  const reason_text = known.reason === row.reason ? known.reason_text : row.reason_text;
  const topic = known.topic?.slug === row.topic?.slug ? known.topic : row.topic;
  return { ...row, reason_text, topic };
}

/**
 * @param {State} state
 * @param {Detail} detail
 * @returns {State}
 */
function detailCame(state, detail) {
  if (detail.id !== state.open) return state;
  const viewers = state.viewers.length ? state.viewers : detail.viewers.map((agent) => ({ ...agent, typing: false }));
  return { ...state, detail, viewers, detailError: "" };
}

/**
 * @param {State} state
 * @param {number} id
 * @param {Message} message
 * @returns {State}
 */
function messageCame(state, id, message) {
  let next = answeredBy(withoutSent(state, [message]), id, message);
  if (next.threads[id]) {
    // That it left may come after word that it was read.
    const { messages, seen } = next.threads[id];
    next = withThread(next, id, { messages: merge(messages, [readUpTo(message, seen ?? 0)]) });
  }
  const endsTyping = id === next.open && message.author.kind === "contact";
  return endsTyping ? { ...next, customerTyping: null } : next;
}

/**
 * Once the agent has said something, nobody counts the time.
 * @param {State} state
 * @param {number} id
 * @param {Message} message
 * @returns {State}
 */
function answeredBy(state, id, message) {
  const { detail, threads } = state;
  if (detail?.id !== id || !detail.assignment?.answer_by || message.author.kind !== "agent" || message.kind !== "text") return state;
  const known = threads[id]?.messages.some((one) => one.id === message.id); // that an old one left is no answer
  return known ? state : { ...state, detail: { ...detail, assignment: { ...detail.assignment, answer_by: null } } };
}

/**
 * The customer has seen, on the website, everything up to a message.
 * @param {State} state
 * @param {number} id
 * @param {number} upTo
 * @returns {State}
 */
function seenCame(state, id, upTo) {
  const thread = state.threads[id];
  if (!thread) return state;
  const seen = Math.max(thread.seen ?? 0, upTo);
  return withThread(state, id, { seen, messages: thread.messages.map((message) => readUpTo(message, seen)) });
}

/**
 * @param {Message} message
 * @param {number} upTo
 * @returns {Message}
 */
function readUpTo(message, upTo) {
  const deliveries = message.deliveries.map((one) => (one.channel.kind === "website" && ARRIVED.has(one.state) ? { ...one, state: READ } : one));
  const changed = message.id <= upTo && deliveries.some((one, index) => one !== message.deliveries[index]);
  return changed ? { ...message, deliveries, delivery: message.delivery === "failed" ? message.delivery : deliveries[0].state } : message;
}

/**
 * @param {State} state
 * @param {Message[]} messages
 * @returns {State}
 */
function withoutSent(state, messages) {
  if (!state.outbox.length) return state;
  const recorded = new Set(messages.map((message) => message.client_id));
  const outbox = state.outbox.filter(({ clientId }) => !recorded.has(clientId));
  return outbox.length === state.outbox.length ? state : { ...state, outbox };
}

/**
 * By id, each once, the newer version of it; one that is the same stays the same object.
 * @param {Message[]} known
 * @param {Message[]} more
 */
function merge(known, more) {
  const byId = new Map(known.map((message) => [message.id, message]));
  for (const message of more) {
    if (JSON.stringify(byId.get(message.id)) !== JSON.stringify(message)) byId.set(message.id, message);
  }
  return [...byId.values()].sort((a, b) => a.id - b.id);
}

/**
 * How many customers wait for this agent: in the queue, or for an answer of theirs.
 * @param {State} state
 */
export function waitingCount(state) {
  const mine = state.lists.mine.ids.filter((id) => state.rows[id].waiting_since);
  return state.me.counts.queue + mine.length;
}

/**
 * What is known of the open conversation: its detail, or its row until that came.
 * @param {State} state
 * @returns {Row | null}
 */
export function openRow(state) {
  if (state.open === null) return null;
  return state.detail ?? state.rows[state.open] ?? null;
}
