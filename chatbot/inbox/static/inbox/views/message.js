// One message of the transcript, as an element.

import { h, spoken } from "../dom.js";
import { icon } from "../icons.js";
import { safeHref, safeHtml } from "../safe-html.js";
import { clock, date, fullTime, percent } from "../time.js";

const SIDE = 240; // px, of a picture

/**
 * @param {Message} message
 * @param {boolean} first whether it opens a group of the same author and minute
 * @param {{me: number, customer: string}} who the agent's id, and what the customer is called
 */
export function buildMessage(message, first, who) {
  if (message.kind === "notice") return buildNotice(message);
  const note = message.kind === "note";
  const side = message.author.kind === "contact" ? "theirs" : "ours";
  return h("div", { class: "message", "data-side": side, "data-kind": note ? "note" : message.author.kind, "data-first": String(first) },
    first && h("p", { class: "meta" },
      note && icon("lock"),
      h("strong", {}, authorName(message, who)),
      note && ` ${gettext("left a note")}`,
      " ", h("time", { datetime: message.at, "data-tip": fullTime(message.at) }, clock(message.at)),
      confidence(message),
      message.delivery === "queued" && h("span", {}, gettext("On its way")),
    ),
    pictures(message),
    (message.text || !message.attachments.length) && h("div", { class: "bubble" }, content(message)),
    citations(message),
    offered(message),
    undelivered(message),
  );
}

/** @param {Message} message */
function buildNotice(message) {
  return h("p", { class: "flow-line" }, h("span", {}, message.text), " ",
    h("time", { datetime: message.at, "data-tip": fullTime(message.at) }, clock(message.at)));
}

/**
 * @param {Message} message
 * @param {{me: number, customer: string}} who
 */
function authorName({ author }, { me, customer }) {
  if (author.kind === "agent" && author.id === me) return gettext("You");
  if (author.kind === "contact") return author.name || customer;
  return author.name || (author.kind === "bot" ? gettext("Bot") : gettext("System"));
}

/** @param {Message} message */
function content(message) {
  if (message.author.kind === "bot" && message.html) return safeHtml(message.html);
  return h("p", { class: "plain", lang: message.language || undefined }, message.text);
}

/** @param {Message} message */
function pictures({ attachments }) {
  if (!attachments.length) return null;
  return h("div", { class: "pictures" }, ...attachments.map((picture) => {
    const { name, url } = picture;
    const width = Math.round(Math.min(SIDE, picture.width, (SIDE * picture.width) / picture.height));
    const height = Math.round((width * picture.height) / picture.width);
    const label = interpolate(gettext("Open %(name)s in a new tab"), { name }, true);
    // The size is known before the picture is, so nothing moves when it comes.
    return h("a", { href: url, "data-picture": picture.id, target: "_blank", rel: "noopener", "aria-label": label, "data-tip": name },
      h("img", { src: url, width, height, alt: "", loading: "lazy", decoding: "async" }));
  }));
}

/** @param {Message} message */
function confidence({ author, confidence }) {
  if (author.kind !== "bot" || confidence === null || confidence === undefined) return null;
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

/** @param {Message} message */
function undelivered({ delivery }) {
  if (delivery !== "failed") return null;
  return h("p", { class: "aside failed" }, icon("late"), gettext("It did not reach the customer."));
}

/**
 * @param {Pending} pending
 * @param {boolean} first
 * @param {{again: () => void, edit: () => void}} run
 */
export function buildPending(pending, first, run) {
  const note = pending.kind === "note";
  const sending = pending.error === null;
  return h("div", { class: "message pending", "data-side": "ours", "data-kind": note ? "note" : "agent", "data-first": String(first) },
    first && h("p", { class: "meta" }, note && icon("lock"), h("strong", {}, gettext("You")),
      note && ` ${gettext("left a note")}`, sending && ` ${gettext("Sending")}`),
    h("div", { class: "bubble" }, h("p", { class: "plain" }, pending.text), sending && !first && spoken(gettext("Sending"))),
    !sending && h("p", { class: "aside failed", role: "alert" },
      icon("late"), h("span", {}, gettext("Not sent."), " ", pending.error),
      h("button", { type: "button", class: "link", on: { click: run.again } }, gettext("Try again")),
      h("button", { type: "button", class: "link", on: { click: run.edit } }, gettext("Edit"))),
  );
}
