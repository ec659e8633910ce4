// In what order a list's rows stand, and how it changes with them. Pure.

import { askedOf, belongs } from "./asked.js";

export { VIEWS } from "./asked.js";

/** Lists besides the views themselves that are kept, so that going back is at once. */
const KEPT = 8;

/** @returns {List} */
export function emptyList() {
  return { ids: [], next: null, load: "loading", error: "", snippets: {} };
}

/**
 * The queue has those first who have waited longest, the snoozed those who wake first; the others
 * have the newest first, unless another order was chosen. What was found by words stands as the
 * server has it, and so does a saved view that is not known yet.
 * @param {View} view
 * @param {Record<number, Row>} rows
 * @param {SavedView[]} savedViews
 * @returns {((a: number, b: number) => number) | null}
 */
function order(view, rows, savedViews) {
  const asked = askedOf(view);
  const kept = savedViews.find(({ id }) => id === asked.saved);
  if (asked.filters.q || kept?.filters.text || (asked.saved && !kept)) return null;
  const since = (/** @type {number} */ id) => Date.parse(rows[id].waiting_since ?? rows[id].last_message_at);
  const wakes = (/** @type {number} */ id) => Date.parse(rows[id].snoozed_until ?? rows[id].last_message_at);
  const last = (/** @type {number} */ id) => Date.parse(rows[id].last_message_at);
  const due = (/** @type {number} */ id) => dueNext(rows[id]);
  const newest = (/** @type {number} */ a, /** @type {number} */ b) => last(b) - last(a) || b - a;
  switch (asked.filters.sort || kept?.filters.sort) {
    case "newest": return newest;
    case "oldest": return (a, b) => last(a) - last(b) || a - b;
    case "due": return (a, b) => (due(a) === due(b) ? (due(a) === Infinity ? newest(a, b) : a - b) : due(a) - due(b));
  }
  if (asked.view === "queue" && !asked.saved) return (a, b) => since(a) - since(b) || a - b;
  if (asked.view === "snoozed" && !asked.saved) return (a, b) => wakes(a) - wakes(b) || a - b;
  return newest;
}

/**
 * When something is due next: infinitely late where nothing is.
 * @param {Row} row
 */
function dueNext({ reply_due_at, resolve_due_at }) {
  return Math.min(...[reply_due_at, resolve_due_at].map((at) => (at ? Date.parse(at) : Infinity)));
}

/**
 * @param {Record<View, List>} lists
 * @param {Record<number, Row>} rows all known, with `row` in it
 * @param {Row} row
 * @param {number} me
 * @param {SavedView[]} savedViews
 * @returns {Record<View, List>}
 */
export function placeRow(lists, rows, row, me, savedViews) {
  const next = { ...lists };
  for (const [view, list] of Object.entries(lists)) {
    const belonging = belongs(view, row, me, savedViews);
    if (belonging === null) continue; // it stays as it was until the server has said
    next[view] = put(list, view, rows, row.id, belonging, savedViews);
  }
  return next;
}

/**
 * @param {List} list
 * @param {View} view
 * @param {Record<number, Row>} rows
 * @param {number} id
 * @param {boolean} belonging
 * @param {SavedView[]} savedViews
 * @returns {List}
 */
function put(list, view, rows, id, belonging, savedViews) {
  const sort = order(view, rows, savedViews);
  if (sort === null && list.ids.includes(id) === belonging) return list;
  const ids = list.ids.filter((one) => one !== id);
  if (belonging) ids.unshift(id);
  return { ...list, ids: sort ? ids.sort(sort) : ids };
}

/**
 * What the server said of rows of which the page could not know.
 * @param {List} list
 * @param {View} view
 * @param {Record<number, Row>} rows
 * @param {number[]} asked
 * @param {Row[]} belonging those of them that are in it
 * @param {Record<number, Piece[]>} snippets
 * @param {SavedView[]} savedViews
 */
export function placeChecked(list, view, rows, asked, belonging, snippets, savedViews) {
  const inside = new Set(belonging.map(({ id }) => id));
  const next = asked.reduce((before, id) => (rows[id] ? put(before, view, rows, id, inside.has(id), savedViews) : before), list);
  return { ...next, snippets: { ...next.snippets, ...snippets } };
}

/**
 * @param {List} list
 * @param {View} view
 * @param {Record<number, Row>} rows all known, with the page's in it
 * @param {{results: Row[], next: string | null, snippets?: Record<number, Piece[]>}} page
 * @param {boolean} fresh whether the page replaces what was there
 * @param {SavedView[]} savedViews
 * @returns {List}
 */
export function placePage(list, view, rows, { results, next, snippets = {} }, fresh, savedViews) {
  const ids = new Set(fresh ? [] : list.ids);
  for (const row of results) ids.add(row.id);
  const sort = order(view, rows, savedViews);
  return {
    ids: sort ? [...ids].sort(sort) : [...ids], next, load: "ready", error: "",
    snippets: fresh ? snippets : { ...list.snippets, ...snippets },
  };
}

/**
 * @param {Record<View, List>} lists
 * @param {View} view to be shown
 * @returns {Record<View, List>} with that list in it, the last shown at the end
 */
export function withShown(lists, view) {
  const shown = lists[view] ?? emptyList();
  const views = Object.keys(lists).filter((one) => one !== view);
  const others = views.filter((one) => one.includes("="));
  const forgotten = new Set(others.slice(0, Math.max(0, others.length - KEPT)));
  /** @type {Record<View, List>} */
  const next = {};
  for (const one of views) if (!forgotten.has(one)) next[one] = lists[one];
  return { ...next, [view]: shown };
}
