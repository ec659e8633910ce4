// What the agent and the server can make happen: requests out, events into the store.

import { ApiError, sentence } from "./api.js";
import { belongs, queryOf } from "./asked.js";
import { EMPTY_THREAD, openRow } from "./state.js";
import { isMine, isOthers, nameOf } from "./words.js";

/** @import { Api } from "./api.js"; */
/** @typedef {ReturnType<typeof createActions>} Actions */

const DELIVERED_AFTER = 3_000;
const ASKED_AFTER = 400;

/**
 * @param {Store} store
 * @param {Api} api
 * @param {{
 *   say: (text: string, again?: () => void) => void,
 *   mention: (text: string) => void,
 *   clear: () => void,
 *   loggedOut: () => void,
 * }} tell
 */
export function createActions(store, api, tell) {
  let turn = 0;
  /** @type {Map<number, {turn: number, row: Row}>} rows as they came last, for what was asked for before and comes after */
  const came = new Map();

  /**
   * Runs a request; its failure is told to `failed`, or else in a notice that offers it again.
   * @param {() => Promise<void>} work
   * @param {(detail: string) => void} [failed]
   */
  async function attempt(work, failed) {
    try {
      await work();
    } catch (error) {
      if (error instanceof ApiError && error.loggedOut) tell.loggedOut();
      const detail = sentence(error);
      if (failed) failed(detail);
      else tell.say(detail, () => void attempt(work));
    }
  }

  /** @param {View} view */
  function loadList(view) {
    store.dispatch({ type: "list-loading", view });
    return loadPage(view, `conversations?${queryOf(view)}`, true);
  }

  /** @param {View} view */
  function loadMore(view) {
    const { next, load } = store.state.lists[view];
    if (!next || load === "loading") return;
    store.dispatch({ type: "list-loading", view });
    void loadPage(view, next, false);
  }

  /**
   * @param {View} view
   * @param {string} address
   * @param {boolean} fresh
   */
  function loadPage(view, address, fresh) {
    return attempt(async () => {
      const since = turn;
      const page = await api.conversations(address);
      store.dispatch({ type: "list-page", view, page, fresh });
      for (const one of came.values()) if (one.turn > since) place(one.row);
      // A search looks through so much at a time: it goes on until there is something to show.
      if (!page.results.length && page.next && view === store.state.view) await loadPage(view, page.next, false);
    }, (error) => store.dispatch({ type: "list-failed", view, error }));
  }

  /** @type {Set<number>} */
  const unsure = new Set();
  let asking = 0;

  /**
   * Asks the server whether rows belong into the shown list, several at once.
   * @param {number} id
   */
  function askWhether(id) {
    unsure.add(id);
    clearTimeout(asking);
    asking = window.setTimeout(() => {
      const { view } = store.state;
      const asked = [...unsure].slice(0, 50);
      for (const one of asked) unsure.delete(one);
      void attempt(async () => {
        const page = await api.conversations(`conversations?${queryOf(view)}&only=${asked.join(",")}`);
        store.dispatch({ type: "list-checked", view, asked, page });
      }, () => {});
    }, ASKED_AFTER);
  }

  /** @param {View} view */
  function showView(view) {
    if (view === store.state.view && store.state.lists[view].load === "ready") return;
    const fixed = !view.includes("=");
    store.dispatch({ type: "view", view });
    // A search may have moved on since; what it found is shown until the answer is there.
    if (!fixed && store.state.lists[view].load === "ready") void loadPage(view, `conversations?${queryOf(view)}`, true);
    if (store.state.lists[view].load !== "ready") void loadList(view);
  }

  /** @param {number | null} id */
  function open(id) {
    if (id === store.state.open) return;
    tell.clear();
    store.dispatch({ type: "open", id });
    if (id !== null) loadOpen();
  }

  function loadOpen() {
    const id = store.state.open;
    if (id === null) return;
    void loadDetail(id);
    void loadThread(id);
  }

  /**
   * Fetched again where its row came meanwhile: the answer may be older than that.
   * @param {number} id
   */
  function loadDetail(id) {
    return attempt(
      async () => {
        const since = came.get(id)?.turn;
        store.dispatch({ type: "detail", detail: await api.conversation(id) });
        const newer = came.get(id);
        if (!newer || newer.turn === since) return;
        // What came meanwhile stays, and the rest follows.
        store.dispatch({ type: "row", row: newer.row });
        if (id === store.state.open) void loadDetail(id);
      },
      (error) => store.dispatch({ type: "detail-failed", id, error }),
    );
  }

  /**
   * The newest messages; when some are known, those after them.
   * @param {number} id
   */
  function loadThread(id) {
    const last = store.state.threads[id]?.messages.at(-1)?.id;
    if (last === undefined) store.dispatch({ type: "thread-loading", id, older: false });
    return attempt(async () => {
      if (last === undefined) {
        const { messages, has_more } = await api.messages(id);
        store.dispatch({ type: "thread-page", id, messages, hasMore: has_more });
        return;
      }
      for (let after = last, more = true; more; ) {
        const { messages, has_more } = await api.messages(id, { after });
        store.dispatch({ type: "thread-page", id, messages, hasMore: null });
        more = has_more && messages.length > 0;
        after = messages.at(-1)?.id ?? after;
      }
    }, (error) => store.dispatch({ type: "thread-failed", id, error, older: false }));
  }

  /** @param {number} id */
  function loadOlder(id) {
    const { messages, hasMore, older } = store.state.threads[id] ?? EMPTY_THREAD;
    if (!hasMore || older === "loading" || !messages.length) return;
    store.dispatch({ type: "thread-loading", id, older: true });
    void attempt(async () => {
      const page = await api.messages(id, { before: messages[0].id });
      store.dispatch({ type: "thread-page", id, messages: page.messages, hasMore: page.has_more });
    }, (error) => store.dispatch({ type: "thread-failed", id, error, older: true }));
  }

  /**
   * Puts a row into the lists to which it belongs now.
   * @param {Row} row
   */
  function place(row) {
    store.dispatch({ type: "row", row });
    const { savedViews, view, me } = store.state;
    if (belongs(view, row, me.id, savedViews) === null) askWhether(row.id);
  }

  /**
   * A row that came live. Who has it and why may have changed with it: those are in the detail.
   * @param {Row} row
   */
  function rowCame(row) {
    const { detail, me, open: shown, rows } = store.state;
    const given = isMine(row, me.id) && !(rows[row.id] && isMine(rows[row.id], me.id)) && row.id !== shown;
    if (given) tell.mention(interpolate(gettext("%(name)s is yours now."), { name: nameOf(row.contact) }, true));
    turn += 1;
    came.set(row.id, { turn, row });
    place(row);
    if (detail?.id !== row.id) return;
    const same = detail.status === row.status && detail.assignee?.id === row.assignee?.id && detail.reason === row.reason
      && detail.snoozed_until === row.snoozed_until && detail.merged_into === row.merged_into && detail.contact.blocked === row.contact.blocked;
    if (!same) void loadDetail(row.id);
  }

  /**
   * @param {"take" | "resolve" | "hand-back"} deed
   * @returns {Promise<boolean>} whether it was done
   */
  async function act(deed) {
    const { open: id, busy } = store.state;
    if (id === null || busy) return false;
    let done = false;
    tell.clear();
    store.dispatch({ type: "busy", busy: true });
    try {
      await attempt(async () => {
        // Over whom, only as far as the agent saw: who was quicker in the meantime keeps it.
        rowCame(await (deed === "take" ? api.take(id, Boolean(openRow(store.state)?.assignee)) : api.act(id, deed)));
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

  /** Asks what became of messages that were on their way: nobody tells when one arrived. */
  function checkDeliveries() {
    const { open: id, threads } = store.state;
    const waiting = id !== null && threads[id]?.messages.find(({ delivery }) => delivery === "queued");
    if (!waiting) return;
    void attempt(async () => {
      const { messages } = await api.messages(id, { after: waiting.id - 1 });
      store.dispatch({ type: "thread-page", id, messages, hasMore: null });
    }, () => {});
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
      async () => store.dispatch({ type: "me", me: await api.changeMe({ presence }) }),
      (error) => {
        store.dispatch({ type: "presence", presence: before });
        tell.say(error, () => setPresence(presence));
      },
    );
  }

  /** @param {number} capacity */
  function setCapacity(capacity) {
    return attempt(async () => store.dispatch({ type: "me", me: await api.changeMe({ capacity }) }));
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

  /** Brings everything up to date, at the start and after a broken connection. */
  function resync() {
    const { view } = store.state;
    /** @type {Set<View>} */
    const views = new Set(["queue", "mine", view]);
    for (const each of views) void loadPage(each, `conversations?${queryOf(each)}`, true);
    void attempt(async () => store.dispatch({ type: "me", me: await api.me() }), () => {});
    loadAgents();
    void attempt(async () => store.dispatch({ type: "topics", topics: await api.topics() }), () => {});
    loadSavedViews();
    void attempt(async () => store.dispatch({ type: "choices", choices: await api.choices() }), () => {});
    loadOpen();
  }

  /** Brings up to date which views are saved: the agent's own, and the team's. */
  function loadSavedViews() {
    void attempt(async () => store.dispatch({ type: "saved-views", views: (await api.savedViews()).views }), () => {});
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

  /** Brings up to date who is here and how much they have. */
  function loadAgents() {
    void attempt(async () => store.dispatch({ type: "agents", agents: await api.agents() }), () => {});
  }

  /** Finds out whether the session is over, which a refused WebSocket doesn't tell. */
  function checkSession() {
    void attempt(async () => void (await api.me()), () => {});
  }

  return {
    act, ask, changePerson, changeViews, checkDeliveries, checkSession, classify, deliver, discard, discardFile, loadAgents, loadDetail, loadList, loadMore, loadOlder, loadOpen, loadSavedViews, loadThread, open, resync,
    more, resend, rowCame, send, setCapacity, setPresence, showView, similar, upload,
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
