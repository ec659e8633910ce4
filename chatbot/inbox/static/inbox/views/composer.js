// Where the agent writes: a reply to the customer, or a note that only the team sees.

import { byId, fill } from "../dom.js";
import { drafts } from "../memory.js";
import { openRow } from "../state.js";
import { isMine, isOthers, nameOf } from "../words.js";
import { isMac } from "../keys.js";
import { createAttaching } from "./attaching.js";
import { goesTo } from "./goes-to.js";
import { suggestedFor } from "./suggestion.js";

/** @import { Actions } from "../actions.js"; */

const LONGEST = 4_000;
const COUNT_FROM = 3_600;
const TALLEST = 220;

/**
 * @param {Actions} actions
 * @param {{typed: () => void, stopped: () => void}} watching
 */
export function createComposer(actions, watching) {
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
  const attaching = createAttaching(actions, measure);

  area.addEventListener("input", () => {
    if (conversation !== null) drafts.set(conversation, kind, area.value);
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

  function send() {
    if (sendButton.disabled) return;
    const text = area.value;
    area.value = "";
    watching.stopped();
    actions.send(kind, text, attaching.take());
    measure();
    area.focus();
  }

  async function takeToReply() {
    if (await actions.act("take")) write("reply");
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
    area.value = conversation === null ? "" : drafts.get(conversation, kind);
    measure();
  }

  function measure() {
    area.style.height = "auto";
    area.style.height = `${Math.min(TALLEST, area.scrollHeight)}px`;
    const { length } = area.value;
    const tooLong = length > LONGEST;
    fill(byId("text-count"), length >= COUNT_FROM && `${length} / ${LONGEST}`);
    byId("text-count").dataset.level = tooLong ? "red" : "calm";
    const files = attaching.state();
    sendButton.disabled = shut || tooLong || files === "busy" || !(area.value.trim() || files === "ready");
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
    attaching.render(state.open, kind === "reply" && !shut && Boolean(state.detail?.goes_to.files));
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
      form.dataset.kind = kind;
      restore();
      render(state);
    } else {
      measure();
    }
  }

  /** @param {Pending} pending */
  function edit(pending) {
    actions.discard(pending.clientId);
    const already = drafts.get(pending.conversation, pending.kind);
    drafts.set(pending.conversation, pending.kind, already ? `${pending.text}\n${already}` : pending.text);
    attaching.putBack(pending.conversation, pending.attachments ?? []);
    write(pending.kind);
  }

  return { render, write, edit };
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
