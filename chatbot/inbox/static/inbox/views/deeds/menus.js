// The head's menu of further deeds, the bar for several conversations, and blocking.

import { byId, fill, h, keepFocus } from "../../dom.js";
import { openRow } from "../../state.js";
import { isMine, nameOf, priorityName } from "../../words.js";

/** @import { Actions } from "../../actions.js"; */
/** @import { Doing } from "./doing.js"; */
/** @import { Selecting } from "./selecting.js"; */

/** @type {Priority[]} */
const PRIORITIES = ["normal", "high", "urgent"];

/**
 * @param {Store} store
 * @param {Actions} actions
 * @param {Doing} doing
 * @param {Selecting} selecting
 * @param {{snooze: () => void, label: () => void, join: () => void}} dialogs
 */
export function createMenus(store, actions, doing, selecting, dialogs) {
  const button = byId("more");
  const menu = byId("more-menu");
  const dialog = /** @type {HTMLDialogElement} */ (byId("block-dialog"));
  const reason = /** @type {HTMLInputElement} */ (byId("block-reason"));
  const bulkMenu = byId("bulk-menu");
  const give = /** @type {HTMLSelectElement} */ (byId("bulk-give"));
  const topic = /** @type {HTMLSelectElement} */ (byId("bulk-topic"));
  const priority = /** @type {HTMLSelectElement} */ (byId("bulk-priority"));
  let offered = "";

  fill(priority, h("option", { value: "" }, gettext("Priority")), ...PRIORITIES.map((value) => h("option", { value }, priorityName(value))));

  /** @type {Record<string, () => void>} */
  const run = {
    snooze: dialogs.snooze, label: dialogs.label, join: dialogs.join, undo: () => void doing.undo(), block,
    wake: () => void (store.state.open !== null && wake(store.state.open)),
    unblock: () => void (store.state.open !== null && unblock(store.state.open)),
    resolve: () => void all("resolve"), queue: () => void all("queue"), "hand-back": () => void all("hand_back"),
  };
  for (const place of [menu, bulkMenu, byId("bulk")]) {
    place.addEventListener("click", (event) => {
      const chosen = event.target instanceof Element ? event.target.closest("[data-deed]") : null;
      if (!(chosen instanceof HTMLElement)) return;
      for (const open of [menu, bulkMenu]) if (open.matches(":popover-open")) open.hidePopover();
      run[chosen.dataset.deed ?? ""]?.();
    });
  }
  for (const popover of [menu, bulkMenu]) {
    popover.addEventListener("toggle", (event) => {
      const open = /** @type {ToggleEvent} */ (event).newState === "open";
      document.querySelector(`[popovertarget="${popover.id}"]`)?.setAttribute("aria-expanded", String(open));
      if (open) place(popover);
    });
    popover.addEventListener("keydown", (event) => {
      const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      const items = /** @type {HTMLElement[]} */ ([...popover.querySelectorAll("button:not([hidden])")]);
      if (!step || !(event.target instanceof HTMLButtonElement)) return;
      event.preventDefault();
      items[(items.indexOf(event.target) + step + items.length) % items.length]?.focus();
    });
  }
  give.addEventListener("change", () => choose(give, (value) => all("give", { agent: Number(value) })));
  topic.addEventListener("change", () => choose(topic, (value) => all("topic", { topic: value === "none" ? "" : value })));
  priority.addEventListener("change", () => choose(priority, (value) => all("priority", { priority: /** @type {Priority} */ (value) })));

  /**
   * @param {HTMLSelectElement} select
   * @param {(value: string) => Promise<void>} use
   */
  function choose(select, use) {
    const { value } = select;
    select.value = "";
    if (!value) return;
    bulkMenu.hidePopover();
    void use(value);
  }

  /** @param {HTMLElement} popover */
  function place(popover) {
    const opener = document.querySelector(`[popovertarget="${popover.id}"]`);
    if (!opener) return;
    const at = opener.getBoundingClientRect();
    const { width, height } = popover.getBoundingClientRect();
    popover.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
    popover.style.top = `${Math.max(8, Math.min(at.bottom + 6, innerHeight - height - 8))}px`;
    /** @type {HTMLElement | null} */ (popover.querySelector("button:not([hidden])"))?.focus();
  }

  /**
   * @param {DeedName} deed
   * @param {DeedValues} [values]
   */
  async function all(deed, values = {}) {
    if (await doing.run(deed, selecting.targets(), values)) selecting.clear();
  }

  /** @param {number} id */
  const wake = (id) => doing.call((api) => api.wake(id), gettext("It is back."));
  /** @param {number} id */
  const unblock = (id) => doing.call((api) => api.unblock(id), gettext("Unblocked."));

  function block() {
    const rows = selecting.many() ? selecting.rows() : [openRow(store.state)];
    const row = rows[0];
    if (!row) return;
    reason.value = "";
    fill(byId("block-title"), rows.length > 1
      ? interpolate(ngettext("Block %(count)s customer", "Block %(count)s customers", rows.length), { count: rows.length }, true)
      : interpolate(gettext("Block %(name)s"), { name: nameOf(row.contact) }, true));
    dialog.showModal();
    reason.focus();
  }
  byId("block-form").addEventListener("submit", (event) => {
    event.preventDefault();
    dialog.close();
    void all("block", { reason: reason.value.trim() });
  });
  byId("block-cancel").addEventListener("click", () => dialog.close());
  keepFocus(dialog);

  /** @param {State} state */
  function render(state) {
    const row = openRow(state);
    button.hidden = row === null;
    const people = row !== null && (row.status === "queued" || isMine(row, state.me.id) || (row.status === "assigned" && Boolean(state.me.supervises)));
    /** @type {Record<string, boolean>} */
    const shown = { snooze: people, wake: Boolean(row?.snoozed_until) && people, block: row !== null && !row.contact.blocked, unblock: Boolean(row?.contact.blocked) };
    for (const [name, there] of Object.entries(shown)) {
      const item = menu.querySelector(`[data-deed="${name}"]`);
      if (item instanceof HTMLElement) item.hidden = !there;
    }
    const people_ = state.me.supervises ? state.agents : state.agents.filter(({ id }) => id === state.me.id);
    const key = JSON.stringify([people_.map(({ id, name }) => [id, name]), state.topics]);
    if (key === offered) return;
    offered = key;
    fill(give, h("option", { value: "" }, gettext("Give to")), ...people_.map(({ id, name }) =>
      h("option", { value: id }, id === state.me.id ? gettext("Me") : name)));
    const sorted = [...state.topics].sort((a, b) => a.name.localeCompare(b.name));
    fill(topic, h("option", { value: "" }, gettext("Topic")), h("option", { value: "none" }, gettext("No topic")),
      ...sorted.map(({ slug, name }) => h("option", { value: slug }, name)));
  }

  return {
    render, all,
    show: () => void (selecting.many() ? bulkMenu.showPopover() : button.hidden || menu.showPopover()),
  };
}
