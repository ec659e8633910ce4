// The settings of one agent: look, language, and what calls. Each is kept as soon as it is chosen.

import { byId, fill } from "../dom.js";
import { showTheme } from "../themes.js";

/**
 * @param {Preferences} first
 * @param {(change: Partial<Preferences>) => Promise<Preferences | string>} save gives all that is kept, or why nothing was
 * @param {() => void} ring
 */
export function createSettings(first, save, ring) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("settings"));
  const form = /** @type {HTMLFormElement} */ (byId("settings-form"));
  const told = byId("settings-told");
  const language = /** @type {HTMLSelectElement} */ (byId("settings-language"));
  const desktop = /** @type {HTMLInputElement} */ (byId("settings-desktop"));
  const sound = /** @type {HTMLInputElement} */ (byId("settings-sound"));
  const words = /** @type {HTMLInputElement} */ (byId("settings-words"));
  const events = /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[name=tell]"));
  const themes = /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[name=theme]"));
  let chosen = first;
  let asked = 0;

  function render() {
    for (const radio of themes) radio.checked = radio.value === chosen.theme;
    for (const box of events) box.checked = chosen.tell.includes(/** @type {CallEvent} */ (box.value));
    language.value = chosen.language;
    sound.checked = chosen.sound;
    desktop.checked = chosen.desktop && allowed();
    words.checked = chosen.words;
    words.disabled = !desktop.checked;
  }

  /** @param {Partial<Preferences>} change held for kept until the server says otherwise */
  async function keep(change) {
    fill(told);
    const before = chosen;
    chosen = { ...chosen, ...change };
    asked += 1;
    const turn = asked;
    const kept = await save(change);
    if (typeof kept === "string") {
      for (const name of /** @type {(keyof Preferences)[]} */ (Object.keys(change))) {
        // What was chosen anew meanwhile stays.
        if (chosen[name] === change[name]) chosen = { ...chosen, [name]: before[name] };
      }
      told.dataset.failed = "";
      fill(told, kept);
    } else {
      if (turn === asked) chosen = kept; // else a newer choice is on its way
      delete told.dataset.failed;
      fill(told, gettext("Saved"));
    }
    render();
    showTheme(chosen.theme);
    return typeof kept !== "string";
  }

  /** The browser asks only here, when the agent has just asked for it. */
  async function askBrowser() {
    if (!desktop.checked) return void keep({ desktop: false });
    const answer = "Notification" in window ? await Notification.requestPermission() : "denied";
    if (answer === "granted") return void keep({ desktop: true });
    desktop.checked = false;
    told.dataset.failed = "";
    fill(told, gettext("Your browser does not allow it. Allow notifications for this page in the browser's settings, then switch this on again."));
  }

  form.addEventListener("change", async ({ target }) => {
    if (target === language) {
      if (await keep({ language: language.value })) location.reload();
    } else if (target === desktop) void askBrowser();
    else if (target === sound) void keep({ sound: sound.checked });
    else if (target === words) void keep({ words: words.checked });
    else if (target instanceof HTMLInputElement && target.name === "theme") setTheme(/** @type {Theme} */ (target.value));
    else void keep({ tell: [...events].filter(({ checked }) => checked).map(({ value }) => /** @type {CallEvent} */ (value)) });
  });
  byId("settings-try").addEventListener("click", ring);
  byId("settings-button").addEventListener("click", open);

  /** @param {Theme} theme seen at once, kept when the server has it */
  function setTheme(theme) {
    showTheme(theme);
    void keep({ theme });
  }

  function open() {
    byId("account").hidePopover();
    fill(told);
    render();
    dialog.showModal();
  }

  return { open, setTheme, chosen: () => chosen };
}

function allowed() {
  return "Notification" in window && Notification.permission === "granted";
}
