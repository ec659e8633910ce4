// Until when the agent has to say something: counted down in the head, told to screen readers once.

import { byId, fill } from "../dom.js";
import { icon } from "../icons.js";
import { clock, countdown, inWords, weekdayAndClock } from "../time.js";

/** @import { Actions } from "../actions.js"; */

const HOUR = 3_600_000;
const AMBER_FROM = 30_000;
const ASK_AFTER = 5_000; // the server looks every few seconds who is late
const EVERY = 1_000;

/** @param {Actions} actions */
export function createDeadline(actions) {
  const place = byId("deadline");
  const chip = byId("deadline-chip");
  const told = byId("deadline-told");
  /** @type {string} */
  let due = "";
  let conversation = 0;
  let askAt = 0;
  let shown = "";

  /** @param {State} state */
  function render(state) {
    const { detail, me } = state;
    const answerBy = detail && detail.status === "assigned" && detail.assignee?.id === me.id ? detail.assignment?.answer_by ?? "" : "";
    if (answerBy === due && detail?.id === conversation) return;
    due = answerBy;
    conversation = detail?.id ?? 0;
    askAt = Date.parse(due) + ASK_AFTER;
    place.hidden = !due;
    fill(told, due && spokenWords(due));
    show();
  }

  function show() {
    if (!due) return;
    const left = Date.parse(due) - Date.now();
    const words = wordsOf(due, left);
    const level = left <= AMBER_FROM ? "amber" : "calm";
    if (`${level}${words}` === shown && chip.childElementCount) return;
    shown = `${level}${words}`;
    chip.dataset.level = level;
    fill(chip, icon(level === "amber" ? "late" : "clock"), words);
  }

  window.setInterval(() => {
    if (!due) return;
    show();
    // Whether it has gone, or stays because nobody else could take it, only the server knows.
    if (Date.now() < askAt || document.hidden) return;
    askAt = Date.now() + 2 * ASK_AFTER;
    void actions.loadDetail(conversation);
  }, EVERY);

  return { render };
}

/**
 * @param {string} due
 * @param {number} left milliseconds
 */
function wordsOf(due, left) {
  if (left <= 0) return gettext("Answer now, or it goes to the next");
  if (left >= HOUR) return by(due);
  return interpolate(gettext("Answer within %(time)s, or it goes to the next"), { time: countdown(left) }, true);
}

/** @param {string} due */
function spokenWords(due) {
  const left = Date.parse(due) - Date.now();
  if (left <= 0 || left >= HOUR) return wordsOf(due, left);
  return interpolate(gettext("Answer within %(time)s, or it goes to the next"), { time: inWords(left) }, true);
}

/** @param {string} due */
function by(due) {
  const today = new Date(due).toDateString() === new Date().toDateString();
  const time = today ? clock(due) : weekdayAndClock(due);
  return interpolate(gettext("Answer by %(time)s, or it goes to the next"), { time }, true);
}
