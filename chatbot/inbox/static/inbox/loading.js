// What the page shows: fetched, and kept in step with what the server tells.

import { ApiError, sentence } from "./api.js";
import { belongs, queryOf } from "./asked.js";
import { EMPTY_THREAD } from "./state.js";
import { isMine, nameOf } from "./words.js";

/** @import { Api } from "./api.js"; */
/** @typedef {{say: (text: string, again?: () => void) => void, mention: (text: string) => void, news: (text: string) => void, clear: () => void, loggedOut: () => void}} Tell */

const ASKED_AFTER = 400;

// Lists of which the page knows by itself what belongs into them, also while others are shown.
const LIVE = ["queue", "mine", "all", "failed"];

/**
 * @param {Store} store
 * @param {Api} api
 * @param {Tell} tell
 */
export function createLoading(store, api, tell) {
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
    const live = LIVE.includes(view);
    store.dispatch({ type: "view", view });
    // What the page cannot follow by itself is shown as it was until the answer is there.
    if (!live && store.state.lists[view].load === "ready") void loadPage(view, `conversations?${queryOf(view)}`, true);
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
   * Other messages are read in a conversation than before: as many as are shown are fetched anew, and
   * these stay until then.
   * @param {number} id
   */
  function renewThread(id) {
    const known = store.state.threads[id]?.messages ?? [];
    if (id !== store.state.open || !known.length) {
      store.dispatch({ type: "thread-gone", id });
      if (id === store.state.open) void loadThread(id);
      return;
    }
    void attempt(async () => {
      let page = await api.messages(id);
      let { messages } = page;
      while (page.has_more && messages.length < known.length) {
        page = await api.messages(id, { before: messages[0].id });
        messages = [...page.messages, ...messages];
      }
      store.dispatch({ type: "thread-page", id, messages, hasMore: page.has_more, instead: known.map((message) => message.id) });
    }, (error) => store.dispatch({ type: "thread-failed", id, error, older: false }));
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
    if (given) tell.news(interpolate(gettext("%(name)s is yours now."), { name: nameOf(row.contact) }, true));
    turn += 1;
    came.set(row.id, { turn, row });
    place(row);
    if (detail?.id !== row.id) return;
    const same = detail.status === row.status && detail.assignee?.id === row.assignee?.id && detail.reason === row.reason
      && detail.snoozed_until === row.snoozed_until && detail.merged_into === row.merged_into && detail.contact.blocked === row.contact.blocked;
    if (!same) void loadDetail(row.id);
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
   * Counts that came live while it was on its way are newer than its own.
   * @param {Promise<Me>} answer
   */
  async function meCame(answer) {
    const { counts } = store.state.me;
    const me = await answer;
    const now = store.state.me.counts;
    store.dispatch({ type: "me", me: now === counts ? me : { ...me, counts: now } });
  }

  /** Brings everything up to date, at the start and after a broken connection. */
  function resync() {
    const { view } = store.state;
    /** @type {Set<View>} */
    const views = new Set(["queue", "mine", view]);
    for (const each of views) void loadPage(each, `conversations?${queryOf(each)}`, true);
    void attempt(() => meCame(api.me()), () => {});
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

  /** Brings up to date who is here and how much they have. */
  function loadAgents() {
    void attempt(async () => store.dispatch({ type: "agents", agents: await api.agents() }), () => {});
  }

  /** Finds out whether the session is over, which a refused WebSocket doesn't tell. */
  function checkSession() {
    void attempt(async () => void (await api.me()), () => {});
  }

  return {
    attempt, checkDeliveries, checkSession, loadAgents, loadDetail, loadList, loadMore, loadOlder, loadOpen, loadPage, loadSavedViews,
    loadThread, meCame, open, renewThread, resync, rowCame, showView,
  };
}
