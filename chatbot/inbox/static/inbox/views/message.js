// One message of the transcript, as an element.

import { h, spoken } from "../dom.js";
import { icon } from "../icons.js";
import { safeHref, safeHtml } from "../safe-html.js";
import { clock, date, fullTime, percent } from "../time.js";
import { deliveryName, kindName } from "../words.js";
import { buildFiles, buildPictures } from "./files.js";
import { buildChecked, buildMore, machineWords } from "./letter.js";
import { channelMark } from "./marks.js";

/** @import { Reading } from "./letter.js"; */

/**
 * @typedef {{me: number, customer: string, channel: Channel | null, conversation: number | null}} Who
 * the agent's id, what the customer is called, where the conversation is, and its id
 * @typedef {{first: boolean, last: boolean}} Place
 * whether it opens a group of the same author and minute, and whether it ends one
 */

/**
 * @param {Message} message
 * @param {Place} place
 * @param {Who} who
 * @param {Reading & {resend: (id: number) => void}} run
 */
export function buildMessage(message, { first, last }, who, run) {
  if (message.kind === "notice") return buildNotice(message);
  const note = message.kind === "note";
  const side = message.author.kind === "contact" ? "theirs" : "ours";
  return h("div", { class: "message", "data-side": side, "data-kind": note ? "note" : message.author.kind, "data-first": String(first) },
    first && h("p", { class: "meta" },
      note && icon("lock"),
      h("strong", {}, authorName(message, who)),
      note && ` ${gettext("left a note")}`,
      writer(message),
      elsewhere(message, who),
      merged(message, who),
      " ", h("time", { datetime: message.at, "data-tip": fullTime(message.at) }, clock(message.at)),
      confidence(message),
    ),
    message.why !== "blocked" && buildPictures(message),
    (message.text || message.deleted_at || !message.attachments.length) && h("div", { class: "bubble" }, content(message)),
    message.why === "blocked" ? keptApart(message) : buildFiles(message),
    message.edited_at && h("p", { class: "aside" }, icon("pencil"), interpolate(gettext("Edited %(time)s"), { time: clock(message.edited_at) }, true)),
    message.why && h("p", { class: "aside" }, icon(message.why === "blocked" ? "blocked" : "bot"), machineWords(message.why)),
    buildChecked(message),
    ...buildMore(message, run),
    citations(message),
    offered(message),
    ...wayOut(message, last, run.resend),
  );
}

/** @param {Message} message */
function buildNotice(message) {
  return h("p", { class: "flow-line" }, h("span", {}, message.text), " ",
    h("time", { datetime: message.at, "data-tip": fullTime(message.at) }, clock(message.at)));
}

/**
 * @param {Message} message
 * @param {Who} who
 */
function authorName({ author, writer }, { me, customer }) {
  if (author.kind === "agent" && author.id === me) return gettext("You");
  if (author.kind === "contact") return writer?.name || writer?.address || author.name || customer;
  return author.name || (author.kind === "bot" ? gettext("Bot") : gettext("System"));
}

/** @param {Message} message */
function writer({ writer }) {
  return writer && h("span", { class: "chip", "data-tip": writer.address }, gettext("Not the customer"));
}

/**
 * @param {Message} message
 * @param {Who} who
 */
function elsewhere({ author, channel }, who) {
  const same = channel.kind === who.channel?.kind && channel.name === who.channel.name;
  return author.kind === "contact" && !same && channelMark(channel);
}

/**
 * What somebody sent who is blocked: nothing of it is loaded until it is asked for.
 * @param {Message} message
 */
function keptApart(message) {
  if (!message.attachments.length) return null;
  const details = h("details", { class: "kept-apart" }, h("summary", {}, icon("fold"),
    interpolate(ngettext("%(count)s file of a blocked sender", "%(count)s files of a blocked sender", message.attachments.length), { count: message.attachments.length }, true)));
  details.addEventListener("toggle", () => details.append(...[buildPictures(message), buildFiles(message)].filter((one) => one instanceof Node)), { once: true });
  return details;
}

/**
 * @param {Message} message
 * @param {Who} who
 */
function merged({ conversation, author, channel }, who) {
  if (conversation === who.conversation || author.kind === "system") return null;
  return h("span", { class: "chip merged", "data-tip": `${kindName(channel.kind)}: ${channel.name}` }, icon("merged"), gettext("In the merged conversation"));
}

/** @param {Message} message */
function content(message) {
  if (message.deleted_at) return h("p", { class: "plain taken-back" }, gettext("The customer took this message back"));
  if (message.author.kind === "bot" && message.html) return safeHtml(message.html);
  const text = h("p", { class: "plain", dir: "auto", lang: message.language || undefined }, ...(message.kind === "note" ? withNames(message.text) : [message.text]));
  return message.translation === undefined ? text
    : h("div", {}, text, h("p", { class: "plain translation", dir: "auto" }, message.translation));
}

