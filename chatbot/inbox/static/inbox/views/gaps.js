// Under the field: what a canned reply could not fill in, and what another window has made of the draft.

import { byId, fill, h } from "../dom.js";

const VARIABLE = /\{\{\s*(?:customer\.(?:first_)?name|agent\.name|company|order\.number)\s*\}\}/g;

/** @param {HTMLTextAreaElement} area */
export function createGaps(area) {
  const line = byId("composer-gaps");
  let shown = "";

  /** @param {string} gap */
  function select(gap) {
    const at = area.value.indexOf(gap);
    if (at < 0) return;
    area.focus();
    area.setSelectionRange(at, at + gap.length);
  }

  return {
    /** What is still to be filled in. */
    open: () => [...new Set(area.value.match(VARIABLE) ?? [])],

    /** Puts the cursor where something is missing; returns whether anything is. */
    first() {
      const [gap] = area.value.match(VARIABLE) ?? [];
      if (gap) select(gap);
      return Boolean(gap);
    },

    /**
     * @param {boolean} asking whether the agent wants to send it like this
     * @param {() => void} send
     */
    draw(asking, send) {
      const found = [...new Set(area.value.match(VARIABLE) ?? [])];
      const key = `${found.join()} ${asking}`;
      if (key === shown) return;
      shown = key;
      fill(line, ...(found.length ? [
        h("span", {}, asking ? gettext("This is not filled in yet. Send it anyway?") : gettext("Still to fill in:")),
        ...found.map((gap) => h("button", { type: "button", class: "gap", on: { click: () => select(gap) } }, gap)),
        asking && h("button", { type: "button", class: "link", on: { click: send } }, gettext("Send anyway")),
      ] : []));
    },
  };
}

/**
 * Of two windows with the same draft, which one counts.
 * @param {KeptDraft | null} other
 * @param {(theirs: boolean) => void} settle
 */
export function drawOther(other, settle) {
  fill(byId("draft-note"), ...(other ? [
    h("span", {}, gettext("You have changed this draft in another window:")), " ",
    h("q", {}, other.text.slice(0, 120)), " ",
    h("button", { type: "button", class: "link", on: { click: () => settle(true) } }, gettext("Use that one")),
    h("button", { type: "button", class: "link", on: { click: () => settle(false) } }, gettext("Keep this one")),
  ] : []));
}
