// Above the transcript: what was collected and asked, why a person is needed, what the bot would have said, why this agent.

import { byId, h, redrawn } from "../dom.js";
import { icon } from "../icons.js";
import { choice } from "../memory.js";
import { percent } from "../time.js";
import { suggestedFor } from "./suggestion.js";
import { buildWhy } from "./why.js";

const remembered = choice("brief-folded");
// A phone has no room for both the brief and the messages: there it is opened when wanted.
const narrow = matchMedia("(max-width: 760px)");
const LONG = 120; // characters of a value, from which it folds

export function createBrief() {
  const panel = byId("brief");
  const body = byId("brief-body");
  const form = byId("brief-form");
  const toggle = byId("brief-toggle");
  const drawBody = redrawn(body);
  const drawForm = redrawn(form);
  const drawQuestion = redrawn(byId("brief-question"));

  let closed = narrow.matches || remembered.get();

  function showFold() {
    panel.dataset.folded = String(closed);
    toggle.setAttribute("aria-expanded", String(!closed));
  }
  toggle.addEventListener("click", () => {
    closed = !closed;
    if (!narrow.matches) remembered.set(closed);
    showFold();
  });
  showFold();

  /** @param {State} state */
  function render(state) {
    const { open, detail, detailError, threads, gist } = state;
    const offered = suggestedFor(state) !== null;
    const pictures = detail ? picturesOf(threads[detail.id]) : [];
    const handoff = detail?.handoff ?? null;
    panel.hidden = open === null || (detail !== null && !handoff && !detail.assignment && !gist?.lines.length) || (!detail && detailError !== "");
    drawBody(open, detail && [handoff, offered, withoutDeadline(detail.assignment), detail.reason_text, gist?.lines ?? []],
      () => (detail ? parts(detail, offered, gist) : skeleton()));
    drawQuestion(open, handoff, () => [handoff && (handoff.summary || handoff.question || gettext("Picture"))]);
    form.hidden = !handoff?.form.length;
    drawForm(open, [handoff, pictures.map(({ id }) => id)], () => (handoff?.form.length ? collected(handoff, pictures) : []));
  }

  return { render };
}

/**
 * Until when it has to be answered is shown elsewhere, and changes while somebody reads this.
 * @param {Assignment | null} assignment
 */
function withoutDeadline(assignment) {
  return assignment && { ...assignment, answer_by: null };
}

/**
 * @param {Detail} detail
 * @param {boolean} offered whether somebody is suggested for it
 * @param {Gist | null} gist what was said so far, where that is long
 */
function parts(detail, offered, gist) {
  const { handoff, assignment } = detail;
  // What was collected says it better than the last answer to the bot, and the bot drafts nothing then.
  const asked = handoff && !handoff.form.length;
  return [
    gist !== null && gist.lines.length > 0 && part(gettext("So far"), h("ul", { class: "gist" }, ...gist.lines.map((line) => h("li", {}, line)))),
    asked && part(gettext("Question"), h("p", { class: "question", "data-tip": handoff.question }, handoff.question || gettext("Picture"))),
    handoff && part(gettext("Why a person"), h("p", {}, detail.reason_text)),
    handoff && (asked || handoff.draft) && part(gettext("The bot's draft"), draftOf(handoff.draft)),
    assignment && part(gettext("Why you see it"), buildWhy(assignment, offered)),
  ];
}

/** @param {Thread | undefined} thread */
function picturesOf(thread) {
  return (thread?.messages ?? []).flatMap(({ attachments }) => attachments.filter(({ width, url }) => width && url));
}

/**
 * @param {Handoff} handoff
 * @param {Attachment[]} pictures
 */
function collected({ action, action_name, summary, form, proofs }, pictures) {
  return [
    h("p", { class: "brief-summary" }, action && h("span", { class: "chip" }, action_name), " ", summary),
    h("dl", { class: "form" },
      ...form.map(({ label, value }) => field(label, valueOf(value), isLong(value))),
      field(gettext("Who it is"), h("ul", { class: "proofs" }, ...(proofs.length
        ? proofs.map((proof) => h("li", { class: "proven" }, icon("check"), proof))
        : [h("li", { class: "unproven" }, icon("late"), gettext("Not proven"))])), proofs.length > 0)),
    pictures.length > 0 && h("ul", { class: "thumbs", "aria-label": gettext("Pictures in the conversation") },
      ...pictures.slice(-8).map((picture) => h("li", {}, thumb(picture)))),
  ];
}

/**
 * @param {string} label
 * @param {HTMLElement | string} value
 * @param {boolean} wide whether it needs a line of its own
 */
function field(label, value, wide) {
  return h("div", { class: "field-pair", "data-wide": String(wide) }, h("dt", {}, label), h("dd", {}, value));
}

/** @param {string} value */
function isLong(value) {
  return value.length > 40 || value.includes("\n");
}

/** @param {string} value */
function valueOf(value) {
  if (value.length <= LONG && !value.includes("\n")) return value;
  return h("details", {},
    h("summary", {}, icon("fold"),
      h("span", { class: "summary-text clipped" }, value.slice(0, 2 * LONG)),
      h("span", { class: "less" }, gettext("Show less"))),
    h("p", { class: "draft-text" }, value),
  );
}

/** @param {Attachment} picture */
function thumb({ id, name, url }) {
  const label = interpolate(gettext("Go to %(name)s in the conversation"), { name }, true);
  return h("button", { type: "button", class: "thumb", "aria-label": label, "data-tip": name, on: { click: () => goTo(id) } },
    h("img", { src: url, alt: "", width: 40, height: 40, loading: "lazy", decoding: "async" }));
}

/** @param {number} id */
function goTo(id) {
  const picture = byId("log").querySelector(`[data-picture="${id}"]`);
  if (!(picture instanceof HTMLElement)) return;
  picture.scrollIntoView({ block: "center" });
  picture.focus({ preventScroll: true });
}

/**
 * @param {string} label
 * @param {HTMLElement} content
 */
function part(label, content) {
  return h("div", { class: "part" }, h("dt", {}, label), h("dd", {}, content));
}

/** @param {NonNullable<Detail["handoff"]>["draft"]} draft */
function draftOf(draft) {
  if (!draft) return h("p", { class: "quiet" }, gettext("It had no answer to propose."));
  return h("details", {},
    h("summary", {},
      icon("fold"), h("span", { class: "summary-text" }, draft.title),
      draft.confidence !== null && h("span", { class: "chip" },
        interpolate(gettext("%(share)s sure"), { share: percent(draft.confidence) }, true))),
    h("p", { class: "draft-text" }, draft.text),
  );
}

function skeleton() {
  return [gettext("Question"), gettext("Why a person"), gettext("The bot's draft"), gettext("Why you see it")]
    .map((label) => part(label, h("span", { class: "skeleton-line" })));
}
