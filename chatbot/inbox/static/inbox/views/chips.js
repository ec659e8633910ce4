// Small signs on rows and in the head: labels, until when it sleeps, what is due, who is blocked.

import { h, spoken } from "../dom.js";
import { icon } from "../icons.js";
import { clock, duration, fullTime, weekdayAndClock } from "../time.js";

const MOST = 2;
const DAY = 86_400_000;

/**
 * The labels of a conversation: a spot of colour and a name each.
 * @param {Label[]} labels
 * @param {number} [most] how many are shown; the rest is counted
 */
export function labelChips(labels, most = MOST) {
  const shown = labels.length > most + 1 ? labels.slice(0, most) : labels;
  const rest = labels.slice(shown.length);
  return [
    ...shown.map(labelChip),
    rest.length > 0 && h("span", { class: "chip", "data-tip": rest.map(({ name }) => name).join(", ") }, `+${rest.length}`, spoken(rest.map(({ name }) => name).join(", "))),
  ];
}

/** @param {Label} label */
export function labelChip({ name, colour }) {
  return h("span", { class: "chip label", "data-colour": colour }, h("span", { class: "spot", "aria-hidden": "true" }), h("span", { class: "label-name" }, name));
}

/** @param {Row} row */
export function snoozeChip({ snoozed_until }) {
  if (!snoozed_until) return null;
  const tip = fullTime(snoozed_until);
  return h("span", { class: "chip snoozed", "data-tip": tip }, icon("moon"), interpolate(gettext("Until %(time)s"), { time: soon(snoozed_until) }, true));
}

/** @param {Row} row */
export function blockedChip({ contact }) {
  return contact.blocked && h("span", { class: "chip blocked", "data-tip": gettext("What they write is kept and answered by nobody") }, icon("blocked"), gettext("Blocked"));
}

/**
 * A moment as people say it: the time alone today, the weekday within a week.
 * @param {string} iso
 */
export function soon(iso) {
  const at = new Date(iso);
  if (at.toDateString() === new Date().toDateString()) return clock(iso);
  return Math.abs(at.getTime() - Date.now()) < 6 * DAY ? weekdayAndClock(iso) : fullTime(iso);
}

/** @typedef {{due: string, amber: string, kind: "reply" | "resolve"}} Due */

/**
 * What a service level promises in a conversation, the sooner one first.
 * @param {Row} row
 * @returns {Due[]}
 */
function dues(row) {
  /** @type {Due[]} */
  const found = [];
  if (row.reply_due_at) found.push({ due: row.reply_due_at, amber: row.reply_amber_at ?? row.reply_due_at, kind: "reply" });
  if (row.resolve_due_at) found.push({ due: row.resolve_due_at, amber: row.resolve_amber_at ?? row.resolve_due_at, kind: "resolve" });
  return found.sort((a, b) => Date.parse(a.due) - Date.parse(b.due));
}

/**
 * Clocks of service levels: calm, amber with a fifth of the time left, red when late. Never read out by themselves.
 * @param {Row} row
 * @param {number} [most]
 */
export function clockChips(row, most = 1) {
  return dues(row).slice(0, most).map(({ due, amber, kind }) => {
    const element = h("span", { class: "chip wait due", "data-due": due, "data-amber": amber, "data-kind": kind, "data-tip": fullTime(due) });
    showClock(element);
    return element;
  });
}

/** @param {HTMLElement} element */
function showClock(element) {
  const { due = "", amber = "", kind } = element.dataset;
  const left = Date.parse(due) - Date.now();
  const level = left <= 0 ? "red" : Date.now() >= Date.parse(amber) ? "amber" : "calm";
  element.dataset.level = level;
  element.replaceChildren(icon(level === "red" ? "late" : kind === "reply" ? "reply" : "check"), words(kind, left));
}

/**
 * @param {string | undefined} kind
 * @param {number} left milliseconds
 */
function words(kind, left) {
  const time = duration(Math.abs(left));
  if (left <= 0) return interpolate(kind === "reply" ? gettext("Reply late by %(time)s") : gettext("Late by %(time)s"), { time }, true);
  return interpolate(kind === "reply" ? gettext("Reply in %(time)s") : gettext("Resolve in %(time)s"), { time }, true);
}

/** Brings every clock on the page up to date. */
export function refreshClocks() {
  for (const element of document.querySelectorAll("[data-due]")) showClock(/** @type {HTMLElement} */ (element));
}
