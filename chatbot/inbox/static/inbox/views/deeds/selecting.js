// Choosing several conversations in the list, and what can be done to all of them.

import { askedOf } from "../../asked.js";
import { byId, fill, h } from "../../dom.js";
import { nameOf } from "../../words.js";

/**
 * @param {Row} row
 */
export function selectBox(row) {
  const label = interpolate(gettext("Select %(name)s"), { name: nameOf(row.contact) }, true);
  return h("label", { class: "pick", "data-tip": gettext("Select"), "data-key": "X" },
    h("input", { type: "checkbox", class: "pick-box", "data-pick": row.id, "aria-label": label, "aria-keyshortcuts": "X" }));
}

/** @param {Store} store */
export function createSelecting(store) {
  const list = byId("rows");
  const bar = byId("bulk");
  const said = byId("bulk-said");
  /** @type {Set<number>} */
  const chosen = new Set();
  /** @type {number | null} where a range begins */
  let from = null;
  let view = store.state.view;

  list.addEventListener("click", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || box.dataset.pick === undefined) return;
    choose(Number(box.dataset.pick), box.checked, event.shiftKey);
  });

  /**
   * @param {number} id
   * @param {boolean} on
   * @param {boolean} range whether all from the last one on
   */
  function choose(id, on, range) {
    const { ids } = shown();
    const [a, b] = [ids.indexOf(from ?? id), ids.indexOf(id)];
    const all = range && a >= 0 && b >= 0 ? ids.slice(Math.min(a, b), Math.max(a, b) + 1) : [id];
    for (const one of all) {
      if (on) chosen.add(one);
      else chosen.delete(one);
    }
    from = id;
    draw();
  }

  function shown() {
    return store.state.lists[store.state.view];
  }

  /** Chooses the row that has the focus, or else the open one; or takes it out again. */
  function toggle() {
    const row = document.activeElement?.closest("li")?.querySelector("[data-pick]");
    const id = row instanceof HTMLInputElement ? Number(row.dataset.pick) : store.state.open;
    if (id === null || !shown().ids.includes(id)) return;
    choose(id, !chosen.has(id), false);
  }

  function all() {
    const { ids } = shown();
    const some = ids.some((id) => !chosen.has(id));
    for (const id of ids.slice(0, 500)) {
      if (some) chosen.add(id);
      else chosen.delete(id);
    }
    draw();
  }

  function clear() {
    const hadFocus = bar.contains(document.activeElement);
    chosen.clear();
    from = null;
    draw();
    if (hadFocus) (document.getElementById(`view-${askedOf(store.state.view).view}`) ?? byId("views-button")).focus();
  }

  function draw() {
    for (const box of list.querySelectorAll("[data-pick]")) {
      const input = /** @type {HTMLInputElement} */ (box);
      input.checked = chosen.has(Number(input.dataset.pick));
      input.closest("li")?.toggleAttribute("data-chosen", input.checked);
    }
    list.toggleAttribute("data-choosing", chosen.size > 0);
    bar.hidden = chosen.size === 0;
    const text = chosen.size === 0 ? "" : interpolate(ngettext("%(count)s selected", "%(count)s selected", chosen.size), { count: chosen.size }, true);
    if (said.textContent !== text) fill(said, text);
  }

  /** @param {State} state */
  function render(state) {
    if (state.view !== view) {
      view = state.view;
      chosen.clear();
    }
    for (const id of chosen) if (!shown().ids.includes(id)) chosen.delete(id);
    draw();
  }

  byId("bulk-all").addEventListener("click", all);
  byId("bulk-none").addEventListener("click", clear);
  document.addEventListener("keydown", (event) => {
    const free = !document.querySelector("dialog[open], :popover-open") && !(event.target instanceof HTMLTextAreaElement);
    if (event.key === "Escape" && chosen.size && free) clear();
  });

  return {
    render, toggle, all, clear,
    /** What a deed is for: the chosen ones, or else the open one. */
    targets: () => (chosen.size ? [...chosen] : store.state.open === null ? [] : [store.state.open]),
    /** @returns {Row[]} */
    rows: () => (chosen.size ? [...chosen].map((id) => store.state.rows[id]).filter(Boolean) : []),
    many: () => chosen.size > 0,
  };
}

/** @typedef {ReturnType<typeof createSelecting>} Selecting */
