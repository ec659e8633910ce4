// Beside a handed-off conversation: past ones that were alike. Above all else where it is of a new kind.

import { byId, fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { date, duration } from "../time.js";

/** @import { Actions } from "../actions.js"; */

const MINUTE = 60_000;

/**
 * @param {Actions} actions
 * @param {(id: number) => string} address
 */
export function createSimilar(actions, address) {
  const panel = byId("similar");
  const matter = byId("matter");
  /** What is shown, or being fetched: a conversation and its handoff. */
  let shown = "";

  /** @param {State} state */
  function render({ open, detail }) {
    const here = detail !== null && detail.id === open && detail.handoff !== null ? detail : null;
    const key = here ? [here.id, here.handoff?.at, here.topic?.slug].join(" ") : "";
    if (key === shown) return;
    // The topic may have been corrected: what stands there is right until the answer comes.
    if (key.split(" ")[0] !== shown.split(" ")[0]) hide();
    shown = key;
    if (here) void load(here.id, key);
  }

  /**
   * @param {number} id
   * @param {string} key
   */
  async function load(id, key) {
    const found = await actions.similar(id);
    if (key !== shown) return; // another one was opened meanwhile
    if (found === null || (!found.cases.length && !found.is_new)) return hide();
    panel.dataset.new = String(found.is_new);
    fill(panel, ...parts(found, address));
    // In the page's own order, so that the keyboard goes by what is seen.
    if (found.is_new) matter.before(panel);
    else matter.after(panel);
    panel.hidden = false;
  }

  function hide() {
    panel.hidden = true;
    fill(panel);
  }

  return { render };
}

/**
 * @param {Similars} found
 * @param {(id: number) => string} address
 */
function parts({ is_new, others, cases }, address) {
  return [
    h("h3", { id: "similar-title" }, is_new ? gettext("A new kind of question") : gettext("Similar cases")),
    is_new && h("p", { class: "quiet" }, gettext("It is far from every topic, so nothing is known but this.")),
    is_new && others > 0 && h("p", { class: "quiet" },
      interpolate(ngettext("%(others)s other customer asked alike.", "%(others)s other customers asked alike.", others), { others }, true)),
    cases.length > 0
      ? h("ul", { class: "past" }, ...cases.map((one) => row(one, address(one.id))))
      : h("p", { class: "quiet" }, gettext("No solved conversation was alike.")),
  ];
}

/**
 * @param {Similar} one
 * @param {string} href
 */
function row({ id, question, language, solved_by, minutes, rating, resolved_at }, href) {
  const told = [
    solved_by && interpolate(gettext("Solved by %(name)s"), { name: solved_by }, true),
    minutes !== null && interpolate(gettext("in %(time)s"), { time: duration(minutes * MINUTE) }, true),
    date(resolved_at),
  ].filter(Boolean).join(" · ");
  return h("li", {}, h("a", { href, "data-id": id },
    h("span", { class: "past-text similar-text", lang: language || null, "data-tip": question }, question),
    h("span", { class: "quiet past-meta" }, told, rating !== null && stars(rating))));
}

/** @param {number} rating */
function stars(rating) {
  const label = interpolate(gettext("Rated %(rating)s of 5"), { rating }, true);
  return h("span", { class: "similar-rating", role: "img", "aria-label": label, "data-tip": label }, icon("vip"), String(rating));
}
