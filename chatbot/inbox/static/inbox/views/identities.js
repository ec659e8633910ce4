// One person on several channels: how they are known, who may be the same, what was made one.

import { byId, fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { date } from "../time.js";
import { kindName, nameOf, unreachableWords } from "../words.js";
import { channelMark } from "./marks.js";

/** @import { Actions } from "../actions.js"; */

/**
 * @param {Detail} detail
 * @param {Actions} actions
 */
export function buildIdentities({ contact, person }, actions) {
  const { identities, likely, merges } = person;
  return [
    h("h3", {}, gettext("Writes from")),
    h("ul", { class: "identities" }, ...identities.map(identity)),
    likely.length > 0 && h("h3", {}, gettext("Probably the same person")),
    likely.length > 0 && h("p", { class: "quiet" }, gettext("The same address was given. That proves nothing: compare what they wrote.")),
    likely.length > 0 && h("ul", { class: "identities" }, ...likely.map((other) => likelySame(other, contact, actions))),
    merges.length > 0 && h("h3", {}, gettext("Made one")),
    merges.length > 0 && h("ul", { class: "identities" }, ...merges.map((merge) => undoable(merge, actions))),
  ];
}

/** @param {Identity} identity */
function identity({ channel, name, address, unreachable }) {
  return h("li", {}, channelMark(channel),
    h("div", { class: "grow" },
      h("p", {}, name || address || kindName(channel.kind)),
      h("p", { class: "quiet small" }, [name && address, channel.name].filter(Boolean).join(" · ")),
      unreachable && h("p", { class: "unreachable small" }, icon("blocked"), unreachableWords(unreachable))));
}

/**
 * @param {Likely} other
 * @param {Contact} contact
 * @param {Actions} actions
 */
function likelySame(other, contact, actions) {
  const count = interpolate(ngettext("%(count)s conversation", "%(count)s conversations", other.conversations), { count: other.conversations }, true);
  const since = interpolate(gettext("since %(date)s"), { date: date(other.since) }, true);
  const label = interpolate(gettext("Merge with %(name)s"), { name: other.name }, true);
  return h("li", {},
    h("span", { class: "marks" }, ...other.channels.map(channelMark)),
    h("div", { class: "grow" },
      h("p", {}, other.name),
      h("p", { class: "quiet small" }, [count, since].join(", "))),
    h("button", { type: "button", "aria-label": label, on: { click: () => confirm(other, contact, actions) } }, gettext("Merge")));
}

/**
 * Says what will happen, and does it only then.
 * @param {Likely} other
 * @param {Contact} contact
 * @param {Actions} actions
 */
function confirm(other, contact, actions) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("merge"));
  const names = { name: nameOf(contact), other: other.name };
  fill(byId("merge-title"), interpolate(gettext("Make %(other)s and %(name)s one person?"), names, true));
  fill(byId("merge-text"),
    h("p", {}, interpolate(gettext("What is known of %(other)s goes to %(name)s: every channel and every conversation. What %(name)s lacks is filled in."), names, true)),
    h("p", {}, gettext("Nobody is told. You can undo it here.")));
  dialog.returnValue = "no";
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "yes") return;
    void actions.changePerson((api) => api.merge(contact.id, other.id), gettext("They are one person now."));
  }, { once: true });
  dialog.showModal();
}

/**
 * @param {Merge} merge
 * @param {Actions} actions
 */
function undoable({ id, name, way, by, at }, actions) {
  const who = name || gettext("Visitor");
  const told = { by, date: date(at) };
  const how = way === "proven"
    ? interpolate(gettext("%(date)s, as they proved it"), told, true)
    : by ? interpolate(gettext("%(date)s, by %(by)s"), told, true) : told.date;
  const label = interpolate(gettext("Undo: take %(name)s apart again"), { name: who }, true);
  return h("li", {},
    h("div", { class: "grow" }, h("p", {}, who), h("p", { class: "quiet small" }, how)),
    h("button", { type: "button", "aria-label": label, on: { click: () => void actions.changePerson((api) => api.undoMerge(id), gettext("They are two again.")) } },
      gettext("Undo")));
}
