// The registry of all that can be done: each command once, with its key. Single keys are off while
// somebody writes, and off for good if they wish.

import { byId, fill, h } from "./dom.js";
import { choice } from "./memory.js";

/**
 * Something that can be done. `when`: whether it is possible here and now (always, where it is left
 * out). `chord`: goes with Ctrl or Cmd, also while somebody writes. `words`: other names for it.
 * `id` is its label where it has none; the order by use goes by it.
 * @typedef {"conversation" | "views" | "go" | "me" | "help"} Group
 * @typedef {{id?: string, key?: string, chord?: boolean, label: string, words?: string, group?: Group, when?: () => boolean, run: () => void}} Command
 */

const off = choice("keys-off");

/**
 * @param {Command[]} first
 * @param {() => void} leave what Escape does in a text field
 */
export function createKeys(first, leave) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("help"));
  const commands = [...first];
  /** @type {(() => Command[])[]} */
  const sources = [];

  // What has just closed keeps the focus until the next frame: what is pressed by then is the page's.
  window.addEventListener("keydown", (event) => {
    const { target } = event;
    if (!(target instanceof HTMLElement) || !target.closest("dialog:not([open]), [popover]:not(:popover-open)")) return;
    event.stopImmediatePropagation();
    target.blur();
    if (!document.body.dispatchEvent(new KeyboardEvent("keydown", event))) event.preventDefault();
  }, true);
  document.addEventListener("keydown", (event) => {
    const writing = isWriting(event.target);
    if (event.key === "Escape" && writing && !event.defaultPrevented) return leave();
    if (event.altKey || event.repeat || event.defaultPrevented) return;
    const chord = event.ctrlKey || event.metaKey;
    if (!chord && (writing || off.get())) return;
    if (document.querySelector("dialog[open], :popover-open")) return;
    const pressed = event.key.toLowerCase();
    /** @param {string} name */
    const named = (name) => commands.find((one) => one.key?.toLowerCase() === name && Boolean(one.chord) === chord && possible(one));
    const command = (event.shiftKey && named(`shift+${pressed}`)) || named(pressed);
    if (!command) return;
    event.preventDefault();
    command.run();
  });

  const toggle = /** @type {HTMLInputElement} */ (byId("keys-on"));
  toggle.checked = !off.get();
  toggle.addEventListener("change", () => off.set(!toggle.checked));
  byId("help-button").addEventListener("click", show);

  /** All keys, also those of what is not possible just now: this is where one learns them. */
  function show() {
    fill(byId("help-keys"),
      ...commands.filter(({ key }) => key).map((command) => line(keysOf(command), command.label)),
      line([modifier(), "Enter"], gettext("Send what you have written")),
      line(["/"], gettext("Canned replies, while writing")),
      line(["@"], gettext("Name a colleague, in a note")),
      line(["Esc"], gettext("Leave the text field")),
    );
    dialog.showModal();
    dialog.scrollTop = 0; // the focus is on Close, below all keys
  }

  return {
    show,
    /** @param {...Command} more */
    add: (...more) => void commands.push(...more),
    /**
     * Commands that depend on what is there, like one for each colleague.
     * @param {() => Command[]} source
     */
    offer: (source) => void sources.push(source),
    /** Everything that can be done here and now. */
    now: () => [...commands, ...sources.flatMap((source) => source())].filter(possible),
  };
}

/** @param {Command} command */
function possible({ when }) {
  return when === undefined || when();
}

/**
 * The keys of a command as they stand on the keyboard.
 * @param {Command} command
 */
export function keysOf({ key, chord }) {
  if (!key) return [];
  return chord ? [modifier(), key] : [key];
}

/**
 * @param {string[]} keys
 * @param {string} label
 */
function line(keys, label) {
  return h("div", {}, h("dt", {}, ...keys.map((key) => h("kbd", {}, key))), h("dd", {}, label));
}

function modifier() {
  return isMac() ? "⌘" : "Ctrl";
}

export function isMac() {
  return /Mac|iPhone|iPad/.test(navigator.platform);
}

/** @param {EventTarget | null} target */
function isWriting(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["radio", "checkbox", "button"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}
