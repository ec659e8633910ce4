// What the conversation is about and how urgent it is, for the agent to correct.

import { byId, fill, h } from "../dom.js";
import { openRow } from "../state.js";
import { priorityName } from "../words.js";

/** @import { Actions } from "../actions.js"; */

/** @type {Priority[]} */
const PRIORITIES = ["normal", "high", "urgent"];

/** @param {Actions} actions */
export function createMatter(actions) {
  const panel = byId("matter");
  const saved = byId("matter-saved");
  const topic = /** @type {HTMLSelectElement} */ (byId("matter-topic"));
  const priority = /** @type {HTMLSelectElement} */ (byId("matter-priority"));
  /** @type {State | null} */
  let last = null;
  /** @type {unknown} */
  let offered = null;

  fill(priority, ...PRIORITIES.map((value) => h("option", { value }, priorityName(value))));
  topic.addEventListener("change", () => void save({ topic: topic.value }));
  priority.addEventListener("change", () => void save({ priority: /** @type {Priority} */ (priority.value) }));

  /** @param {{topic?: string, priority?: Priority}} change */
  async function save(change) {
    const open = last?.open ?? null;
    fill(saved);
    const done = await actions.classify(open, change);
    if (open !== last?.open) return;
    if (done) fill(saved, gettext("Saved"));
    else if (last) show(last); // as it was
  }

  /** @param {State} state */
  function render(state) {
    if (state.open !== last?.open) fill(saved);
    // Drawn for a change of these alone: another would close the list that somebody is choosing from.
    const before = last && openRow(last);
    const row = openRow(state);
    const same = before?.id === row?.id && before?.topic?.slug === row?.topic?.slug && before?.priority === row?.priority
      && last?.topics === state.topics;
    last = state;
    if (!same) show(state);
  }

  /** @param {State} state */
  function show(state) {
    const row = openRow(state);
    panel.hidden = row === null;
    if (row === null) return;
    const own = row.topic;
    const topics = own && !state.topics.some(({ slug }) => slug === own.slug) ? [...state.topics, own] : state.topics;
    const sorted = [...topics].sort((a, b) => a.name.localeCompare(b.name));
    const key = JSON.stringify(sorted);
    if (key !== offered) {
      offered = key;
      fill(topic, h("option", { value: "" }, gettext("No topic")), ...sorted.map(({ slug, name }) => h("option", { value: slug }, name)));
    }
    topic.value = own?.slug ?? "";
    priority.value = row.priority;
  }

  return { render, focus: () => topic.focus() };
}
