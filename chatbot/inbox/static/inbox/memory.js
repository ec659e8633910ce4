// What the browser remembers. Storage may be full or forbidden: then the page's memory serves.

/** @type {Map<string, string>} */
const held = new Map();

/**
 * @param {"sessionStorage" | "localStorage"} where
 * @param {string} key
 * @returns {string}
 */
function read(where, key) {
  const value = held.get(key);
  if (value !== undefined) return value;
  try {
    return window[where].getItem(key) ?? "";
  } catch {
    return "";
  }
}

/**
 * @param {"sessionStorage" | "localStorage"} where
 * @param {string} key
 * @param {string} value
 */
function write(where, key, value) {
  held.set(key, value);
  try {
    if (value) window[where].setItem(key, value);
    else window[where].removeItem(key);
  } catch {
    // Kept in `held`.
  }
}

/**
 * @param {number} conversation
 * @param {SendKind} kind
 */
const draftKey = (conversation, kind) => `svar.inbox.draft.${conversation}.${kind}`;

/** Text that was begun, by conversation and kind. */
export const drafts = {
  /** @param {number} conversation @param {SendKind} kind */
  get: (conversation, kind) => read("sessionStorage", draftKey(conversation, kind)),
  /** @param {number} conversation @param {SendKind} kind @param {string} text */
  set: (conversation, kind, text) => write("sessionStorage", draftKey(conversation, kind), text),
  /** Whether the server has it. @param {number} conversation @param {SendKind} kind */
  isSaved: (conversation, kind) => read("sessionStorage", `${draftKey(conversation, kind)}.saved`) === "yes",
  /** @param {number} conversation @param {SendKind} kind @param {boolean} saved */
  setSaved: (conversation, kind, saved) => write("sessionStorage", `${draftKey(conversation, kind)}.saved`, saved ? "yes" : ""),
};

const OUTBOX = "svar.inbox.outbox";

/** Messages that the server has not confirmed, so that a reload doesn't lose them. */
export const outbox = {
  /** @returns {Pending[]} */
  get() {
    try {
      return JSON.parse(read("sessionStorage", OUTBOX) || "[]");
    } catch {
      return [];
    }
  },
  /** @param {Pending[]} pending */
  set: (pending) => write("sessionStorage", OUTBOX, pending.length ? JSON.stringify(pending) : ""),
};

/**
 * A yes or no that the agent chose for this browser. early.js reads the person pane's.
 * @param {"person-folded" | "keys-off" | "brief-folded" | "offer-folded"} name
 */
export function choice(name) {
  const key = `svar.inbox.${name}`;
  return {
    get: () => read("localStorage", key) === "yes",
    /** @param {boolean} value */
    set: (value) => write("localStorage", key, value ? "yes" : ""),
  };
}

const USED = "svar.inbox.used";

/** How often each command was chosen in this browser, and when last. */
export const usage = {
  /** @returns {Record<string, [number, number]>} */
  get() {
    try {
      return JSON.parse(read("localStorage", USED) || "{}");
    } catch {
      return {};
    }
  },
  /** @param {string} id */
  add(id) {
    const used = usage.get();
    used[id] = [(used[id]?.[0] ?? 0) + 1, Date.now()];
    write("localStorage", USED, JSON.stringify(used));
  },
};
