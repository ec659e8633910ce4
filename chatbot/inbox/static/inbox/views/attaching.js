// Files that go with the next reply: uploaded when they are added, shown as chips, by conversation.

import { byId, fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { fileSize } from "../time.js";

/** @import { Actions } from "../actions.js"; */

const MOST = 5; // of one message

/** @typedef {{name: string, size: number, busy: boolean, part: Attachment | null, error: string}} Item */

/**
 * @param {Actions} actions
 * @param {() => void} changed
 * @param {(place: number, parts: Attachment[]) => void} keep the files that stay with the draft
 */
export function createAttaching(actions, changed, keep) {
  const button = byId("attach");
  const input = /** @type {HTMLInputElement} */ (byId("attach-input"));
  const list = byId("composer-files");
  const note = byId("attach-note");
  const pane = byId("conversation");
  /** @type {Map<number, Item[]>} */
  const held = new Map();
  /** @type {number | null} */
  let conversation = null;
  let allowed = false;
  /** Why none can be sent there; null as long as the page does not know whether they can. */
  let refusal = /** @type {string | null} */ ("");
  /** @type {File[]} added before it knew */
  let early = [];

  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    add([...(input.files ?? [])]);
    input.value = "";
  });
  byId("composer-text").addEventListener("paste", (event) => {
    const { clipboardData } = /** @type {ClipboardEvent} */ (event);
    // From a spreadsheet comes a picture of the text too: then the text is meant.
    if (!clipboardData?.files.length || clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    add([...clipboardData.files]);
  });
  for (const type of /** @type {const} */ (["dragover", "dragleave", "drop"])) {
    pane.addEventListener(type, (event) => {
      const { dataTransfer } = event;
      if ((!allowed && refusal !== null) || !dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      pane.classList.toggle("dropping", type === "dragover");
      if (type === "drop") add([...dataTransfer.files]);
    });
  }

  // Anywhere else the browser would leave the page and show the file instead.
  for (const type of /** @type {const} */ (["dragover", "drop"])) {
    document.addEventListener(type, (event) => {
      if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "none";
    });
  }

  function items() {
    return conversation === null ? [] : held.get(conversation) ?? [];
  }

  /** @param {File[]} files */
  function add(files) {
    const place = conversation;
    if (place === null) return;
    if (!allowed) {
      if (refusal === null) early.push(...files);
      fill(note, refusal);
      return;
    }
    const room = MOST - items().length;
    fill(note, files.length > room && interpolate(gettext("%(most)s files at most in one message."), { most: MOST }, true));
    for (const file of files.slice(0, room)) void upload(place, file);
    byId("composer-text").focus();
  }

  /**
   * @param {number} place
   * @param {File} file
   */
  async function upload(place, file) {
    /** @type {Item} */
    const item = { name: file.name, size: file.size, busy: true, part: null, error: "" };
    held.set(place, [...(held.get(place) ?? []), item]);
    draw();
    const outcome = await actions.upload(file);
    item.busy = false;
    if (typeof outcome === "string") item.error = outcome;
    else Object.assign(item, { part: outcome, name: outcome.name, size: outcome.size });
    if (!held.get(place)?.includes(item) && item.part) actions.discardFile(item.part.id);
    kept(place);
    draw();
  }

  /** @param {Item} item */
  function remove(item) {
    if (conversation === null) return;
    held.set(conversation, items().filter((other) => other !== item));
    if (item.part) actions.discardFile(item.part.id);
    kept(conversation);
    fill(note);
    draw();
    byId("composer-text").focus();
  }

  /** @param {number} place */
  function kept(place) {
    keep(place, (held.get(place) ?? []).flatMap(({ part }) => part ?? []));
  }

  function draw() {
    button.hidden = !allowed;
    list.hidden = !allowed || !items().length;
    fill(list, ...items().map(chip));
    changed();
  }

  /** @param {Item} item */
  function chip(item) {
    const { name, size, busy, error } = item;
    const label = interpolate(gettext("Remove %(name)s"), { name }, true);
    return h("li", { class: "file", "data-state": error ? "failed" : busy ? "waiting" : "ready" },
      icon(error ? "late" : "file"), h("span", { class: "file-name", dir: "auto" }, name),
      error ? h("span", { class: "file-error", role: "alert" }, error) : h("span", { class: "file-size figures" }, busy ? gettext("Uploading") : fileSize(size)),
      h("button", { type: "button", class: "bare", "aria-label": label, "data-tip": label, on: { click: () => remove(item) } }, icon("close")));
  }

  return {
    /** @returns {"nothing" | "busy" | "ready"} */
    state() {
      if (!allowed) return "nothing";
      if (items().some(({ busy }) => busy)) return "busy";
      return items().some(({ part }) => part) ? "ready" : "nothing";
    },

    /** What is uploaded, which is then no longer here. */
    take() {
      if (conversation === null || !allowed) return [];
      const parts = items().flatMap(({ part }) => part ?? []);
      held.set(conversation, items().filter(({ part }) => !part));
      draw();
      return parts;
    },

    /**
     * Puts back what was to be sent.
     * @param {number} place
     * @param {Attachment[]} parts
     */
    putBack(place, parts) {
      const here = new Set((held.get(place) ?? []).map(({ part }) => part?.id));
      const items = parts.filter(({ id }) => !here.has(id)).map((part) => ({ name: part.name, size: part.size, busy: false, part, error: "" }));
      held.set(place, [...(held.get(place) ?? []), ...items]);
      kept(place);
      draw();
    },

    /**
     * @param {number | null} open
     * @param {boolean} may whether files can be sent there now
     * @param {string | null} why not; null: that is not known yet
     */
    render(open, may, why) {
      if (open === conversation && may === allowed && why === refusal) return;
      if (open !== conversation || may !== allowed) fill(note);
      if (open !== conversation) early = [];
      conversation = open;
      allowed = may;
      refusal = why;
      draw();
      if (why !== null && early.length) add(early.splice(0));
    },
  };
}
