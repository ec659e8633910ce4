// Short messages about what just failed or changed, over the messages.

import { h } from "./dom.js";
import { icon } from "./icons.js";

const CALM_FOR = 5_000;
const UNDO_FOR = 20_000; // the key undoes for longer

/** @param {HTMLElement} place an empty live region */
export function createNotices(place) {
  // What others do stands beside what the agent has just done and may want to take back.
  const [own, others] = [h("div", {}), h("div", {})];
  let timer = 0;
  let othersTimer = 0;
  let final = false;
  place.append(own, others);

  /** @param {...HTMLElement} notice */
  function show(...notice) {
    clearTimeout(timer);
    if (!final) own.replaceChildren(...notice);
  }

  function clear() {
    show();
  }

  function clearOthers() {
    clearTimeout(othersTimer);
    others.replaceChildren();
  }

  /**
   * What somebody else has done, or the clock: goes by itself.
   * @param {string} text
   */
  function tell(text) {
    clearOthers();
    if (final) return;
    others.append(h("div", { class: "notice" }, h("p", {}, text), close(clearOthers)));
    othersTimer = window.setTimeout(clearOthers, CALM_FOR);
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
   * What came of a deed and needs no answer: goes by itself.
   * @param {string} text
   */
  function mention(text) {
    say(text);
    timer = window.setTimeout(clear, CALM_FOR);
  }

  /**
   * What was done, with a button that takes it back, and its key.
   * @param {string[]} lines
   * @param {string} label
   * @param {string} key
   * @param {() => void} run
   */
  function offer(lines, label, key, run) {
    show(h("div", { class: "notice" },
      h("div", {}, ...lines.map((line) => h("p", {}, line))),
      h("button", { type: "button", "aria-keyshortcuts": key, on: { click: () => { clear(); run(); } } }, label, " ", h("kbd", { "aria-hidden": "true" }, key)),
      close(),
    ));
    if (lines.length === 1) timer = window.setTimeout(clear, UNDO_FOR);
  }

  /**
   * What nothing else may cover, with the one thing that helps.
   * @param {string} text
   * @param {string} label
   * @param {string} href
   */
  function sayLast(text, label, href) {
    show(h("div", { class: "notice" }, h("p", {}, text), h("a", { class: "button", href }, label)));
    clearOthers();
    final = true;
  }

  function close(run = clear) {
    const label = gettext("Close");
    return h("button", { type: "button", class: "bare", "aria-label": label, on: { click: run } }, icon("close"));
  }

  return { say, mention, tell, offer, sayLast, clear };
}
