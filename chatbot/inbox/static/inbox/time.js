// Times in the agent's zone and language. Ages are elements that `refreshAges` keeps true.

import { h, spoken } from "./dom.js";
import { icon } from "./icons.js";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const AMBER_AFTER = 3 * MINUTE;
const RED_AFTER = 10 * MINUTE;

let locale = "en";
/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/**
 * The page's language, in the regional form that the browser prefers (en-GB for en).
 * @param {string} language
 */
export function useLanguage(language) {
  const regional = navigator.languages.find((tag) => tag.split("-")[0] === language.split("-")[0]);
  locale = regional ?? language;
  formats.clear();
}

/**
 * @param {string} iso
 * @param {Intl.DateTimeFormatOptions} options
 */
function format(iso, options) {
  const name = JSON.stringify(options);
  let formatter = formats.get(name);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat(locale, options);
    formats.set(name, formatter);
  }
  return formatter.format(new Date(iso));
}

/** @param {string} iso */
export const clock = (iso) => format(iso, { hour: "2-digit", minute: "2-digit" });

/** @param {string} iso */
export const fullTime = (iso) => format(iso, { dateStyle: "full", timeStyle: "short" });

/** @param {string} iso */
export const shortTime = (iso) => format(iso, { dateStyle: "medium", timeStyle: "short" });

/** @param {string} iso */
export const date = (iso) => format(iso, { dateStyle: "medium" });

/** @param {string} iso */
export const weekdayAndClock = (iso) => format(iso, { weekday: "long", hour: "2-digit", minute: "2-digit" });

/**
 * A day's name for the transcript's separators.
 * @param {string} iso
 */
export function dayName(iso) {
  const days = calendarDaysSince(iso);
  if (days === 0) return gettext("Today");
  if (days === 1) return gettext("Yesterday");
  const year = new Date(iso).getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return format(iso, { weekday: "long", day: "numeric", month: "long", year });
}

/** @param {string} iso */
function calendarDaysSince(iso) {
  const midnight = (/** @type {Date} */ at) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
  return Math.round((midnight(new Date()) - midnight(new Date(iso))) / DAY);
}

/**
 * @param {number} value
 * @param {"minute" | "hour"} unit
 */
function amount(value, unit) {
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" }).format(value);
}

/**
 * @param {number} milliseconds
 * @returns {string} "1 min" at least
 */
export function duration(milliseconds) {
  if (milliseconds < HOUR) return amount(Math.max(1, Math.floor(milliseconds / MINUTE)), "minute");
  if (milliseconds < DAY) return amount(Math.floor(milliseconds / HOUR), "hour");
  const days = Math.floor(milliseconds / DAY);
  return new Intl.NumberFormat(locale, { style: "unit", unit: "day", unitDisplay: "short" }).format(days);
}

/**
 * What is left, for somebody who watches it: "1:20", or whole minutes where there is time.
 * @param {number} milliseconds less than an hour
 */
export function countdown(milliseconds) {
  if (milliseconds >= 10 * MINUTE) return amount(Math.floor(milliseconds / MINUTE), "minute");
  const seconds = Math.ceil(milliseconds / SECOND);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/**
 * What is left, for somebody who hears it: "80 seconds", "12 minutes".
 * @param {number} milliseconds
 */
export function inWords(milliseconds) {
  const [value, unit] = milliseconds < 2 * MINUTE ? [Math.ceil(milliseconds / SECOND), "second"] : [Math.round(milliseconds / MINUTE), "minute"];
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(value);
}

/** @param {string} iso */
function age(iso) {
  const passed = Date.now() - new Date(iso).getTime();
  if (passed < MINUTE) return gettext("now");
  if (passed < DAY) return duration(passed);
  return format(iso, { day: "numeric", month: "short" });
}

/** @param {string} iso */
export function ageElement(iso) {
  return h("time", { class: "age", datetime: iso, "data-age": iso, "data-tip": fullTime(iso) }, age(iso));
}

/**
 * How long a customer has waited for a person: plain, amber after 3 minutes, red after 10.
 * @param {string} iso
 */
export function waitElement(iso) {
  const element = h("span", { class: "chip wait", "data-wait": iso });
  showWait(element, iso);
  return element;
}

/**
 * @param {HTMLElement} element
 * @param {string} iso
 */
function showWait(element, iso) {
  const passed = Date.now() - new Date(iso).getTime();
  const level = passed >= RED_AFTER ? "red" : passed >= AMBER_AFTER ? "amber" : "calm";
  element.dataset.level = level;
  element.replaceChildren(icon(level === "red" ? "late" : "clock"), spoken(gettext("Waiting")), " ", duration(passed));
}

/** Brings every age and waiting time on the page up to date. */
export function refreshAges() {
  for (const element of document.querySelectorAll("[data-age]")) {
    element.textContent = age(/** @type {HTMLElement} */ (element).dataset.age ?? "");
  }
  for (const element of document.querySelectorAll("[data-wait]")) {
    const chip = /** @type {HTMLElement} */ (element);
    showWait(chip, chip.dataset.wait ?? "");
  }
}

/** @param {number} bytes */
export function fileSize(bytes) {
  const [value, unit] = bytes < 1_000_000 ? [Math.max(1, bytes / 1_000), "kilobyte"] : [bytes / 1_000_000, "megabyte"];
  const digits = unit === "megabyte" && value < 10 ? 1 : 0;
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits }).format(value);
}

/**
 * A count that stays narrow: "9,482" is "9.5K".
 * @param {number} count
 */
export function compact(count) {
  return count < 1_000 ? String(count) : new Intl.NumberFormat(locale, { notation: "compact", maximumSignificantDigits: 2 }).format(count);
}

/** @param {number} share 0 to 1 */
export function percent(share) {
  return new Intl.NumberFormat(locale, { style: "percent" }).format(share);
}

/**
 * A language's name in the agent's language.
 * @param {string} tag
 */
export function languageName(tag) {
  try {
    return new Intl.DisplayNames([locale], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
