// Above the list: the search field, the filters, and what of them is set.

import { askedOf, FACTS, keyOf, narrowing } from "../asked.js";
import { byId, fill, h, spoken } from "../dom.js";
import { icon } from "../icons.js";
import { languageName } from "../time.js";
import { kindName, priorityName, statusName } from "../words.js";

/** @import { Actions } from "../actions.js"; */
/** @typedef {{value: string, label: string}} Option */

const TYPED_AFTER = 220;
const STATUSES = ["open", "bot", "queued", "assigned", "resolved"];

/**
 * @param {Actions} actions
 * @param {() => void} save what is set as a view
 */
export function createFinding(actions, save) {
  const field = /** @type {HTMLInputElement} */ (byId("search"));
  const panel = byId("filters");
  const button = byId("filters-button");
  const form = /** @type {HTMLFormElement} */ (byId("filters-form"));
  const chips = byId("filter-chips");
  const told = h("p", { class: "spoken", role: "status" });
  byId("filters-form").after(told);
  let typing = 0;
  /** @type {State | null} */
  let state = null;
  /** @type {View} */
  let before = "all"; // what is shown again when a search ends
  /** @type {unknown[]} */
  let shown = [];

  /** @param {Record<string, string>} change of filters; "" takes one away */
  function set(change) {
    if (!state) return;
    const asked = askedOf(state.view);
    const filters = { ...asked.filters, ...change };
    // What is looked for is looked for everywhere.
    const begins = filters.q && !asked.filters.q;
    const base = begins ? { view: "all", saved: 0 } : asked;
    actions.showView(keyOf({ ...base, filters: begins ? { ...filters, sort: "" } : filters }));
  }

  function search() {
    clearTimeout(typing);
    if (!state) return;
    const asked = askedOf(state.view);
    const { filters } = asked;
    const q = field.value.trim() ? field.value.trimStart() : "";
    if (q === (filters.q ?? "")) return;
    if (q && !filters.q) before = state.view;
    const others = narrowing(asked).some((name) => name !== "q");
    if (!q && !others) actions.showView(before);
    else set({ q });
  }

  field.addEventListener("input", () => {
    clearTimeout(typing);
    typing = window.setTimeout(search, TYPED_AFTER);
  });
  field.addEventListener("search", search);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") search();
    if (event.key === "Escape" && field.value) {
      event.stopPropagation();
      event.preventDefault();
      field.value = "";
      search();
    } else if (event.key === "ArrowDown" || event.key === "Enter") {
      const first = byId("rows").querySelector("a");
      if (!first || event.isComposing) return;
      event.preventDefault();
      if (event.key === "ArrowDown") first.focus();
    }
  });

  form.addEventListener("change", () => {
    /** @type {Record<string, string>} */
    const change = {};
    const data = new FormData(form);
    change.status = data.getAll("status").join(",");
    for (const name of ["assignee", "channels", "topics", "labels", "priorities", "languages", "mentions"]) change[name] = String(data.get(name) ?? "");
    for (const name of FACTS) change[name] = data.has(name) ? "true" : "";
    set(change);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  byId("filters-clear").addEventListener("click", clear);
  byId("filters-close").addEventListener("click", () => panel.hidePopover());
  panel.addEventListener("beforetoggle", () => {
    const at = button.getBoundingClientRect();
    // Beside the list, which changes with every choice, where there is room.
    const beside = innerWidth >= at.right + 384;
    panel.style.top = `${beside ? at.top : at.bottom + 8}px`;
    panel.style.left = `${beside ? at.right + 16 : Math.max(8, Math.min(at.right - 280, innerWidth - 368))}px`;
  });
  panel.addEventListener("toggle", (event) => {
    const open = /** @type {ToggleEvent} */ (event).newState === "open";
    button.setAttribute("aria-expanded", String(open));
    if (open) /** @type {HTMLElement | null} */ (form.querySelector("input, select"))?.focus();
  });

  function clear() {
    if (!state) return;
    const { view, filters } = askedOf(state.view);
    field.value = "";
    actions.showView(keyOf({ view, saved: 0, filters: { sort: filters.sort ?? "" } }));
  }

  /** @param {State} next */
  function render(next) {
    state = next;
    const asked = askedOf(next.view);
    const parts = [next.view, next.topics, next.agents.length, next.choices, next.savedViews];
    if (parts.every((part, index) => part === shown[index])) return;
    shown = parts;
    if (document.activeElement !== field) field.value = asked.filters.q ?? "";
    const names = narrowing(asked).filter((name) => name !== "q");
    button.dataset.set = String(names.length > 0);
    renderForm(next, asked.filters);
    renderChips(next, asked, names);
  }

  /**
   * @param {State} now
   * @param {Record<string, string>} filters
   */
  function renderForm(now, filters) {
    const focused = document.activeElement instanceof HTMLElement && form.contains(document.activeElement) ? document.activeElement.id : "";
    fill(byId("filter-status"), ...STATUSES.map((value) => check("status", value, statusLabel(value), (filters.status ?? "").split(",").includes(value))));
    fill(byId("filter-facts"), ...FACTS.map((name) => check(name, "true", factLabel(name), filters[name] === "true")));
    fill(byId("filter-fields"), ...fields(now).map(({ name, label, options }) => select(name, label, options, filters[name] ?? "")));
    if (focused) document.getElementById(focused)?.focus();
  }

  /**
   * @param {State} now
   * @param {Asked} asked
   * @param {string[]} names
   */
  function renderChips(now, asked, names) {
    const focused = chips.contains(document.activeElement);
    chips.hidden = !names.length && !asked.filters.q && !asked.filters.sort;
    if (chips.hidden) {
      if (focused) field.focus();
      fill(chips);
      return;
    }
    fill(chips, ...names.map((name) => h("li", {}, h("button", { type: "button", on: { click: () => set({ [name]: "" }) } },
      spoken(gettext("Remove filter:")), " ", describe(now, name, asked.filters[name]), icon("close")))),
      h("li", {}, h("button", { type: "button", class: "link", "aria-haspopup": "dialog", on: { click: save } }, gettext("Save as view"))),
      names.length > 1 && h("li", {}, h("button", { type: "button", class: "link", on: { click: clear } }, gettext("Clear all"))));
    if (focused) chips.querySelector("button")?.focus();
  }

  /** @param {State} now */
  function tell(now) {
    const list = now.lists[now.view];
    if (list.load !== "ready" || !askedOf(now.view).filters.q) return;
    const count = list.ids.length;
    const text = list.next ? gettext("More than this page found") : interpolate(ngettext("%(count)s conversation found", "%(count)s conversations found", count), { count }, true);
    if (told.textContent !== text) fill(told, text);
  }

  byId("filters").before(told);
  return {
    /** @param {State} next */
    render(next) {
      render(next);
      tell(next);
    },
    clear,
    focus() {
      field.focus();
      field.select();
    },
    open: () => panel.togglePopover(),
  };
}

/**
 * @param {string} name
 * @param {string} value
 * @param {string} label
 * @param {boolean} checked
 */
function check(name, value, label, checked) {
  return h("label", { class: "check" }, h("input", { type: "checkbox", name, value, id: `filter-${name}-${value}`, checked }), " ", label);
}

/**
 * @param {string} name
 * @param {string} label
 * @param {Option[]} options
 * @param {string} value
 */
function select(name, label, options, value) {
  const id = `filter-${name}`;
  // Of several values, as an address may have them, the field shows what it can.
  const known = options.some((option) => option.value === value) || !value ? options : [...options, { value, label: value }];
  return h("div", {}, h("label", { for: id }, label), h("select", { id, name },
    ...known.map((option) => h("option", { value: option.value, selected: option.value === value }, option.label))));
}

/**
 * @param {State} state
 * @returns {{name: string, label: string, options: Option[]}[]}
 */
function fields({ agents, topics, choices }) {
  const any = { value: "", label: gettext("Any") };
  return [
    { name: "assignee", label: gettext("With whom"), options: [any, { value: "me", label: gettext("Me") }, { value: "nobody", label: gettext("Nobody") }, ...agents.map(({ id, name }) => ({ value: String(id), label: name }))] },
    { name: "channels", label: gettext("Channel"), options: [any, ...channelOptions(choices.channels)] },
    { name: "topics", label: gettext("Topic"), options: [any, ...topics.map(({ slug, name }) => ({ value: slug, label: name })), { value: "-", label: gettext("No topic") }] },
    { name: "labels", label: gettext("Label"), options: [any, ...choices.labels.map(({ id, name }) => ({ value: String(id), label: name }))] },
    { name: "priorities", label: gettext("Priority"), options: [any, .../** @type {Priority[]} */ (["urgent", "high", "normal"]).map((one) => ({ value: one, label: priorityName(one) }))] },
    { name: "languages", label: gettext("Language"), options: [any, ...choices.languages.map((tag) => ({ value: tag, label: languageName(tag) }))] },
    { name: "mentions", label: gettext("Mentions of you"), options: [any, { value: "unseen", label: gettext("Not seen yet") }, { value: "all", label: gettext("All of them") }] },
  ];
}

/** @param {Choices["channels"]} channels */
function channelOptions(channels) {
  const kinds = [...new Set(channels.map(({ kind }) => kind))];
  return [
    ...kinds.map((kind) => ({ value: kind, label: kindName(kind) })),
    ...(channels.length > kinds.length ? channels.map(({ id, kind, name }) => ({ value: String(id), label: `${kindName(kind)}: ${name}` })) : []),
  ];
}

/** @param {string} value */
function statusLabel(value) {
  return value === "open" ? pgettext("conversation", "Open") : statusName(/** @type {Status} */ (value));
}

/** @param {string} name */
function factLabel(name) {
  switch (name) {
    case "vip": return gettext("VIP");
    case "waiting": return gettext("Waiting for an answer");
    case "overdue": return gettext("Answer is late");
    case "failed": return gettext("Not delivered");
    case "snoozed": return gettext("Snoozed");
    default: return gettext("Blocked customers");
  }
}

/**
 * @param {State} state
 * @param {string} name
 * @param {string} value
 */
function describe(state, name, value) {
  if (FACTS.includes(name)) return value === "true" ? factLabel(name) : interpolate(gettext("Not: %(filter)s"), { filter: factLabel(name) }, true);
  const values = value.split(",");
  if (name === "status") return values.map(statusLabel).join(", ");
  const found = fields(state).find((one) => one.name === name);
  if (!found) return value;
  const said = values.map((one) => found.options.find((option) => option.value === one)?.label ?? one).join(", ");
  return `${found.label}: ${said}`;
}
