// Over the field where a reply is written: where it goes.

import { byId, fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { unreachableWords } from "../words.js";

/** @type {string} */
let shown = "";

/**
 * @param {Detail | null} detail
 * @param {SendKind} kind
 */
export function goesTo(detail, kind) {
  const line = byId("goes-to");
  // A note goes nowhere; the line stays, so that nothing moves.
  line.classList.toggle("none", kind === "note");
  const key = JSON.stringify(detail?.goes_to ?? null);
  if (key === shown) return;
  shown = key;
  if (!detail) return fill(line);
  const { channel, unreachable, by_email, minutes } = detail.goes_to;
  const later = by_email && interpolate(ngettext(
    "If they have left, %(email)s gets it by email after %(minutes)s minute.",
    "If they have left, %(email)s gets it by email after %(minutes)s minutes.", minutes), { email: by_email, minutes }, true);
  fill(line, h("span", {}, icon(channel.kind), " ", words(detail.goes_to)),
    later && h("span", {}, later),
    unreachable && h("span", { class: "unreachable" }, icon("blocked"), unreachableWords(unreachable)));
}

/** @param {GoesTo} to */
function words({ channel, address }) {
  switch (channel.kind) {
    case "email": return interpolate(gettext("Goes to %(address)s by email"), { address }, true);
    case "website": return interpolate(gettext("Goes to the chat on %(name)s"), channel, true);
    case "telegram": return interpolate(gettext("Goes to %(name)s"), { name: "Telegram" }, true);
    case "slack": return interpolate(gettext("Goes to %(name)s"), { name: "Slack" }, true);
    default: return interpolate(gettext("Goes to %(name)s"), channel, true);
  }
}
