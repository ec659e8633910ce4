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
 * The queue has those first who have waited longest, the snoozed those who wake first; what was
 * found by words stands as the server has it; the others have the newest first.
 * @param {View} view
 * @param {Record<number, Row>} rows
 * @returns {((a: number, b: number) => number) | null}
 */
function order(view, rows) {
  const asked = askedOf(view);
  if (asked.filters.q) return null;
  const since = (/** @type {number} */ id) => Date.parse(rows[id].waiting_since ?? rows[id].last_message_at);
  const wakes = (/** @type {number} */ id) => Date.parse(rows[id].snoozed_until ?? rows[id].last_message_at);
  const last = (/** @type {number} */ id) => Date.parse(rows[id].last_message_at);
  if (asked.view === "queue" && !asked.saved) return (a, b) => since(a) - since(b) || a - b;
  if (asked.view === "snoozed" && !asked.saved) return (a, b) => wakes(a) - wakes(b) || a - b;
  return (a, b) => last(b) - last(a) || b - a;
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
    next[view] = put(list, view, rows, row.id, belonging);
  }
  return next;
}

/**
 * @param {List} list
 * @param {View} view
 * @param {Record<number, Row>} rows
 * @param {number} id
 * @param {boolean} belonging
 * @returns {List}
 */
function put(list, view, rows, id, belonging) {
  const sort = order(view, rows);
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
 */
export function placeChecked(list, view, rows, asked, belonging, snippets) {
  const inside = new Set(belonging.map(({ id }) => id));
  const next = asked.reduce((before, id) => (rows[id] ? put(before, view, rows, id, inside.has(id)) : before), list);
  return { ...next, snippets: { ...next.snippets, ...snippets } };
}

/**
 * @param {List} list
 * @param {View} view
 * @param {Record<number, Row>} rows all known, with the page's in it
 * @param {{results: Row[], next: string | null, snippets?: Record<number, Piece[]>}} page
 * @param {boolean} fresh whether the page replaces what was there
 * @returns {List}
 */
export function placePage(list, view, rows, { results, next, snippets = {} }, fresh) {
  const ids = new Set(fresh ? [] : list.ids);
  for (const row of results) ids.add(row.id);
  const sort = order(view, rows);
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
