// What was begun to be written: kept here at once, and on the server a moment later, so that it is
// there again in another browser. Of two windows neither writes over what it has not shown.

import { ApiError } from "./api.js";
import { drafts as kept } from "./memory.js";

/** @import { Api } from "./api.js"; */
/** @typedef {ReturnType<typeof createDrafts>} Drafts */

/**
 * @typedef {{
 *   text: string, files: Attachment[], version: number, changed: boolean, saving: string | null,
 *   sent: string | null, timer: number, other: KeptDraft | null, known: boolean,
 * }} Entry
 * `saving`: the text on its way; `sent`: what left as a message; `other`: what another window has made of it
 */

const SAVE_AFTER = 1_000;
const AGAIN_AFTER = 4_000; // while the server does not answer

/**
 * @param {Api} api
 * @param {{changed: (conversation: number, kind: SendKind) => void, drafted: (ids: number[]) => void}} tell
 */
export function createDrafts(api, tell) {
  /** @type {Map<string, Entry>} */
  const held = new Map();
  /** @type {Set<number>} */
  let drafted = new Set();

  /**
   * @param {number} conversation
   * @param {SendKind} kind
   * @returns {Entry}
   */
  function entry(conversation, kind) {
    const key = `${conversation}.${kind}`;
    let found = held.get(key);
    if (!found) {
      const text = kept.get(conversation, kind);
      found = { text, files: [], version: 0, changed: text !== "" && !kept.isSaved(conversation, kind), saving: null, sent: null, timer: 0, other: null, known: false };
      held.set(key, found);
    }
    return found;
  }

  /**
   * @param {number} conversation
   * @param {SendKind} kind
   * @param {Entry} one
   * @param {number} [after] milliseconds
   */
  function later(conversation, kind, one, after = SAVE_AFTER) {
    one.changed = true;
    clearTimeout(one.timer);
    one.timer = window.setTimeout(() => void save(conversation, kind), after);
  }

  /**
   * @param {number} conversation
   * @param {SendKind} kind
   * @param {boolean} [leaving]
   */
  async function save(conversation, kind, leaving = false) {
    const one = entry(conversation, kind);
    clearTimeout(one.timer);
    if (!one.changed || one.other || (one.saving !== null && !leaving)) return;
    const { text, version } = one;
    one.saving = text;
    one.changed = false;
    try {
      const { draft } = await api.keepDraft(conversation, kind, { text, version, attachments: one.files.map(({ id }) => id) }, leaving);
      one.version = draft?.version ?? 0;
      one.known = true;
      kept.setSaved(conversation, kind, one.text === text);
    } catch (error) {
      one.changed = true;
      if (error instanceof ApiError && error.code === "draft_changed" && !leaving) {
        one.saving = null;
        return load(conversation);
      }
      const away = !(error instanceof ApiError) || error.status === 0 || error.status >= 500;
      if (away && !leaving) later(conversation, kind, one, AGAIN_AFTER);
    }
    one.saving = null;
    // Typed, or sent as a message, while it was on its way.
    if (one.changed && one.text !== text) later(conversation, kind, one);
  }

  /** @param {number} conversation */
  async function load(conversation) {
    let found;
    try {
      found = await api.drafts(conversation);
    } catch {
      return; // what is kept here serves meanwhile
    }
    for (const kind of /** @type {SendKind[]} */ (["reply", "note"])) came(conversation, kind, found[kind]);
  }

  /**
   * What the server has now.
   * @param {number} conversation
   * @param {SendKind} kind
   * @param {KeptDraft | null} draft
   */
  function came(conversation, kind, draft) {
    mark(conversation, draft);
    const one = entry(conversation, kind);
    const version = draft?.version ?? 0;
    const text = draft?.text ?? "";
    const first = !one.known;
    one.known = true;
    if (one.saving === text || text === one.text) {
      one.version = version;
      if (text === one.text && one.saving === null) {
        one.changed = false;
        if (draft?.attachments.length && !one.files.length) one.files = draft.attachments;
        if (first) tell.changed(conversation, kind);
      }
      return;
    }
    if (one.saving !== null || version === one.version && !first) return;
    if (one.changed && one.text !== "" && draft && text !== one.sent) {
      one.other = draft;
    } else if (one.changed && (one.text !== "" || one.sent !== null)) {
      one.version = version; // nobody has changed it: what is here is newer
      later(conversation, kind, one);
    } else {
      put(conversation, kind, text, draft?.attachments ?? []);
      one.version = version;
    }
    tell.changed(conversation, kind);
  }

  /**
   * @param {number} conversation
   * @param {SendKind} kind
   * @param {string} text
   * @param {Attachment[]} files
   */
  function put(conversation, kind, text, files) {
    const one = entry(conversation, kind);
    Object.assign(one, { text, files, changed: false, other: null });
    kept.set(conversation, kind, text);
    kept.setSaved(conversation, kind, true);
  }

  /**
   * @param {number} conversation
   * @param {KeptDraft | null} draft
   */
  function mark(conversation, draft) {
    if (draft && !drafted.has(conversation)) tell.drafted([...drafted.add(conversation)]);
    else if (!draft && drafted.has(conversation)) void list();
  }

  async function list() {
    try {
      drafted = new Set((await api.drafted()).conversations);
      tell.drafted([...drafted]);
    } catch {
      // The marks stay as they were.
    }
  }

  /** @param {boolean} leaving */
  function saveAll(leaving) {
    for (const key of held.keys()) {
      const [conversation, kind] = key.split(".");
      void save(Number(conversation), /** @type {SendKind} */ (kind), leaving);
    }
  }

  window.addEventListener("pagehide", () => saveAll(true));
  document.addEventListener("visibilitychange", () => document.hidden && saveAll(true));

  return {
    load, list, came,

    /** Keeps what could not be kept while the server was away. */
    again: () => saveAll(false),

    /** @param {number} conversation @param {SendKind} kind */
    get: (conversation, kind) => entry(conversation, kind).text,

    /** @param {number} conversation @param {SendKind} kind what another window has made of it */
    other: (conversation, kind) => entry(conversation, kind).other,

    /** @param {number} conversation */
    files: (conversation) => entry(conversation, "reply").files,

    /**
     * @param {number} conversation
     * @param {SendKind} kind
     * @param {string} text
     */
    typed(conversation, kind, text) {
      const one = entry(conversation, kind);
      if (one.text === text) return;
      one.text = text;
      kept.set(conversation, kind, text);
      kept.setSaved(conversation, kind, false);
      later(conversation, kind, one);
    },

    /**
     * @param {number} conversation
     * @param {Attachment[]} files
     */
    attached(conversation, files) {
      const one = entry(conversation, "reply");
      const ids = (/** @type {Attachment[]} */ list) => list.map(({ id }) => id).join();
      if (ids(files) === ids(one.files)) return;
      one.files = files;
      later(conversation, "reply", one);
    },

    /**
     * It left as a message, and the server forgets the draft with it.
     * @param {number} conversation
     * @param {SendKind} kind
     */
    sent(conversation, kind) {
      const one = entry(conversation, kind);
      clearTimeout(one.timer);
      one.sent = one.text;
      // What is on its way arrives after the message, perhaps: then it is emptied again.
      Object.assign(one, { text: "", files: [], changed: one.saving !== null, other: null });
      kept.set(conversation, kind, "");
    },

    /**
     * @param {number} conversation
     * @param {SendKind} kind
     * @param {boolean} theirs whether the other window's is kept
     */
    settle(conversation, kind, theirs) {
      const one = entry(conversation, kind);
      if (!one.other) return;
      const { version, text, attachments } = one.other;
      if (theirs) put(conversation, kind, text, attachments);
      one.version = version;
      one.other = null;
      if (!theirs) later(conversation, kind, one);
      tell.changed(conversation, kind);
    },
  };
}
