// Where the agent writes: a reply to the customer, or a note that only the team sees.

import { byId, fill } from "../dom.js";
import { openRow } from "../state.js";
import { isMine, isOthers, nameOf } from "../words.js";
import { isMac } from "../keys.js";
import { createAttaching } from "./attaching.js";
import { colleagues } from "./colleagues.js";
import { createGaps, drawOther } from "./gaps.js";
import { goesTo } from "./goes-to.js";
import { createPicker } from "./picker.js";
import { suggestedFor } from "./suggestion.js";

/** @import { Actions } from "../actions.js"; */
/** @import { Drafts } from "../drafts.js"; */
/** @typedef {ReturnType<typeof import("./canned.js").createCanned>} Shelf */

const LONGEST = 4_000;
const COUNT_FROM = 3_600;
const TALLEST = 220;

/**
 * @param {Actions} actions
 * @param {{typed: () => void, stopped: () => void}} watching
 * @param {Drafts} drafts
 * @param {Shelf} canned
 */
export function createComposer(actions, watching, drafts, canned) {
  const form = byId("composer");
  const area = /** @type {HTMLTextAreaElement} */ (byId("composer-text"));
  const sendButton = /** @type {HTMLButtonElement} */ (byId("send"));
  const gate = byId("gate");
  const takeButton = /** @type {HTMLButtonElement} */ (byId("gate-take"));
  const tabs = { reply: byId("tab-reply"), note: byId("tab-note") };
  /** @type {SendKind} */
  let kind = "reply";
  /** @type {number | null} */
  let conversation = null;
  let shut = true;
  /** @type {State | null} */
  let last = null;
  const attaching = createAttaching(actions, measure, drafts.attached);
  const gaps = createGaps(area);
  const picker = createPicker(area, () => [kind === "note" ? named : shelf]);
  /** Whether the agent was asked about what is not filled in. */
  let asking = false;
  /** The bot's draft with which the reply was begun. */
  let begunWith = 0;

  /** @type {import("./picker.js").Source} */
  const shelf = {
    pattern: /(?:^|\s)\/([\p{L}\p{N}_-]*)$/u,
    label: gettext("Canned replies"),
    choices: (typed, put) => canned.choices(typed, (reply) => void insertCanned(reply, put)),
  };
  /** @type {import("./picker.js").Source} */
  const named = {
    pattern: /(?:^|\s)@([^@\n]{0,40})$/u,
    label: gettext("Colleagues"),
    choices: (typed, put) => (last ? colleagues(last) : []).filter(({ name }) => name.toLocaleLowerCase().startsWith(typed))
      .map(({ name }) => ({ key: "@", title: name, hint: "", run: () => put(`@${name} `) })),
  };

  /**
   * @param {Canned} reply
   * @param {(text: string) => void} put
   */
  async function insertCanned(reply, put) {
    const place = conversation;
    if (place === null) return;
    await actions.attempt(async () => {
      const { text } = await actions.api.fillCanned(place, reply.id);
      if (place !== conversation) return;
      put(text);
      gaps.first();
    }, (detail) => actions.say(detail));
  }

  area.addEventListener("input", () => {
    asking = false;
    if (conversation !== null) drafts.typed(conversation, kind, area.value);
    // A note is not for the customer, who would be told that somebody types.
    if (kind === "reply") watching.typed();
    measure();
  });
  area.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    send();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  takeButton.addEventListener("click", () => void takeToReply());
  for (const each of /** @type {SendKind[]} */ (["reply", "note"])) {
    tabs[each].addEventListener("click", () => write(each));
    tabs[each].addEventListener("keydown", ({ key }) => {
      if (key !== "ArrowLeft" && key !== "ArrowRight") return;
      choose(each === "reply" ? "note" : "reply");
      tabs[kind].focus();
    });
  }
  byId("send-hint").textContent = isMac() ? "⌘ Enter" : "Ctrl Enter";

  function send(anyway = false) {
    if (sendButton.disabled || conversation === null) return;
    if (!anyway && kind === "reply" && gaps.open().length) {
      asking = true;
      measure();
      gaps.first();
      return;
    }
    const text = area.value;
    const mentions = kind === "note" && last ? colleagues(last).filter(({ name }) => text.includes(`@${name}`)).map(({ id }) => id) : undefined;
    drafts.sent(conversation, kind);
    area.value = "";
    asking = false;
    picker.close();
    watching.stopped();
    actions.send(kind, text, attaching.take(), { mentions, suggestion: begunWith || undefined });
    begunWith = 0;
    measure();
    area.focus();
  }

  async function takeToReply() {
    const taken = conversation;
    if (await actions.act("take") && conversation === taken) write("reply"); // unless they went on meanwhile
  }

  /** @param {SendKind} chosen */
  function choose(chosen) {
    if (chosen !== kind) watching.stopped();
    kind = chosen;
    restore();
    if (last) render(last);
  }

  /**
   * Chooses a tab and puts the cursor where writing, or what it needs first, begins.
   * @param {SendKind} chosen
   */
  function write(chosen) {
    choose(chosen);
    // The take that made writing possible may not be drawn yet.
    queueMicrotask(() => (shut && chosen === "reply" ? takeButton : area).focus());
  }

  function restore() {
    asking = false;
    area.value = conversation === null ? "" : drafts.get(conversation, kind);
    if (conversation !== null && kind === "reply") attaching.putBack(conversation, drafts.files(conversation));
    picker.close();
    measure();
  }

  /**
   * What is kept of a draft is another now.
   * @param {number} place
   * @param {SendKind} changed
   */
  function refresh(place, changed) {
    if (place !== conversation || changed !== kind) return;
    const { selectionStart, selectionEnd } = area;
    restore();
    area.setSelectionRange(selectionStart, selectionEnd);
  }

  /**
   * Puts a text where the cursor is, or instead of what stands there if that is nothing.
   * @param {string} text
   * @param {number} [suggestion] that it came from
   */
  function insert(text, suggestion = 0) {
    write("reply");
    if (shut) return;
    const end = area.value.trim() ? `${area.value.trimEnd()}\n\n${text}` : text;
    area.value = end;
    if (suggestion) begunWith = suggestion;
    area.dispatchEvent(new Event("input", { bubbles: true }));
    queueMicrotask(() => {
      area.focus();
      if (!gaps.first()) area.setSelectionRange(end.length, end.length);
    });
  }

  /**
   * Takes out again what was put in, so that there is what was there before.
   * @param {number} place
   * @param {string} text
   * @returns {boolean} false where it was changed since, and stays
   */
  function takeOut(place, text) {
    const now = drafts.get(place, "reply");
    if (!now.endsWith(text)) return !now;
    drafts.typed(place, "reply", now.slice(0, -text.length).trimEnd());
    refresh(place, "reply");
    return true;
  }

  function measure() {
    area.style.height = "auto";
    area.style.height = `${Math.min(TALLEST, area.scrollHeight)}px`;
    const { length } = area.value;
    const tooLong = length > LONGEST;
    fill(byId("text-count"), length >= COUNT_FROM && `${length} / ${LONGEST}`);
    byId("text-count").dataset.level = tooLong ? "red" : "calm";
    const files = attaching.state();
    gaps.draw(asking, () => send(true));
    drawOther(conversation === null ? null : drafts.other(conversation, kind), (theirs) => conversation !== null && drafts.settle(conversation, kind, theirs));
    sendButton.disabled = shut || tooLong || files === "busy" || !(area.value.trim() || files === "ready");
  }

  /**
   * Why no files can go along; null where that is not known yet.
   * @param {State} state
   */
  function noFiles(state) {
    if (kind === "note") return gettext("Files go with replies, not with notes.");
    if (state.open !== null && !state.detail) return null;
    return state.detail && !state.detail.goes_to.files ? gettext("No files can be sent on this channel.") : "";
  }

  /** @param {State} state */
  function render(state) {
    last = state;
    const row = openRow(state);
    const moved = state.open !== conversation;
    conversation = state.open;
    form.dataset.kind = kind;
    for (const each of /** @type {SendKind[]} */ (["reply", "note"])) {
      tabs[each].setAttribute("aria-selected", String(each === kind));
      tabs[each].tabIndex = each === kind ? 0 : -1;
    }
    byId("writing").setAttribute("aria-labelledby", `tab-${kind}`);
    const words = gateWords(row, state.me.id);
    shut = !row || (kind === "reply" && words !== null);
    gate.hidden = !row || kind !== "reply" || words === null;
    byId("writing-field").hidden = !gate.hidden;
    area.disabled = !row;
    goesTo(state.detail, kind);
    attaching.render(state.open, kind === "reply" && !shut && Boolean(state.detail?.goes_to.files), noFiles(state));
    if (words) {
      fill(byId("gate-text"), words.text);
      fill(takeButton, words.button);
      takeButton.disabled = state.busy;
      takeButton.classList.toggle("primary", suggestedFor(state) === null); // else that is what to do first
    }
    const name = row ? nameOf(row.contact) : "";
    const label = kind === "note"
      ? gettext("Write a note to your team")
      : interpolate(gettext("Write to %(name)s"), { name }, true);
    area.placeholder = row ? label : "";
    area.setAttribute("aria-label", label);
    fill(byId("send-text"), kind === "note" ? gettext("Add note") : gettext("Send"));
    if (moved) {
      kind = "reply";
      begunWith = 0;
      form.dataset.kind = kind;
      restore();
      if (conversation !== null) void drafts.load(conversation);
      render(state);
    } else {
      measure();
    }
  }

  /** @param {Pending} pending */
  function edit(pending) {
    actions.discard(pending.clientId);
    const already = drafts.get(pending.conversation, pending.kind);
    drafts.typed(pending.conversation, pending.kind, already ? `${pending.text}\n${already}` : pending.text);
    attaching.putBack(pending.conversation, pending.attachments ?? []);
    write(pending.kind);
  }

  /**
   * A translation in place of what was written, which Undo of the browser brings back.
   * @param {string} text
   */
  function replace(text) {
    area.focus();
    area.select();
    if (!document.execCommand("insertText", false, text)) area.value = text;
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  return { render, write, edit, insert, takeOut, refresh, replace, text: () => area.value };
}

/**
 * Why a reply can't be written yet, and what helps; null when it can.
 * @param {Row | null} row
 * @param {number} me
 * @returns {{text: string, button: string} | null}
 */
function gateWords(row, me) {
  if (!row || isMine(row, me)) return null;
  const name = nameOf(row.contact);
  if (row.status === "resolved") {
    const text = gettext("This is resolved. When %(name)s writes again, a new conversation begins.");
    return { text: interpolate(text, { name }, true), button: gettext("Reopen") };
  }
  if (isOthers(row, me)) {
    return { text: interpolate(gettext("%(name)s has this."), row.assignee ?? {}, true), button: gettext("Take over") };
  }
  if (row.status === "bot") return { text: gettext("The bot is answering."), button: gettext("Take it to reply") };
  return { text: gettext("Nobody has this yet."), button: gettext("Take it to reply") };
}
