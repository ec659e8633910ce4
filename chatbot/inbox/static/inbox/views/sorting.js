// Over the rows: in which order they stand. A choice of the agent's is part of the list's key.

import { askedOf, keyOf, SORTS } from "../asked.js";
import { byId, fill, h } from "../dom.js";

/** @import { Actions } from "../actions.js" */

/** @param {Actions} actions */
export function createSorting(actions) {
  const field = /** @type {HTMLSelectElement} */ (byId("sort"));
  const frame = byId("sorting");
  /** @type {State | null} */
  let state = null;
  let offered = "";

  field.addEventListener("change", () => choose(field.value));

  /** @param {string} sort */
  function choose(sort) {
    if (!state) return;
    const asked = askedOf(state.view);
    const chosen = sort === ownSort(asked, state.savedViews) ? "" : sort;
    actions.showView(keyOf({ ...asked, filters: { ...asked.filters, sort: chosen } }));
  }

  /** @param {State} next */
  function render(next) {
    state = next;
    const asked = askedOf(next.view);
    frame.hidden = Boolean(asked.filters.q); // what was found by words stands by its matches
    const own = ownSort(asked, next.savedViews);
    const sorts = SORTS.includes(own) ? SORTS : [own, ...SORTS];
    if (sorts.join() !== offered) {
      offered = sorts.join();
      fill(field, ...sorts.map((value) => h("option", { value }, sortName(value))));
    }
    const chosen = asked.filters.sort || own;
    if (field.value !== chosen) field.value = chosen;
  }

  return {
    render,
    focus: () => field.focus(),
    /** For the bar, where one types what to do. */
    commands: () => (frame.hidden ? [] : SORTS.map((sort) => ({
      id: `sort:${sort}`, label: interpolate(gettext("Sort: %(order)s"), { order: sortName(sort) }, true), group: /** @type {const} */ ("views"), run: () => choose(sort),
    }))),
  };
}

/**
 * The order of a list of which nobody has chosen another.
 * @param {Asked} asked
 * @param {SavedView[]} savedViews
 */
function ownSort({ view, saved }, savedViews) {
  if (saved) return String(savedViews.find(({ id }) => id === saved)?.filters.sort || "newest");
  return view === "queue" ? "waited" : view === "snoozed" ? "wakes" : "newest";
}

/** @param {string} sort */
function sortName(sort) {
  switch (sort) {
    case "waited": return gettext("Waiting longest");
    case "wakes": return gettext("Back soonest");
    case "oldest": return gettext("Oldest first");
    case "due": return gettext("Due soonest");
    default: return gettext("Newest first");
  }
}
