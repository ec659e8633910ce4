// Views that are not tabs: mentions, the snoozed, and the saved ones, with a dialog to keep them.

import { askedOf, keyOf, storedOf } from "../asked.js";
import { byId, fill, h } from "../dom.js";
import { icon } from "../icons.js";

/** @import { Actions } from "../actions.js"; */

/**
 * @param {Actions} actions
 * @param {(text: string) => void} mention
 */
export function createViewsMenu(actions, mention) {
  const menu = byId("views");
  const button = byId("views-button");
  const dialog = /** @type {HTMLDialogElement} */ (byId("save-view"));
  const name = /** @type {HTMLInputElement} */ (byId("save-view-name"));
  const shared = /** @type {HTMLInputElement} */ (byId("save-view-shared"));
  /** @type {State | null} */
  let state = null;
  /** @type {SavedView | null} */
  let edited = null;
  /** @type {unknown[]} */
  let shown = [];

  menu.addEventListener("beforetoggle", () => {
    const at = button.getBoundingClientRect();
    menu.style.top = `${at.bottom + 4}px`;
    menu.style.left = `${Math.max(8, Math.min(at.right - 280, innerWidth - 288))}px`;
  });
  menu.addEventListener("toggle", (event) => {
    const open = /** @type {ToggleEvent} */ (event).newState === "open";
    button.setAttribute("aria-expanded", String(open));
    if (open) /** @type {HTMLElement | null} */ (menu.querySelector("[aria-current]") ?? menu.querySelector(".view-choice"))?.focus();
  });
  menu.addEventListener("keydown", (event) => {
    const choices = /** @type {HTMLElement[]} */ ([...menu.querySelectorAll(".view-choice")]);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const at = choices.indexOf(/** @type {HTMLElement} */ (document.activeElement?.closest("li")?.querySelector(".view-choice")));
    const next = event.key === "Home" ? 0 : event.key === "End" ? choices.length - 1 : step && (at + step + choices.length) % choices.length;
    if (next === undefined) return;
    event.preventDefault();
    choices[next]?.focus();
  });

  /** @param {View} view */
  function choose(view) {
    menu.hidePopover();
    actions.showView(view);
  }

  /** @param {State} next */
  function render(next) {
    state = next;
    const { counts } = next.me;
    const parts = [next.view, next.savedViews, counts.mentions, counts.snoozed];
    if (parts.every((part, index) => part === shown[index])) return;
    shown = parts;
    const asked = askedOf(next.view);
    const saved = next.savedViews.find(({ id }) => id === asked.saved);
    const current = saved ? saved.name : asked.saved ? gettext("Saved view") : OTHERS().find(({ view }) => view === asked.view)?.label ?? "";
    fill(byId("views-name"), current);
    // Beside the name of another view it must not be taken for that one's.
    const sign = current && (saved || asked.view !== "mentions") ? "@" : "";
    fill(byId("count-more"), counts.mentions ? `${sign}${counts.mentions > 9 ? "9+" : counts.mentions}` : "");
    button.dataset.current = String(Boolean(current));
    const described = [current || gettext("More views"), counts.mentions ? interpolate(ngettext("%(count)s mention", "%(count)s mentions", counts.mentions), { count: counts.mentions }, true) : ""];
    button.setAttribute("aria-label", described.filter(Boolean).join(", "));
    const focused = menu.contains(document.activeElement);
    fill(byId("views-list"),
      ...OTHERS().map(({ view, label, key }) => h("li", {}, choice(label, view, asked.view === view && !asked.saved, counts[view], key))),
      ...group(gettext("The team's"), next.savedViews.filter((one) => one.shared), asked.saved),
      ...group(gettext("Yours"), next.savedViews.filter((one) => !one.shared), asked.saved));
    if (focused) /** @type {HTMLElement | null} */ (menu.querySelector(".view-choice"))?.focus();
  }

  /**
   * @param {string} title
   * @param {SavedView[]} views
   * @param {number} current
   */
  function group(title, views, current) {
    if (!views.length) return [];
    return [h("li", { class: "view-group" }, title), ...views.map((view) => h("li", {},
      choice(view.name, keyOf({ view: "all", saved: view.id, filters: {} }), view.id === current),
      view.may_change && h("button", { type: "button", class: "view-edit", "aria-haspopup": "dialog", "aria-label": interpolate(gettext("Change %(name)s"), view, true), "data-tip": gettext("Change or remove"), on: { click: () => edit(view) } }, icon("pencil")),
    ))];
  }

  /**
   * @param {string} label
   * @param {View} view
   * @param {boolean} current
   * @param {number} [count]
   * @param {string} [key]
   */
  function choice(label, view, current, count, key) {
    return h("button", { type: "button", class: "view-choice", "aria-current": current && "true", "data-key": key, "data-tip": key && label, "aria-keyshortcuts": key, on: { click: () => choose(view) } },
      label, count ? h("span", { class: "count" }, count) : null);
  }

  // --- Keeping ----------------------------------------------------------------------------------
  /** @param {SavedView | null} view to be changed; null keeps what is set now as a new one */
  function edit(view) {
    menu.hidePopover();
    edited = view;
    fill(byId("save-view-title"), view ? gettext("Change the view") : gettext("Save as view"));
    name.value = view?.name ?? "";
    shared.checked = false;
    byId("save-view-shared-field").hidden = view !== null || !state?.me.supervises;
    byId("save-view-remove").hidden = view === null;
    fill(byId("save-view-error"));
    dialog.showModal();
    name.focus();
  }

  byId("save-view-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!state) return;
    if (!name.value.trim()) {
      fill(byId("save-view-error"), gettext("Give it a name."));
      name.focus();
      return;
    }
    const { view, savedViews } = state;
    const kept = edited;
    const outcome = await actions.changeViews((api) => (kept
      ? api.changeView(kept.id, { name: name.value.trim() })
      : api.saveView({ name: name.value.trim(), filters: storedOf(askedOf(view), savedViews), shared: shared.checked })));
    if (typeof outcome === "string") return fill(byId("save-view-error"), outcome);
    dialog.close();
    if (outcome && !kept) actions.showView(keyOf({ view: "all", saved: outcome.id, filters: {} }));
    mention(kept ? gettext("The view has another name now.") : gettext("The view is kept under More views."));
  });
  byId("save-view-cancel").addEventListener("click", () => dialog.close());
  byId("save-view-remove").addEventListener("click", async () => {
    const kept = edited;
    if (!kept) return;
    const outcome = await actions.changeViews((api) => api.removeView(kept.id));
    if (typeof outcome === "string") return fill(byId("save-view-error"), outcome);
    dialog.close();
    if (state && askedOf(state.view).saved === kept.id) actions.showView("all");
    mention(gettext("The view is removed. The conversations stay."));
  });

  return { render, save: () => edit(null), focus: () => button.focus() };
}

function OTHERS() {
  return [
    { view: "mentions", label: gettext("Mentions"), key: "5" },
    { view: "snoozed", label: gettext("Snoozed"), key: "6" },
  ];
}
