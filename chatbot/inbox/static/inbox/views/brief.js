// Above the transcript: what was asked, why a person is needed, what the bot would have said, why this agent.

import { byId, fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { choice } from "../memory.js";
import { decimal, percent } from "../time.js";

const remembered = choice("brief-folded");
// A phone has no room for both the brief and the messages: there it is opened when wanted.
const narrow = matchMedia("(max-width: 760px)");

export function createBrief() {
  const panel = byId("brief");
  const body = byId("brief-body");
  const toggle = byId("brief-toggle");
  /** @type {unknown} */
  let shown = null;

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
  function render({ open, detail, detailError }) {
    const key = detail ? JSON.stringify([detail.id, detail.handoff, detail.assignment, detail.reason_text]) : `${open}${detailError}`;
    if (key === shown) return;
    shown = key;
    panel.hidden = open === null || (detail !== null && !detail.handoff && !detail.assignment) || (!detail && detailError !== "");
    if (detail) fill(body, ...parts(detail));
    else fill(body, ...skeleton());
    fill(byId("brief-question"), detail?.handoff?.question);
  }

  return { render };
}

/** @param {Detail} detail */
function parts(detail) {
  const { handoff, assignment } = detail;
  return [
    handoff && part(gettext("Question"), h("p", { class: "question", "data-tip": handoff.question }, handoff.question)),
    handoff && part(gettext("Why a person"), h("p", {}, detail.reason_text)),
    handoff && part(gettext("The bot's draft"), draftOf(handoff.draft)),
    assignment && part(gettext("Why you see it"), assignmentOf(assignment)),
  ];
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

/** @param {NonNullable<Detail["assignment"]>} assignment */
function assignmentOf(assignment) {
  if (!assignment.candidates.length) return h("p", {}, assignment.sentence);
  return h("details", {},
    h("summary", {}, icon("fold"), h("span", { class: "summary-text" }, assignment.sentence)),
    candidateTable(assignment.candidates),
  );
}

/** @param {Candidate[]} candidates */
function candidateTable(candidates) {
  const factors = [...new Set(candidates.flatMap(({ factors }) => factors.map(({ name }) => name)))];
  const head = [gettext("Agent"), gettext("Score"), ...factors.map(readable), gettext("Outcome")];
  const rows = [...candidates].sort((a, b) => Number(b.chosen) - Number(a.chosen) || (b.score ?? -1) - (a.score ?? -1));
  const label = gettext("Every agent who was considered");
  return h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": label }, h("table", {},
    h("thead", {}, h("tr", {}, ...head.map((text) => h("th", { scope: "col" }, text)))),
    h("tbody", {}, ...rows.map((candidate) => h("tr", { "data-chosen": String(candidate.chosen) },
      h("th", { scope: "row" }, candidate.name),
      h("td", { class: "figures" }, show(candidate.score)),
      ...factors.map((name) => h("td", { class: "figures" }, show(candidate.factors.find((factor) => factor.name === name)?.value))),
      h("td", {}, candidate.chosen ? h("span", { class: "chosen" }, icon("check"), gettext("Chosen")) : candidate.rejected),
    ))),
  ));
}

/** @param {string} name such as `skill_match` */
function readable(name) {
  return name.replaceAll("_", " ");
}

/** @param {number | string | null | undefined} value */
function show(value) {
  return typeof value === "number" ? decimal(value) : value || "–";
}

function skeleton() {
  return [gettext("Question"), gettext("Why a person"), gettext("The bot's draft"), gettext("Why you see it")]
    .map((label) => part(label, h("span", { class: "skeleton-line" })));
}
