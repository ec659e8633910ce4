// The bar that does everything (Ctrl+K): commands, conversations, colleagues, found by a few letters.

import { byId, fill, h } from "../dom.js";
import { fits } from "../fuzzy.js";
import { keysOf } from "../keys.js";
import { usage } from "../memory.js";

/** @typedef {import("../keys.js").Command} Command */
/** @typedef {import("../keys.js").Group} Group */

const AT_MOST = 40;
const FIND_AFTER = 150;
const LATELY = 14 * 86_400_000; // after which a use counts half

/**
 * @param {() => Command[]} now what can be done here and now
 * @param {(query: string) => Command[]} known conversations that the page knows and that fit
 * @param {(query: string) => Promise<Command[]>} find conversations that the server finds
 */
export function createCommandBar(now, known, find) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("bar"));
  const input = /** @type {HTMLInputElement} */ (byId("bar-input"));
  const list = byId("bar-list");
  const told = byId("bar-told");
  /** @type {Command[]} */
  let shown = [];
  /** @type {Command[]} */
  let possible = [];
  /** @type {Command[]} */
  let found = [];
  let at = 0;
  let timer = 0;

  function open() {
    possible = now();
    found = [];
    input.value = "";
    dialog.showModal();
    render();
  }

  /** @param {string} query */
  async function look(query) {
    const results = await find(query);
    if (input.value.trim() !== query || !dialog.open) return;
    const kept = shown[at];
    found = results;
    render(kept);
  }

  /** @param {Command} [kept] stays chosen when more was found */
  function render(kept) {
    const query = input.value.trim();
    const conversations = query ? unique([...known(query), ...found]) : [];
    shown = [...ranked(possible, query), ...conversations].slice(0, AT_MOST);
    at = Math.max(0, kept ? shown.findIndex((one) => one === kept || idOf(one) === idOf(kept)) : 0);
    fill(list, ...shown.map((command, index) => h("li", {
      role: "option", id: `bar-option-${index}`, "aria-selected": String(index === at),
      on: { click: () => run(index), pointermove: () => index !== at && choose(index) },
    },
    h("span", { class: "grow" }, command.label),
    h("span", { class: "quiet small" }, groupName(command.group ?? "conversation")),
    keysOf(command).length > 0 && h("span", { class: "bar-keys" }, ...keysOf(command).map((key) => h("kbd", {}, key))))));
    point();
    const words = shown.length
      ? interpolate(ngettext("%(count)s result", "%(count)s results", shown.length), { count: shown.length }, true)
      : gettext("Nothing fits. Try other words, a name or a number.");
    if (told.textContent !== words) fill(told, words);
    told.classList.toggle("spoken", shown.length > 0);
  }

  /** @param {number} index */
  function choose(index) {
    list.children[at]?.setAttribute("aria-selected", "false");
    at = index;
    list.children[at]?.setAttribute("aria-selected", "true");
    point();
  }

  function point() {
    const option = list.children[at];
    if (option) {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  }

  /** @param {number} index */
  function run(index) {
    const command = shown[index];
    if (!command) return;
    dialog.close();
    if (command.group !== "go") usage.add(idOf(command)); // a conversation is opened once
    command.run();
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    found = [];
    render();
    const query = input.value.trim();
    if (query) timer = window.setTimeout(() => void look(query), FIND_AFTER);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || !shown.length) return;
    const step = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: Math.min(at + 8, shown.length - 1), PageUp: Math.max(at - 8, 0) }[event.key];
    if (step !== undefined) choose((step + shown.length) % shown.length);
    else if (event.key === "Enter") run(at);
    else return;
    event.preventDefault();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    dialog.close();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  byId("bar-button").addEventListener("click", open);
  return { open };
}

/** @param {Command} command */
function idOf({ id, label }) {
  return id ?? label;
}

/** @param {Command[]} commands */
function unique(commands) {
  return [...new Map(commands.map((command) => [idOf(command), command])).values()];
}

/**
 * What fits best first, and of what fits alike what is used most.
 * @param {Command[]} commands
 * @param {string} query
 */
function ranked(commands, query) {
  const used = usage.get();
  return commands
    .map((command, index) => {
      const fit = Math.max(fits(query, command.label), command.words ? fits(query, command.words) - 0.5 : 0);
      return { command, fit, use: weight(used[idOf(command)]), index };
    })
    .filter(({ fit }) => fit > 0)
    .sort((a, b) => b.fit - a.fit || b.use - a.use || a.index - b.index)
    .map(({ command }) => command);
}

/** @param {[number, number] | undefined} use how often, and when last */
function weight(use) {
  return use ? use[0] * 0.5 ** ((Date.now() - use[1]) / LATELY) : 0;
}

/** @param {Group} group */
function groupName(group) {
  switch (group) {
    case "conversation": return gettext("This conversation");
    case "views": return gettext("Views");
    case "go": return gettext("Conversation");
    case "me": return gettext("You");
    case "help": return gettext("Help");
  }
}
