// Putting conversations out of sight: until when.

import { byId, fill, h, keepFocus, pick } from "../../dom.js";
import { fullTime, weekdayAndClock } from "../../time.js";

/** @import { Doing } from "./doing.js"; */
/** @import { Selecting } from "./selecting.js"; */

/**
 * @param {Doing} doing
 * @param {Selecting} selecting
 */
export function createSnooze(doing, selecting) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("snooze-dialog"));
  const list = byId("snooze-list");
  const form = /** @type {HTMLFormElement} */ (byId("snooze-form"));
  const at = /** @type {HTMLInputElement} */ (byId("snooze-at"));
  const error = byId("snooze-error");
  /** @type {number[]} */
  let targets = [];

  async function open() {
    targets = selecting.targets();
    if (!targets.length) return;
    const offered = await doing.call((api) => api.snoozeChoices(targets[0]), "");
    if (!offered) return;
    fill(error);
    form.reset();
    fill(list, ...offered.choices.map(({ name, until }) => h("li", {},
      h("button", { type: "button", class: "choice", on: { click: () => void snooze(until) } },
        h("span", {}, nameOf(name)), h("span", { class: "quiet figures" }, when(until))))));
    fill(byId("snooze-zone"), interpolate(gettext("In your time zone, %(zone)s."), offered, true));
    dialog.showModal();
    list.querySelector("button")?.focus();
  }

  /** @param {string} until */
  async function snooze(until) {
    dialog.close();
    if (await doing.run("snooze", targets, { until })) selecting.clear();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (at.value) void snooze(at.value);
    else {
      fill(error, gettext("Choose a date and a time first."));
      at.focus();
    }
  });
  byId("snooze-cancel").addEventListener("click", () => dialog.close());
  keepFocus(dialog);

  return { open: () => void open() };
}

/** @param {SnoozeName} name */
function nameOf(name) {
  return pick(name, {
    later: gettext("Later today"), tomorrow: gettext("Tomorrow morning"), next_day: gettext("The next working day"),
    monday: pgettext("snooze", "Monday"), week: gettext("In a week"),
  });
}

/** @param {string} iso */
function when(iso) {
  return Date.parse(iso) - Date.now() < 6 * 86_400_000 ? weekdayAndClock(iso) : fullTime(iso);
}
