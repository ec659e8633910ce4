// What the widget knows, and how it changes: no DOM, no clock, no network.
/** @type {State} */
export const initial = {
  visitor: null,
  site: null,
  conversation: null,
  messages: [],
  outbox: [],
  typing: null,
  draft: "",
  open: false,
  visible: true,
  seen: 0,
  synced: false,
  link: "idle",
};

/** @type {Reduce} */
export function reduce(state, event) {
  switch (event.type) {
    case "site":
      return { ...state, site: event.site };
    case "visitor":
      return meet(state, event.visitor);
    case "ready":
      return { ...meet(state, event.visitor), conversation: event.conversation };
    case "history":
      return {
        ...merge(state, event.messages),
        conversation: event.conversation,
        synced: state.synced || !event.has_more,
      };
    case "ack":
    case "message":
      return merge(state, [event.message]);
    case "typing":
      return { ...state, typing: event.author, draft: "" };
    case "draft":
      return { ...state, typing: event.author, draft: event.text };
    case "conversation":
      return { ...state, conversation: event.conversation, typing: null };
    case "outbox":
      return withoutRecorded({ ...state, outbox: event.items });
    case "open":
      return { ...state, open: event.open };
    case "visible":
      return { ...state, visible: event.visible };
    case "seen":
      return { ...state, seen: Math.max(state.seen, event.id) };
    case "link":
      return { ...state, link: event.link, typing: null };
    default:
      return state; // of a newer server
  }
}

/** @param {State} state @param {Visitor} visitor @returns {State} */
function meet(state, visitor) {
  if (state.visitor === null || state.visitor === visitor) return { ...state, visitor };
  const { site, outbox, open, visible, link } = state;
  return { ...initial, site, outbox, open, visible, link, visitor };
}

/** @param {State} state @param {Message[]} messages */
function merge(state, messages) {
  const byId = new Map([...state.messages, ...messages].map((message) => [message.id, message]));
  const { typing } = state;
  const wrote = messages.some(({ author }) => author.kind === typing?.kind && author.name === typing.name);
  return withoutRecorded({
    ...state,
    messages: [...byId.values()].sort((a, b) => a.id - b.id),
    typing: wrote ? null : typing,
  });
}

/** @param {State} state @returns {State} */
function withoutRecorded(state) {
  const recorded = new Set(state.messages.map((message) => message.client_id));
  return { ...state, outbox: state.outbox.filter((item) => !recorded.has(item.client_id)) };
}

/** @param {State} state */
export const lastId = (state) => state.messages.at(-1)?.id ?? 0;

/** @param {State} state */
export const isReading = (state) => state.open && state.visible;

/** @param {State} state */
export const countUnread = (state) =>
  isReading(state) ? 0 : state.messages.filter(({ id, author }) => id > state.seen && /bot|agent/.test(author.kind)).length;

/** @param {State} state */
export const mayAskForHuman = ({ conversation, outbox }) =>
  !/queued|assigned/.test(conversation?.status ?? "") && !outbox.some((item) => item.intent === "human" && !item.error);

/** The flow as it is shown. @param {State} state */
export function rowsOf(state) {
  /** @type {{message: Message, pending?: Pending}[]} */
  const entries = state.messages.map((message) => ({ message }));
  for (const pending of state.outbox) entries.push({ message: asMessage(pending), pending });
  /** @type {Row[]} */
  const rows = [];
  let today = "";
  entries.forEach(({ message, pending }, index) => {
    const day = new Date(message.at).toDateString();
    if (day !== today) rows.push({ key: day, day: message.at, first: true, last: true });
    today = day;
    rows.push({
      // acknowledged, it keeps its element
      key: (message.author.kind === "contact" && message.client_id) || String(message.id),
      message,
      pending,
      first: group(entries[index - 1]?.message) !== group(message),
      last: group(entries[index + 1]?.message) !== group(message),
    });
  });
  return rows;
}

/** @param {Message | undefined} message */
const group = (message) =>
  message &&
  [message.kind === "notice" && message.id, message.author.kind, message.author.name, new Date(message.at).setSeconds(0, 0)].join();

/** @param {Pending} pending @returns {Message} */
const asMessage = ({ client_id, text, attachments, at }) => ({
  id: 0,
  client_id,
  author: { kind: "contact", name: "" },
  kind: "text",
  text,
  html: null,
  citations: [],
  quick_replies: [],
  attachments,
  language: "",
  at: new Date(at).toISOString(),
});

export const MAX_LENGTH = 4000;

/** As the server counts: code points. @param {string} text */
export const countCharacters = (text) => [...text].length;

/** Without what the server refuses: control characters and half surrogate pairs. @param {string} text */
export const clean = (text) =>
  text
    .replace(/\r\n?/g, "\n")
    .replace(/(?![\n\t])[\p{Cc}\p{Cs}]/gu, "")
    .trim();
