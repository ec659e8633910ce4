// Which view a conversation belongs to, and in what order views stand. Pure.

/** @type {View[]} */
export const VIEWS = ["queue", "mine", "all", "failed"];

/** @returns {List} */
export function emptyList() {
  return { ids: [], next: null, load: "loading", error: "" };
}

/**
 * @param {View} view
 * @param {Row} row
 * @param {number} me
 */
export function belongs(view, row, me) {
  if (view === "queue") return row.status === "queued";
  if (view === "mine") return row.status === "assigned" && row.assignee?.id === me;
  if (view === "failed") return row.failed;
  return true;
}

/**
 * The queue has those first who have waited longest; the others the newest.
 * @param {View} view
 * @param {Record<number, Row>} rows
 * @returns {(a: number, b: number) => number}
 */
function order(view, rows) {
  const since = (/** @type {number} */ id) => Date.parse(rows[id].waiting_since ?? rows[id].last_message_at);
  const last = (/** @type {number} */ id) => Date.parse(rows[id].last_message_at);
  if (view === "queue") return (a, b) => since(a) - since(b) || a - b;
  return (a, b) => last(b) - last(a) || b - a;
}

/**
 * @param {Record<View, List>} lists
 * @param {Record<number, Row>} rows all known, with `row` in it
 * @param {Row} row
 * @param {number} me
 * @returns {Record<View, List>}
 */
export function placeRow(lists, rows, row, me) {
  const next = { ...lists };
  for (const view of VIEWS) {
    const list = lists[view];
    const ids = list.ids.filter((id) => id !== row.id);
    if (belongs(view, row, me)) ids.push(row.id);
    next[view] = { ...list, ids: ids.sort(order(view, rows)) };
  }
  return next;
}

/**
 * @param {List} list
 * @param {View} view
 * @param {Record<number, Row>} rows all known, with the page's in it
 * @param {Row[]} page
 * @param {string | null} following
 * @param {boolean} fresh whether the page replaces what was there
 * @returns {List}
 */
export function placePage(list, view, rows, page, following, fresh) {
  const ids = new Set(fresh ? [] : list.ids);
  for (const row of page) ids.add(row.id);
  return { ids: [...ids].sort(order(view, rows)), next: following, load: "ready", error: "" };
}
