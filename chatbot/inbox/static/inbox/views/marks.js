// What says that somebody goes first: an icon and a word, never colour alone.

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { kindName, priorityName } from "../words.js";

/** @param {Row} row */
export function priorityMark({ priority }) {
  if (priority === "normal") return null;
  return h("span", { class: "chip priority", "data-level": priority === "urgent" ? "red" : "amber", "data-tip": gettext("How soon a person should look") },
    icon(priority), priorityName(priority));
}

/**
 * Where somebody writes: an icon, with its kind and name for who cannot tell icons apart.
 * @param {Channel} channel
 */
export function channelMark({ kind, name }) {
  const label = `${kindName(kind)}: ${name}`;
  return h("span", { class: "mark", role: "img", "aria-label": label, "data-tip": label, "data-kind": kind }, icon(kind));
}

/** @param {Row} row */
export function vipMark({ contact }) {
  return contact.vip && h("span", { class: "chip vip", "data-tip": gettext("A customer who goes first") }, icon("vip"), gettext("VIP"));
}
