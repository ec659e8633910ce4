// What the customer said of how a person helped, and whether they would recommend the company.

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { fullTime, shortTime } from "../time.js";

const MOST = 5;

/** @param {Detail} detail */
export function buildRating({ rating, person }) {
  const recommends = person.recommends !== null && interpolate(gettext("Would recommend us: %(score)s of 10"), { score: person.recommends }, true);
  if (!rating && !recommends) return [];
  return [h("section", { class: "rating", "aria-label": gettext("The customer's rating") },
    rating && (rating.score === null ? asked(rating) : given(rating, rating.score)),
    rating?.comment && h("blockquote", { dir: "auto" }, rating.comment),
    recommends && h("p", { class: "quiet small" }, recommends))];
}

/**
 * @param {Rating} rating
 * @param {number} score
 */
function given({ word, answered_at }, score) {
  const stars = Array.from({ length: MOST }, (_, index) => h("span", { class: index < score ? "full" : "" }, icon("vip")));
  const words = interpolate(gettext("%(score)s of 5: %(word)s"), { score, word }, true);
  return h("p", {},
    h("span", { class: "stars", "aria-hidden": "true" }, ...stars), " ", words, " ",
    answered_at && h("time", { class: "quiet small", datetime: answered_at, "data-tip": fullTime(answered_at) }, shortTime(answered_at)));
}

/** @param {Rating} rating */
function asked({ asked_at }) {
  return h("p", { class: "quiet small" }, interpolate(gettext("Asked how it was, no answer yet (%(when)s)"), { when: shortTime(asked_at) }, true));
}
