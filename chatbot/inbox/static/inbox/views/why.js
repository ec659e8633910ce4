// Why somebody has a conversation: the sentence, and unfolded the sums, so that they can be added up by hand.

import { h } from "../dom.js";
import { icon } from "../icons.js";

/**
 * @param {Assignment} assignment
 * @param {boolean} offered whether its sentence stands elsewhere, beside what can be done about it
 */
export function buildWhy(assignment, offered) {
  const { sentence, would_have, candidates } = assignment;
  const aside = assignment.learned.length ? learned(assignment) : would_have && h("p", { class: "quiet small" }, would_have);
  if (!candidates.length) return h("div", {}, h("p", {}, sentence), aside);
  return h("div", {},
    h("details", { class: "why-fold" },
      h("summary", {}, icon("fold"), h("span", { class: "summary-text" }, offered ? gettext("Who could take it") : sentence)),
      whole(assignment, offered)),
    aside);
}

/**
 * @param {Assignment} assignment
 * @param {boolean} offered
 */
function whole({ strategy, needs, candidates }, offered) {
  return ranking(candidates, gettext("Every agent who was considered"), offered ? gettext("Suggested") : gettext("Chosen"), [
    strategy && fact(gettext("What mattered"), strategy),
    needs.length > 0 && fact(gettext("What was needed"), needs.join(", "))]);
}

/**
 * What learned routing would have done, with its sums, while it only observes.
 * @param {Assignment} assignment
 */
function learned({ would_have, learned: candidates, learned_strategy: strategy }) {
  const facts = [strategy && fact(gettext("What would have mattered"), strategy)];
  return h("details", { class: "learned-fold" },
    h("summary", {}, icon("fold"), h("span", { class: "summary-text quiet small" }, would_have || gettext("Learned routing would have chosen the same."))),
    ranking(candidates, gettext("How learned routing ranked them"), gettext("First choice"), facts));
}

/**
 * @param {Candidate[]} candidates
 * @param {string} label
 * @param {string} word for who was chosen
 * @param {(HTMLElement | "" | false)[]} facts
 */
function ranking(candidates, label, word, facts) {
  return h("div", { class: "why" },
    h("dl", { class: "why-facts" }, ...facts),
    h("p", { class: "quiet small" }, gettext("Value × weight = points, rounded to four decimals. The points add up to the score.")),
    h("ol", { class: "candidates", "aria-label": label },
      ...candidates.map((candidate) => h("li", {}, considered(candidate, word)))));
}

/**
 * @param {string} label
 * @param {string} value
 */
function fact(label, value) {
  return h("div", {}, h("dt", {}, label), h("dd", {}, value));
}

/**
 * @param {Candidate} candidate
 * @param {string} word for who was chosen
 */
function considered(candidate, word) {
  const { name, chosen, score, factors, rejected } = candidate;
  const line = [
    h("span", { class: "candidate-name" }, name),
    chosen && h("span", { class: "chosen" }, icon("check"), word),
    rejected ? h("span", { class: "quiet candidate-end" }, rejected) : h("span", { class: "figures candidate-end" }, score),
  ];
  if (!factors.length) return h("p", { class: "candidate", "data-chosen": String(chosen) }, ...line);
  // That of whoever was chosen is what is looked at first.
  return h("details", { open: chosen },
    h("summary", { class: "candidate", "data-chosen": String(chosen) }, icon("fold"), ...line),
    sum(candidate));
}

/** @param {Candidate} candidate */
function sum({ name, score, factors }) {
  const label = interpolate(gettext("How the score of %(name)s adds up"), { name }, true);
  const head = [gettext("Value"), gettext("Weight"), gettext("Points")];
  return h("table", { class: "sum" },
    h("caption", { class: "spoken" }, label),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, gettext("Factor")), ...head.map((text) => h("th", { scope: "col", class: "figures" }, text)))),
    h("tbody", {}, ...factors.map((factor) => h("tr", {},
      h("th", { scope: "row" }, factor.name),
      h("td", { class: "figures" }, factor.value),
      h("td", { class: "figures times" }, factor.weight),
      h("td", { class: "figures equals" }, factor.points)))),
    h("tfoot", {}, h("tr", {}, h("th", { scope: "row", colspan: 3 }, gettext("Score")), h("td", { class: "figures equals" }, score))));
}
