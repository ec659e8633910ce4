// Commands that depend on who and what is there: a colleague each, a topic each, conversations.

import { fits } from "./fuzzy.js";
import { openRow } from "./state.js";
import { isMine, nameOf } from "./words.js";
import { colleagues, inOneLine } from "./views/colleagues.js";

/** @import { Actions } from "./actions.js"; */
/** @typedef {import("./keys.js").Command} Command */

/**
 * @param {Store} store
 * @param {Actions} actions
 * @param {(row: Row) => void} moved what happens once somebody else has it
 * @returns {Command[]}
 */
export function forConversation(store, actions, moved) {
  const row = openRow(store.state);
  if (row === null) return [];

  /** @param {number} agent */
  async function give(agent) {
    const outcome = row && await actions.give(row.id, agent);
    if (typeof outcome === "string") actions.say(outcome);
    else if (outcome) moved(outcome);
  }

  return [
    ...colleagues(store.state).filter(({ id }) => id !== row.assignee?.id).map((agent) => ({
      id: `give:${agent.id}`,
      label: interpolate(gettext("Give to %(name)s"), { name: inOneLine(agent) }, true),
      run: () => void give(agent.id),
    })),
    ...store.state.topics.filter(({ slug }) => slug !== row.topic?.slug).map(({ slug, name }) => ({
      id: `topic:${slug}`,
      label: interpolate(gettext("Topic: %(name)s"), { name }, true),
      run: () => void actions.classify(row.id, { topic: slug }),
    })),
  ];
}

/**
 * @param {Row} row
 * @param {number} me
 * @param {(id: number) => void} go
 * @returns {Command}
 */
export function toConversation(row, me, go) {
  const what = row.subject || row.preview?.text || "";
  const who = isMine(row, me) ? gettext("You") : row.assignee?.name ?? "";
  return {
    id: `conversation:${row.id}`,
    label: [`#${row.id}`, nameOf(row.contact), what, who].filter(Boolean).join(" · "),
    group: "go",
    run: () => go(row.id),
  };
}

/**
 * The conversations that the page knows and that fit: the one of that number, then the newest.
 * @param {State} state
 * @param {string} query
 */
export function knownRows(state, query) {
  const number = Number(/^#?(\d+)$/.exec(query)?.[1]);
  return Object.values(state.rows)
    .map((row) => ({ row, fit: row.id === number ? Infinity : fits(query, `${nameOf(row.contact)} ${row.contact.email ?? ""} #${row.id} ${row.subject} ${row.preview?.text ?? ""}`) }))
    .filter(({ fit }) => fit > 1)
    .sort((a, b) => b.fit - a.fit || Date.parse(b.row.last_message_at) - Date.parse(a.row.last_message_at))
    .slice(0, 15)
    .map(({ row }) => row);
}

/**
 * Conversations by words, or the one of that number; none where they cannot be had.
 * @param {Actions} actions
 * @param {string} query
 * @returns {Promise<Row[]>}
 */
export async function findRows(actions, query) {
  const number = /^#?(\d{1,15})$/.exec(query)?.[1];
  const [one, page] = await Promise.all([
    number ? actions.ask((api) => api.conversation(Number(number))) : "",
    actions.ask((api) => api.find(query)),
  ]);
  return [...(typeof one === "string" ? [] : [one]), ...(typeof page === "string" ? [] : page.results)];
}
