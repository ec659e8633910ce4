// One floating hint for everything with data-tip; data-key adds the key that does the same.

import { fill, h } from "./dom.js";

const DELAY = 350;

export function tooltips() {
  const tip = h("div", { class: "tip", "aria-hidden": "true", hidden: true });
  document.body.append(tip);
  let timer = 0;

  function hide() {
    clearTimeout(timer);
    tip.hidden = true;
  }

  /** @param {HTMLElement} target */
  function show(target) {
    fill(tip, target.dataset.tip, target.dataset.key && h("kbd", {}, target.dataset.key));
    tip.hidden = false;
    const at = target.getBoundingClientRect();
    const { width, height } = tip.getBoundingClientRect();
    const left = Math.min(Math.max(8, at.left + at.width / 2 - width / 2), innerWidth - width - 8);
    const below = at.bottom + 6 + height < innerHeight;
    tip.style.left = `${left}px`;
    tip.style.top = `${below ? at.bottom + 6 : at.top - height - 6}px`;
  }

  /** @param {Event} event */
  function over(event) {
    const target = event.target instanceof Element ? event.target.closest("[data-tip]") : null;
    hide();
    if (!(target instanceof HTMLElement)) return;
    if (event.type === "focusin" && !target.matches(":focus-visible")) return;
    timer = window.setTimeout(() => target.isConnected && show(target), DELAY);
  }

  document.addEventListener("pointerover", (event) => event.pointerType === "mouse" && over(event));
  document.addEventListener("focusin", over);
  document.addEventListener("focusout", hide);
  document.addEventListener("pointerdown", hide);
  document.addEventListener("keydown", hide);
  document.addEventListener("scroll", hide, true);
}
