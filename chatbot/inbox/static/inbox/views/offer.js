// Over the field: what the bot would say to the customer's last message. Nothing of it is sent by itself.

import { byId, fill, h } from "../dom.js";
import { choice } from "../memory.js";
import { safeHref } from "../safe-html.js";
import { openRow } from "../state.js";
import { percent } from "../time.js";
import { isMine } from "../words.js";

/** @import { Actions } from "../actions.js"; */

const remembered = choice("offer-folded");

/**
 * @param {Actions} actions
 * @param {Store} store
 * @param {(text: string, suggestion: number) => void} insert
 */
export function createOffer(actions, store, insert) {
  const panel = byId("offer");
  const toggle = byId("offer-toggle");
  /** @type {Offer | null} */
  let offer = null;
  let usable = false;
  /** The offer that is in the composer. */
  let accepted = 0;
  /** How many came live: an answer that was on its way meanwhile is older. */
  let news = 0;
  /** The conversation for which it was asked. */
  let asked = 0;
  let folded = remembered.get();

  byId("offer-accept").addEventListener("click", accept);
  byId("offer-discard").addEventListener("click", discard);
  toggle.addEventListener("click", () => {
    folded = !folded;
    remembered.set(folded);
    fold();
  });
  fold();

  function fold() {
    toggle.setAttribute("aria-expanded", String(!folded));
    byId("offer-body").hidden = folded;
  }

  function accept() {
    if (!offer || panel.hidden) return;
    const { text, id } = offer;
    accepted = id;
    panel.hidden = true;
    insert(text.replace(/ ?\[\d{1,3}\]/g, ""), id);
  }

  function discard() {
    const { open } = store.state;
    if (!offer || open === null) return;
    const { id } = offer;
    store.dispatch({ type: "offer", id: open, offer: null });
    byId("composer-text").focus();
    void actions.attempt(async () => void (await actions.api.discardOffer(id)), () => {});
  }

  /** @param {number} id */
  function load(id) {
    const before = news;
    void actions.attempt(async () => {
      const { suggestion } = await actions.api.offer(id);
      if (before === news) store.dispatch({ type: "offer", id, offer: suggestion });
    }, () => {});
  }

  /** @param {State} state */
  function render(state) {
    const row = openRow(state);
    usable = row !== null && isMine(row, state.me.id);
    if (state.open !== null && usable && asked !== state.open) {
      asked = state.open;
      load(state.open);
    } else if (state.open === null) {
      asked = 0;
    }
    const isNew = state.offer !== offer;
    offer = state.offer;
    panel.hidden = !offer || !usable || offer.id === accepted;
    if (!isNew) return;
    if (!offer) return void [byId("offer-told"), byId("offer-body")].forEach((place) => fill(place));
    fill(byId("offer-sure"), interpolate(gettext("%(share)s sure"), { share: percent(Math.min(offer.confidence, 0.99)) }, true));
    fill(byId("offer-body"), h("p", { class: "plain offer-text", dir: "auto", lang: offer.language || null }, offer.text), sources(offer));
    fill(byId("offer-told"), gettext("Svar suggests a reply. Press A to use it."));
  }

  /** @param {{conversation: number, suggestion: Offer | null}} event */
  function came({ conversation, suggestion }) {
    if (conversation !== store.state.open) return;
    news += 1;
    store.dispatch({ type: "offer", id: conversation, offer: suggestion });
  }

  /** What came while the connection was broken is asked for. */
  function renew() {
    if (asked && asked === store.state.open) load(asked);
  }

  return { render, accept, came, renew };
}

/** @param {Offer} offer */
function sources({ sources }) {
  if (!sources.length) return null;
  return h("p", { class: "aside" }, gettext("Source:"), " ", ...sources.flatMap(({ title, url }, index) => {
    const href = safeHref(url);
    const link = href ? h("a", { href, target: "_blank", rel: "noopener noreferrer" }, title) : h("span", {}, title);
    return index ? [", ", link] : [link];
  }));
}
