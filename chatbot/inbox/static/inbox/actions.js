// What the agent can make happen: requests out, and what comes of them into the store.

import { ApiError } from "./api.js";
import { queryOf } from "./asked.js";
import { createLoading } from "./loading.js";
import { openRow } from "./state.js";
import { isMine, isOthers } from "./words.js";

/** @import { Api } from "./api.js"; */
/** @import { Tell } from "./loading.js"; */
/** @typedef {ReturnType<typeof createActions>} Actions */

const DELIVERED_AFTER = 3_000;

/**
 * @param {Store} store
 * @param {Api} api
 * @param {Tell} tell
 */
export function createActions(store, api, tell) {
  const loading = createLoading(store, api, tell);
  const { attempt, checkDeliveries, loadDetail, loadPage, loadThread, meCame, rowCame } = loading;
  /** Taking and handing back, one after the other; what is asked for meanwhile waits. */
  let line = Promise.resolve(false);
  let underWay = "";

  /**
   * @param {"take" | "hand-back"} deed
   * @returns {Promise<boolean>} whether it was done
   */
  async function act(deed) {
    const { open: id } = store.state;
    const asked = `${deed} ${id}`;
    if (id === null || asked === underWay) return false; // a key pressed twice
    underWay = asked;
    // Over whom, only as far as the agent saw: who was quicker in the meantime keeps it.
    const over = Boolean(openRow(store.state)?.assignee);
    line = line.then(() => actOn(id, deed, over)).finally(() => {
      if (underWay === asked) underWay = "";
    });
    return line;
  }

  /**
   * @param {number} id
   * @param {"take" | "hand-back"} deed
   * @param {boolean} over whether a colleague's is taken
   */
  async function actOn(id, deed, over) {
    let done = false;
    tell.clear();
    store.dispatch({ type: "busy", busy: true });
    try {
      await attempt(async () => {
        rowCame(await (deed === "take" ? api.take(id, over) : api.act(id, deed)));
        done = true;
      }, (detail) => {
        // Somebody else may have been quicker: say so, and show who has it now.
        tell.say(detail);
        void loadDetail(id);
      });
    } finally {
      store.dispatch({ type: "busy", busy: false });
    }
    return done;
  }

  /**
   * @param {number} id
   * @param {() => Promise<Row>} change of who has the conversation
   * @returns {Promise<Row | string>} the conversation after it, or a sentence about why it was not done
   */
  async function move(id, change) {
    /** @type {Row | string} */
    let outcome = "";
    tell.clear();
    store.dispatch({ type: "busy", busy: true });
    try {
      await attempt(async () => {
        const row = await change();
        rowCame(row);
        outcome = row;
      }, (detail) => {
        outcome = detail;
        void loadDetail(id); // shows who has it now
      });
    } finally {
      store.dispatch({ type: "busy", busy: false });
    }
    return outcome;
  }

  /**
   * Corrects what a conversation is about, or how urgent it is.
   * @param {number | null} id
   * @param {{topic?: string, priority?: Priority}} change
   * @returns {Promise<boolean>} whether it was done
   */
  async function classify(id, change) {
    if (id === null) return false;
    let done = false;
    tell.clear();
    await attempt(async () => {
      rowCame(await api.classify(id, change));
      done = true;
    }, (detail) => tell.say(detail, () => void classify(id, change)));
    return done;
  }

  /**
   * @param {SendKind} kind
   * @param {string} text
   * @param {Attachment[]} attachments
   * @param {{mentions?: number[], suggestion?: number}} [more] colleagues named in it, the bot's draft it began with
   */
  function send(kind, text, attachments, more = {}) {
    const { open: conversation } = store.state;
    if (conversation === null || !(text.trim() || attachments.length)) return;
    deliver({ clientId: newId(), conversation, kind, text: text.trim(), attachments, at: new Date().toISOString(), error: null, ...more });
  }

  /** @param {Pending} pending sent again under the same id, so that it can't arrive twice */
  function deliver(pending) {
    const { clientId, conversation, kind, text } = pending;
    const body = kind === "reply" ? replyOf(pending) : { mentions: pending.mentions };
    store.dispatch({ type: "pending", pending: { ...pending, error: null } });
    let code = "";
    void attempt(async () => {
      const { message } = await api.send(conversation, kind, { client_id: clientId, text, ...body }).catch((error) => {
        if (error instanceof ApiError) code = error.code;
        throw error;
      });
      store.dispatch({ type: "message", id: conversation, message });
      store.dispatch({ type: "pending-gone", clientId });
      window.setTimeout(checkDeliveries, DELIVERED_AFTER);
    }, (error) => {
      store.dispatch({ type: "pending-failed", clientId, error, code });
      if (code.startsWith("colleague_")) void loadThread(conversation); // with what they wrote
    });
  }

  /**
   * What goes with a reply: how far the page has followed what colleagues do there.
   * @param {Pending} pending
   */
  function replyOf({ conversation, attachments, anyway, suggestion }) {
    const { threads, viewers, open: shown } = store.state;
    return {
      attachments: attachments?.map(({ id }) => id),
      seen: threads[conversation]?.messages.at(-1)?.id,
      typing: shown === conversation ? viewers.filter(({ typing }) => typing).map(({ id }) => id) : [],
      anyway,
      suggestion,
    };
  }

  /**
   * Tries again to send what did not reach the customer.
   * @param {number} conversation
   * @param {number} id
   */
  function resend(conversation, id) {
    return attempt(async () => {
      store.dispatch({ type: "message", id: conversation, message: await api.resend(id) });
      window.setTimeout(checkDeliveries, DELIVERED_AFTER);
    });
  }

  /**
   * @param {File} file
   * @returns {Promise<Attachment | string>} what came of it, or a sentence about why nothing did
   */
  async function upload(file) {
    /** @type {Attachment | string} */
    let outcome = "";
    await attempt(async () => void (outcome = await api.upload(file)), (detail) => (outcome = detail));
    return outcome;
  }

  /** @param {number} id what is not removed now goes by itself after a day */
  function discardFile(id) {
    void attempt(async () => void (await api.discardFile(id)), () => {});
  }

  /** @param {number} id */
  async function more(id) {
    /** @type {More | null} */
    let found = null;
    await attempt(async () => void (found = await api.more(id)), (detail) => tell.say(detail));
    return /** @type {More | null} */ (found);
  }

  /**
   * Past conversations that were alike; none where they cannot be had: it is only a help.
   * @param {number} id
   */
  async function similar(id) {
    /** @type {Similars | null} */
    let found = null;
    await attempt(async () => void (found = await api.similar(id)), () => {});
    return /** @type {Similars | null} */ (found);
  }

  /**
   * @param {(api: Api) => Promise<unknown>} change of who is the same person
   * @param {string} done
   */
  async function changePerson(change, done) {
    const { open: id, view } = store.state;
    tell.clear();
    await attempt(async () => {
      await change(api);
      tell.mention(done);
    }, (detail) => tell.say(detail));
    if (id !== null) void loadDetail(id);
    void loadPage(view, `conversations?${queryOf(view)}`, true);
  }

  /** @param {string} clientId */
  function discard(clientId) {
    store.dispatch({ type: "pending-gone", clientId });
  }

  /** @param {Presence} presence */
  function setPresence(presence) {
    const before = store.state.me.presence;
    if (presence === before) return;
    store.dispatch({ type: "presence", presence });
    void attempt(
      () => meCame(api.changeMe({ presence })),
      (error) => {
        store.dispatch({ type: "presence", presence: before });
        tell.say(error, () => setPresence(presence));
      },
    );
  }

  /** @param {number} capacity */
  function setCapacity(capacity) {
    return attempt(() => meCame(api.changeMe({ capacity })));
  }

  /**
   * @template T
   * @param {(api: Api) => Promise<T>} work
   * @returns {Promise<T | string>} what came of it, or a sentence about why nothing did
   */
  async function ask(work) {
    /** @type {T | string} */
    let outcome = "";
    await attempt(async () => void (outcome = await work(api)), (detail) => (outcome = detail));
    return outcome;
  }

  /**
   * @param {(api: Api) => Promise<SavedView | null>} change of the saved views
   * @returns {Promise<SavedView | null | string>} the view after it, or a sentence about why it was not done
   */
  async function changeViews(change) {
    /** @type {SavedView | null | string} */
    let outcome = null;
    await attempt(async () => {
      outcome = await change(api);
      store.dispatch({ type: "saved-views", views: (await api.savedViews()).views });
    }, (detail) => (outcome = detail));
    return outcome;
  }

  return {
    ...loading,
    act, ask, changePerson, changeViews, classify, deliver, discard, discardFile, more, resend, send, setCapacity, setPresence, similar, upload,
    say: tell.say, attempt, api,
    /** @param {number} id @param {number} agent */
    give: (id, agent) => move(id, () => api.give(id, agent)),
    /** @param {number} id @param {PassOn} why */
    passOn: (id, why) => move(id, () => api.passOn(id, why)),
    /** @param {Row} row */
    takeable: (row) => !isMine(row, store.state.me.id),
    /** @param {Row} row */
    resolvable: (row) => row.status !== "resolved" && !isOthers(row, store.state.me.id),
    /** @param {Row} row */
    returnable: (row) => row.status === "queued" || isMine(row, store.state.me.id),
  };
}

/** randomUUID is there in secure contexts only; a shop may try the server over plain HTTP. */
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
