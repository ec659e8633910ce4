// Deeds to one or many conversations, with what can be taken back.

import { sentence } from "../../api.js";
import { pick } from "../../dom.js";

/** @import { Actions } from "../../actions.js"; */
/** @import { Api } from "../../api.js"; */
/** @typedef {ReturnType<typeof createDoing>} Doing */

/**
 * @param {Store} store
 * @param {Api} api
 * @param {Actions} actions
 * @param {{
 *   say: (text: string, again?: () => void) => void,
 *   mention: (text: string) => void,
 *   offer: (lines: string[], label: string, key: string, run: () => void) => void,
 * }} notices
 * @param {(conversation: number, text: string) => boolean} takeOut takes a text out of the composer again; false where it was changed
 */
export function createDoing(store, api, actions, notices, takeOut) {
  /** @type {number[]} what can be taken back, the newest last */
  let past = [];
  /** What is done and undone, one after the other: Z right behind a deed means that deed. */
  let line = Promise.resolve();
  let underWay = "";

  /**
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  function inTurn(work) {
    const done = line.then(work);
    line = done.then(() => {}, () => {}); // what failed holds up nothing that follows
    return done;
  }

  /**
   * @param {DeedName} deed
   * @param {number[]} ids
   * @param {DeedValues} [values]
   * @param {{quiet?: boolean}} [how] quiet: it is said elsewhere that it was done
   * @returns {Promise<Done | null>} null: it failed, and that was said
   */
  async function run(deed, ids, values = {}, { quiet = false } = {}) {
    const asked = JSON.stringify([deed, ids, values]);
    if (!ids.length || asked === underWay) return null; // a key pressed twice
    underWay = asked;
    return inTurn(() => perform(deed, ids, values, quiet, asked));
  }

  /**
   * @param {DeedName} deed
   * @param {number[]} ids
   * @param {DeedValues} values
   * @param {boolean} quiet
   * @param {string} asked
   * @returns {Promise<Done | null>}
   */
  async function perform(deed, ids, values, quiet, asked) {
    store.dispatch({ type: "busy", busy: true });
    try {
      const done = await api.perform(deed, ids, values);
      show(done.rows, deed);
      if (done.id !== null) past.push(done.id);
      const failures = done.failed.map(({ name, detail }) => (name ? `${name}: ${detail}` : detail));
      if (ids.length === 1 && failures.length) notices.say(done.failed[0].detail);
      else if (done.id !== null && !quiet) offer(done.id, [said(deed, done.rows.length), ...listed(failures)]);
      else if (failures.length) notices.say(listed(failures).join(" "));
      else if (!quiet) notices.mention(gettext("Nothing had to be changed."));
      return done;
    } catch (error) {
      notices.say(sentence(error), () => void run(deed, ids, values, { quiet }));
      return null;
    } finally {
      if (underWay === asked) underWay = "";
      store.dispatch({ type: "busy", busy: false });
    }
  }

  /**
   * Says what was done, with how to take it back.
   * @param {number} id
   * @param {string[]} lines
   */
  function offer(id, lines) {
    if (!past.includes(id)) past.push(id);
    notices.offer(lines, gettext("Undo"), "Z", () => void undo(id));
  }

  /**
   * @param {Row[]} rows
   * @param {DeedName | "macro"} deed
   */
  function show(rows, deed) {
    for (const row of rows) store.dispatch({ type: "row", row });
    const { open } = store.state;
    if (open === null || !rows.some(({ id }) => id === open)) return;
    void actions.loadDetail(open);
    if (deed === "merge") actions.renewThread(open);
  }

  /** Merging and taking apart change which messages are read in the open one. */
  function loadAgain() {
    const { open } = store.state;
    if (open === null) return;
    void actions.loadDetail(open);
    actions.renewThread(open);
  }

  /** @param {number} [id] the newest where it is left out */
  function undo(id) {
    return inTurn(() => takeBack(id ?? past.at(-1) ?? null));
  }

  /** @param {number | null} id */
  async function takeBack(id) {
    try {
      if (id === null) id = (await api.pastDeeds())[0]?.id ?? null;
      if (id === null) return notices.mention(gettext("There is nothing to undo."));
      past = past.filter((one) => one !== id);
      const undone = await api.undo(id);
      show(undone.rows, undone.deed);
      const left = undone.left.map(({ name, detail }) => `${name}: ${detail}`);
      const told = undone.told && interpolate(
        ngettext("%(count)s customer had been told already.", "%(count)s customers had been told already.", undone.told), { count: undone.told }, true);
      const put = undone.text ? undone.rows.filter((row) => !takeOut(row.id, undone.text)) : [];
      const lines = [
        undone.rows.length ? gettext("Undone.") : gettext("Nothing was undone."), told || "",
        undone.notes ? ngettext("The note stays.", "The notes stay.", undone.notes) : "",
        put.length ? gettext("Your reply has been changed since: it stays.") : "", ...listed(left),
      ].filter(Boolean);
      if (left.length) notices.say(lines.join(" "));
      else notices.mention(lines.join(" "));
    } catch (error) {
      notices.say(sentence(error));
    }
    return undefined;
  }

  /**
   * Corrects what a conversation is about, or how urgent it is.
   * @param {number | null} id
   * @param {{topic?: string, priority?: Priority}} change
   */
  async function classify(id, change) {
    if (id === null) return false;
    const done = await run("topic" in change ? "topic" : "priority", [id], change, { quiet: true });
    return done !== null && done.failed.length === 0;
  }

  /**
   * A call about the open conversation, after which its detail is another.
   * @template T
   * @param {(api: Api) => Promise<T>} work
   * @param {string} said
   * @returns {Promise<T | null>}
   */
  async function call(work, said) {
    try {
      const answer = await work(api);
      if (said) {
        notices.mention(said);
        loadAgain();
      }
      return answer;
    } catch (error) {
      notices.say(sentence(error));
      return null;
    }
  }

  return { run, undo, offer, inTurn, classify, call, api };
}

const LISTED = 4;

/** @param {string[]} failures */
function listed(failures) {
  if (!failures.length) return [];
  const more = failures.length - LISTED;
  const head = interpolate(ngettext("%(count)s was not done.", "%(count)s were not done.", failures.length), { count: failures.length }, true);
  return [head, ...failures.slice(0, LISTED), more > 0 ? interpolate(ngettext("And %(more)s more.", "And %(more)s more.", more), { more }, true) : ""].filter(Boolean);
}

/**
 * @param {DeedName} deed
 * @param {number} count
 */
function said(deed, count) {
  const one = pick(deed, {
    resolve: gettext("Resolved."), snooze: gettext("Snoozed."), label: gettext("Labels changed."),
    priority: gettext("Priority changed."), topic: gettext("Topic changed."), give: gettext("Given."),
    queue: gettext("Back in the queue."), hand_back: gettext("Handed back to the bot."), block: gettext("Blocked."), merge: gettext("Merged."),
  });
  if (count === 1) return one;
  return `${one} ${interpolate(ngettext("%(count)s conversation", "%(count)s conversations", count), { count }, true)}`;
}
