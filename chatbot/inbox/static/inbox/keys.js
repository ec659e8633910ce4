// Single keys for everything, off while somebody writes, and off for good if they wish.

import { byId, fill, h } from "./dom.js";
import { choice } from "./memory.js";

/** @typedef {{key: string, label: string, run: () => void}} Shortcut */

const off = choice("keys-off");

/**
 * @param {Shortcut[]} shortcuts
 * @param {() => void} leave what Escape does in a text field
 */
export function createKeys(shortcuts, leave) {
  const dialog = byId("help");
  const byKey = new Map(shortcuts.map((shortcut) => [shortcut.key.toLowerCase(), shortcut]));

  document.addEventListener("keydown", (event) => {
    const writing = isWriting(event.target);
    if (event.key === "Escape" && writing) return leave();
    if (writing || off.get() || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (document.querySelector("dialog[open], :popover-open")) return;
    const key = event.key.toLowerCase();
    const shortcut = (event.shiftKey && byKey.get(`shift+${key}`)) || byKey.get(key);
    if (!shortcut) return;
    event.preventDefault();
    shortcut.run();
  });

  const toggle = /** @type {HTMLInputElement} */ (byId("keys-on"));
  toggle.checked = !off.get();
  toggle.addEventListener("change", () => off.set(!toggle.checked));

  const lines = [
    ...shortcuts.map(({ key, label }) => line([key], label)),
    line([isMac() ? "⌘" : "Ctrl", "Enter"], gettext("Send what you have written")),
    line(["/"], gettext("Canned replies, while writing")),
    line(["@"], gettext("Name a colleague, in a note")),
    line(["Esc"], gettext("Leave the text field")),
  ];
  fill(byId("help-keys"), ...lines);
  byId("help-button").addEventListener("click", show);

  function show() {
    /** @type {HTMLDialogElement} */ (dialog).showModal();
  }
  return { show };
}

/**
 * @param {string[]} keys
 * @param {string} label
 */
function line(keys, label) {
  return h("div", {}, h("dt", {}, ...keys.map((key) => h("kbd", {}, key))), h("dd", {}, label));
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
