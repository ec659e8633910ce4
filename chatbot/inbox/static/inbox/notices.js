// Short messages about what just failed or changed, over the messages.

import { h } from "./dom.js";
import { icon } from "./icons.js";

const CALM_FOR = 5_000;

/** @param {HTMLElement} place an empty live region */
export function createNotices(place) {
  let timer = 0;
  let final = false;

  /** @param {...HTMLElement} notice */
  function show(...notice) {
    clearTimeout(timer);
    if (!final) place.replaceChildren(...notice);
  }

  function clear() {
    show();
  }

  /**
   * A failure: stays until it is closed, tried again or replaced.
   * @param {string} text
   * @param {() => void} [again]
   */
  function say(text, again) {
    show(h("div", { class: "notice" },
      h("p", {}, text),
      again && h("button", { type: "button", on: { click: () => { clear(); again(); } } }, gettext("Try again")),
      close(),
    ));
  }

  /**
   * News that needs no answer: goes by itself.
   * @param {string} text
   */
  function mention(text) {
    say(text);
    timer = window.setTimeout(clear, CALM_FOR);
  }

  /**
   * What nothing else may cover, with the one thing that helps.
   * @param {string} text
   * @param {string} label
   * @param {string} href
   */
  function sayLast(text, label, href) {
    show(h("div", { class: "notice" }, h("p", {}, text), h("a", { class: "button", href }, label)));
    final = true;
  }

  function close() {
    const label = gettext("Close");
    return h("button", { type: "button", class: "bare", "aria-label": label, on: { click: clear } }, icon("close"));
  }

  return { say, mention, sayLast, clear };
}