/** @type {string[]} */
let known = [];

/**
 * Whose names stand out in notes.
 * @param {string[]} names
 */
export function useNames(names) {
  known = [...names].sort((a, b) => b.length - a.length);
}

/** @param {string} text */
function withNames(text) {
  /** @type {(string | HTMLElement)[]} */
  const parts = [];
  let at = 0;
  for (let next = text.indexOf("@"); next >= 0; next = text.indexOf("@", next + 1)) {
    const name = known.find((one) => text.startsWith(one, next + 1));
    if (!name || next < at) continue;
    parts.push(text.slice(at, next), h("span", { class: "mention" }, `@${name}`));
    at = next + 1 + name.length;
  }
  return [...parts, text.slice(at)];
}

/** @param {Message} message */
function confidence({ author, confidence }) {
  if (author.kind !== "bot" || confidence === null) return null;
  return h("span", { class: "quiet" }, interpolate(gettext("%(share)s sure"), { share: percent(confidence) }, true));
}

/** @param {Message} message */
function citations({ citations }) {
  if (!citations.length) return null;
  return h("p", { class: "aside" }, gettext("Source:"), " ", ...citations.flatMap((citation, index) => {
    const href = safeHref(citation.url);
    const tip = citation.updated_at && interpolate(gettext("Updated %(date)s"), { date: date(citation.updated_at) }, true);
    const title = href
      ? h("a", { href, target: "_blank", rel: "noopener noreferrer", "data-tip": tip }, citation.title)
      : h("span", { "data-tip": tip }, citation.title);
    return index ? [", ", title] : [title];
  }));
}

/** @param {Message} message */
function offered({ quick_replies }) {
  if (!quick_replies.length) return null;
  return h("p", { class: "aside" }, gettext("Offered:"), " ", quick_replies.map(({ text }) => text).join(" · "));
}

/**
 * What became of it: of the bot's, only what failed.
 * @param {Message} message
 * @param {boolean} last
 * @param {(id: number) => void} resend
 */
function wayOut({ id, author, delivery, deliveries }, last, resend) {
  if (delivery === null) return [];
  if (delivery === "failed") return deliveries.filter(({ state }) => state === "failed").map(({ channel, error }) => h("p", { class: "aside failed" },
    icon("late"),
    h("span", {}, gettext("It did not reach the customer."), " ", deliveries.length > 1 && `${kindName(channel.kind)}: `, error),
    h("button", { type: "button", class: "link", on: { click: () => resend(id) } }, gettext("Send again"))));
  if (author.kind !== "agent" || !(last || delivery === "queued")) return [];
  const symbol = { queued: "clock", sent: "check", delivered: "arrived", read: "arrived" }[delivery];
  const tip = deliveries.map(({ channel, state }) => `${kindName(channel.kind)}: ${deliveryName(state)}`).join(" · ");
  return [h("p", { class: "aside way-out", "data-state": delivery, "data-tip": tip }, icon(symbol), deliveryName(delivery))];
}

/**
 * @param {Pending} pending
 * @param {boolean} first
 * @param {{again: () => void, edit: () => void}} run
 */
export function buildPending(pending, first, run) {
  const note = pending.kind === "note";
  const sending = pending.error === null;
  const names = (pending.attachments ?? []).map(({ name }) => name);
  return h("div", { class: "message pending", "data-side": "ours", "data-kind": note ? "note" : "agent", "data-first": String(first) },
    first && h("p", { class: "meta" }, note && icon("lock"), h("strong", {}, gettext("You")),
      note && ` ${gettext("left a note")}`, sending && ` ${gettext("Sending")}`),
    names.length > 0 && h("ul", { class: "files" }, ...names.map((name) => h("li", {}, h("span", { class: "file" }, icon("file"), h("span", { class: "file-name", dir: "auto" }, name))))),
    pending.text && h("div", { class: "bubble" }, h("p", { class: "plain" }, pending.text)), sending && !first && spoken(gettext("Sending")),
    !sending && h("p", { class: "aside failed", role: "alert" },
      icon("late"), h("span", {}, gettext("Not sent."), " ", pending.error),
      h("button", { type: "button", class: "link", on: { click: run.again } },
        pending.code?.startsWith("colleague_") ? gettext("Send anyway") : gettext("Try again")),
      h("button", { type: "button", class: "link", on: { click: run.edit } }, gettext("Edit"))),
  );
}
