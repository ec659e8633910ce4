// What a list is of, as its key: a view's name, or the query of an address that asks for more. Pure.

/** @type {View[]} */
export const VIEWS = ["queue", "mine", "all", "mentions", "snoozed", "failed"];

/** Filters of several values, with commas between, and those that are true or false. */
export const LISTS = ["status", "assignee", "channels", "topics", "labels", "priorities", "languages"];
export const FACTS = ["vip", "waiting", "overdue", "failed", "snoozed", "blocked"];
/** What an agent may choose, besides a view's own order. */
export const SORTS = ["newest", "oldest", "due"];
const NAMES = ["q", ...LISTS, ...FACTS, "mentions", "sort"];

/**
 * @param {View} key
 * @returns {Asked}
 */
export function askedOf(key) {
  if (VIEWS.includes(key)) return { view: key, saved: 0, filters: {} };
  return askedBy(key) ?? { view: "all", saved: 0, filters: {} };
}

/**
 * @param {string} query of an address
 * @returns {Asked | null} null where it asks for no list
 */
export function askedBy(query) {
  const given = new URLSearchParams(query);
  /** @type {Record<string, string>} */
  const filters = {};
  for (const name of NAMES) {
    const value = given.get(name);
    if (value) filters[name] = value;
  }
  const saved = Number(given.get("saved")) || 0;
  const view = given.get("view") ?? "";
  if (!VIEWS.includes(view) && !saved && !Object.keys(filters).length) return null;
  return { view: VIEWS.includes(view) ? view : "all", saved, filters };
}

/**
 * @param {Asked} asked
 * @returns {View}
 */
export function keyOf({ view, saved, filters }) {
  const set = NAMES.filter((name) => filters[name]);
  if (!set.length && !saved) return view;
  const query = new URLSearchParams(saved ? { saved: String(saved) } : { view });
  for (const name of set) query.set(name, filters[name]);
  return query.toString();
}

/**
 * What narrows a list: an order does not.
 * @param {Asked} asked
 */
export function narrowing({ filters }) {
  return Object.keys(filters).filter((name) => name !== "sort");
}

/** @param {View} key */
export function queryOf(key) {
  return VIEWS.includes(key) ? `view=${key}` : key;
}

/**
 * Filters as the API keeps them.
 * @param {Asked} asked
 * @param {SavedView[]} savedViews
 * @returns {Record<string, unknown>}
 */
export function storedOf(asked, savedViews) {
  /** @type {Record<string, unknown>} */
  const stored = {};
  const filters = { ...OF_VIEW[asked.view], ...paramsOf(savedViews.find(({ id }) => id === asked.saved)?.filters), ...asked.filters };
  for (const [name, value] of Object.entries(filters)) {
    if (name === "q") stored.text = value;
    else if (FACTS.includes(name)) stored[name] = value === "true";
    else if (LISTS.includes(name)) stored[name] = value.split(",").map((one) => (NUMBERED.has(name) && /^\d+$/.test(one) ? Number(one) : one));
    else stored[name] = value;
  }
  return stored;
}

const NUMBERED = new Set(["labels", "assignee"]);
/** @type {Record<string, Record<string, string>>} */
const OF_VIEW = {
  queue: { status: "queued", snoozed: "false" },
  mine: { status: "assigned", assignee: "me", snoozed: "false" },
  mentions: { mentions: "all" },
  snoozed: { snoozed: "true" },
  failed: { failed: "true" },
};

/**
 * Kept filters as an address has them.
 * @param {Record<string, unknown>} [stored]
 * @returns {Record<string, string>}
 */
export function paramsOf(stored = {}) {
  /** @type {Record<string, string>} */
  const params = {};
  for (const [name, value] of Object.entries(stored)) {
    if (value === null || value === "" || (Array.isArray(value) && !value.length)) continue;
    params[name === "text" ? "q" : name] = Array.isArray(value) ? value.join(",") : String(value);
  }
  return params;
}

/**
 * Whether a row belongs into a list: null where only the server knows.
 * @param {View} key
 * @param {Row} row
 * @param {number} me
 * @param {SavedView[]} savedViews
 * @returns {boolean | null}
 */
export function belongs(key, row, me, savedViews) {
  const { view, saved, filters } = askedOf(key);
  const kept = saved ? savedViews.find(({ id }) => id === saved) : null;
  if (saved && !kept) return null;
  const all = { ...paramsOf(kept?.filters), ...filters };
  if (row.merged_into) return false;
  const answers = [inView(view, all, row, me), ...Object.entries(all).map(([name, value]) => fits(name, value, row, me))];
  if (!all.blocked) answers.push(!row.contact.blocked);
  if (answers.includes(false)) return false;
  return answers.includes(null) ? null : true;
}

/**
 * @param {View} view
 * @param {Record<string, string>} filters
 * @param {Row} row
 * @param {number} me
 */
function inView(view, filters, row, me) {
  switch (view) {
    case "queue": return row.status === "queued" && !asleep(row);
    case "mine": return row.status === "assigned" && row.assignee?.id === me && !asleep(row);
    case "all": return Boolean(filters.q || filters.status) || row.status !== "resolved";
    case "failed": return row.failed;
    case "snoozed": return asleep(row) ? null : false;
    default: return null;
  }
}

/**
 * @param {string} name
 * @param {string} value
 * @param {Row} row
 * @param {number} me
 * @returns {boolean | null}
 */
function fits(name, value, row, me) {
  const values = value.split(",");
  const yes = value === "true";
  switch (name) {
    case "status": return values.includes(row.status) || (values.includes("open") && row.status !== "resolved");
    case "assignee": return values.includes(String(row.assignee?.id ?? "nobody")) || (values.includes("me") && row.assignee?.id === me);
    case "channels": return values.includes(row.channel.kind) || (values.some((one) => /^\d+$/.test(one)) ? null : false);
    case "topics": return values.includes(row.topic?.slug || "-");
    case "labels": return (row.labels ?? []).some(({ id }) => values.includes(String(id)));
    case "priorities": return values.includes(row.priority);
    case "languages": return values.includes(row.language);
    case "vip": return row.contact.vip === yes;
    case "waiting": return (Boolean(row.waiting_since) && row.status !== "resolved") === yes;
    case "overdue": return (Boolean(row.reply_due_at) && Date.parse(row.reply_due_at ?? "") < Date.now()) === yes;
    case "failed": return row.failed === yes;
    case "snoozed": return asleep(row) === yes;
    case "sort": return true;
    case "blocked": return Boolean(row.contact.blocked) === yes;
    default: return null;
  }
}

/** @param {Row} row */
function asleep(row) {
  return Boolean(row.snoozed_until) && Date.parse(row.snoozed_until ?? "") > Date.now();
}
