// The address says what is shown: which conversation, and which list, so that both can be shared.

import { askedBy, keyOf, queryOf } from "./asked.js";

/**
 * @param {string} home the inbox's own path
 * @param {Store} store
 */
export function createPlace(home, store) {
  let shown = store.state.view;
  const first = askedBy(location.search) ? "" : shown; // what stands in no address, since nobody chose it

  /** @param {View} view */
  const query = (view) => (view === first ? "" : `?${queryOf(view)}`);

  return {
    /** @param {number | null} id @param {View} [view] */
    address: (id, view = store.state.view) => (id === null ? home : `${home}c/${id}/`) + query(view),
    /** Puts the list that is shown into the address; while one types a search, in the place of the last. */
    follow() {
      const { view, open } = store.state;
      if (view === shown) return;
      const searching = /(^|&)q=/.test(view) && /(^|&)q=/.test(shown);
      shown = view;
      const to = this.address(open, view);
      if (to === location.pathname + location.search) return;
      if (searching) history.replaceState(null, "", to);
      else history.pushState(null, "", to);
    },
    /** @returns {{id: number | null, view: View}} what the address asks for */
    read() {
      const id = /c\/(\d+)\/$/.exec(location.pathname)?.[1];
      const asked = askedBy(location.search);
      const view = asked ? keyOf(asked) : first || "queue";
      shown = view;
      return { id: id ? Number(id) : null, view };
    },
  };
}
