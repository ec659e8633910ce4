// The right pane: who writes, from where, and what they wrote before.

import { byId, fill, h, redrawn } from "../dom.js";
import { icon } from "../icons.js";
import { choice } from "../memory.js";
import { safeHref } from "../safe-html.js";
import { openRow } from "../state.js";
import { ageElement, date, languageName, shortTime } from "../time.js";
import { initials, nameOf, previewLine, statusName } from "../words.js";
import { buildIdentities } from "./identities.js";
import { channelMark, vipMark } from "./marks.js";
import { buildRating } from "./rating.js";
import { failure } from "./rows.js";

/** @import { Actions } from "../actions.js"; */

const folded = choice("person-folded");

/**
 * @param {Actions} actions
 * @param {(id: number) => string} address
 */
export function createPerson(actions, address) {
  const top = byId("person-head");
  const drawBody = redrawn(byId("person-body"));
  const root = document.documentElement;
  const narrow = matchMedia("(max-width: 1100px)");
  /** @type {unknown} */
  let shown = null;

  /** Where there is room it is folded for good; else it comes over the conversation for a while. */
  function toggle() {
    if (narrow.matches) {
      setOver(root.dataset.over !== "person");
    } else {
      folded.set(!folded.get());
      root.dataset.person = folded.get() ? "folded" : "open";
    }
    showExpanded();
    if (root.dataset.over === "person") byId("person-close").focus();
  }

  /** @param {boolean} over */
  function setOver(over) {
    if (over) root.dataset.over = "person";
    else delete root.dataset.over;
  }

  function close() {
    const wasOver = root.dataset.over === "person";
    setOver(false);
    showExpanded();
    if (wasOver) byId("person-toggle").focus();
  }

  function showExpanded() {
    const open = narrow.matches ? root.dataset.over === "person" : !folded.get();
    byId("person-toggle").setAttribute("aria-expanded", String(open));
  }

  byId("person-toggle").addEventListener("click", toggle);
  byId("person-close").addEventListener("click", close);
  narrow.addEventListener("change", close);
  showExpanded();

  /** @param {State} state */
  function render(state) {
    const row = openRow(state);
    const key = state.detail ?? (state.detailError || row || state.open);
    if (key === shown) return;
    shown = key;
    fill(top, ...(row ? head(row) : []));
    const { open, detail, detailError } = state;
    if (open === null) return drawBody(open, null, () => []);
    if (detail) return drawBody(open, shownOf(detail), () => sections(detail, address, actions));
    return drawBody(open, detailError, () => (detailError ? [failure(detailError, () => actions.loadOpen())] : skeleton()));
  }

  /** Makes sure that the pane is in sight. */
  function unfold() {
    if (byId("person-toggle").getAttribute("aria-expanded") === "false") toggle();
  }

  return { render, toggle, unfold, close };
}

/** @param {Row} row */
function head(row) {
  return [
    h("span", { class: "avatar large", "aria-hidden": "true" }, initials(nameOf(row.contact))),
    h("h2", {}, nameOf(row.contact)),
    vipMark(row),
  ];
}

/** What stands here of a detail: the rest changes with every message. @param {Detail} detail */
function shownOf({ rating, contact, page, client, past, created_at, channel, person }) {
  return [rating, contact, page, client, past, created_at, channel, person];
}

/**
 * @param {Detail} detail
 * @param {(id: number) => string} address
 * @param {Actions} actions
 */
function sections(detail, address, actions) {
  const { contact, page, client, past, created_at, channel } = detail;
  const href = page && safeHref(page.url);
  return [
    ...buildRating(detail),
    h("dl", { class: "facts" },
      contact.identified && fact(gettext("Account"), h("span", { class: "signed-in" }, icon("check"), gettext("Signed in on your site"))),
      fact(gettext("Email"), contact.email
        ? h("span", {}, h("a", { href: `mailto:${contact.email}` }, contact.email),
          !contact.email_checked && h("span", { class: "quiet block" }, gettext("As given, not checked")))
        : quiet(gettext("Not given"))),
      fact(gettext("Language"), contact.language ? languageName(contact.language) : quiet(gettext("Not known"))),
      fact(gettext("First seen"), date(contact.since)),
      fact(gettext("Began"), shortTime(created_at)),
      fact(gettext("Channel"), h("span", { class: "channel" }, channelMark(channel), channel.name)),
      page && (href || page.title) && fact(gettext("Page"), href
        ? h("span", {},
          h("a", { href, target: "_blank", rel: "noopener noreferrer" }, page.title || page.url),
          page.title && h("span", { class: "quiet block address" }, page.url))
        : page.title),
      client?.browser && fact(gettext("Browser"), [client.browser, client.os].filter(Boolean).join(", ")),
    ),
    ...buildIdentities(detail, actions),
    h("h3", {}, gettext("Earlier conversations")),
    past.length
      ? h("ul", { class: "past" }, ...past.map((each) => pastRow(each, address(each.id))))
      : h("p", { class: "quiet" }, gettext("This is the first.")),
  ];
}

/**
 * @param {Past} past
 * @param {string} href
 */
function pastRow(past, href) {
  return h("li", {}, h("a", { href, "data-id": past.id },
    h("span", { class: "past-text" }, past.subject || previewLine(past.preview) || "–"),
    h("span", { class: "quiet past-meta" }, channelMark(past.channel), " ", statusName(past.status), " · ", ageElement(past.last_message_at))));
}

/**
 * @param {string} label
 * @param {HTMLElement | string} value
 */
function fact(label, value) {
  return h("div", {}, h("dt", {}, label), h("dd", {}, value));
}

/** @param {string} text */
function quiet(text) {
  return h("span", { class: "quiet" }, text);
}

function skeleton() {
  return Array.from({ length: 6 }, () => h("span", { class: "skeleton-line", "aria-hidden": "true" }));
}
