// Declining a conversation, or passing it on: why, in a word of one's own, and to whom.

import { byId, fill, h, keepFocus } from "../dom.js";
import { openRow } from "../state.js";
import { isMine, nameOf } from "../words.js";
import { colleagues, inOneLine } from "./colleagues.js";

/** @import { Actions } from "../actions.js"; */

/**
 * @param {Actions} actions
 * @param {(row: Row) => void} moved what happens once it has gone to somebody
 */
export function createPassOn(actions, moved) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("pass-on-dialog"));
  const form = /** @type {HTMLFormElement} */ (byId("pass-on-form"));
  const button = /** @type {HTMLButtonElement} */ (byId("pass-on"));
  const submit = /** @type {HTMLButtonElement} */ (byId("pass-on-submit"));
  const to = /** @type {HTMLSelectElement} */ (byId("pass-on-to"));
  const why = /** @type {HTMLTextAreaElement} */ (byId("pass-on-why"));
  const error = byId("pass-on-error");
  const causes = /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[name=cause]"));
  /** @type {State | null} */
  let last = null;
  /** @type {number | null} */
  let about = null;
  let passing = false;
  /** @type {Agent[] | null} */
  let offered = null;
  /** @type {number | null} what is to be passed on as soon as it can be */
  let wanted = null;

  fill(button, gettext("Decline")); // until it is known whether they have said anything

  function open() {
    const row = last && openRow(last);
    if (!last || !row || !isMine(row, last.me.id)) return;
    wanted = button.disabled ? row.id : null;
    if (wanted !== null) return;
    about = row.id;
    form.reset();
    fill(error);
    actions.loadAgents();
    render(last);
    dialog.showModal();
    causes[0].focus();
  }

  async function pass() {
    const chosen = [...causes].find(({ checked }) => checked);
    if (about === null || submit.hidden || submit.disabled) return;
    if (!chosen) {
      fill(error, gettext("Say why first."));
      causes[0].focus();
      return;
    }
    fill(error);
    passing = true; // that it is not theirs then is no news
    const outcome = await actions.passOn(about, {
      cause: /** @type {Cause} */ (chosen.value), why: why.value.trim(), to: to.value ? Number(to.value) : null,
    });
    passing = false;
    if (typeof outcome === "string") {
      fill(error, outcome);
    } else {
      dialog.close();
      moved(outcome);
    }
  }

  button.addEventListener("click", open);
  for (const next of ["keydown", "pointerdown"]) document.addEventListener(next, () => (wanted = null), true);
  byId("pass-on-cancel").addEventListener("click", () => dialog.close());
  keepFocus(dialog);
  for (const cause of causes) cause.addEventListener("change", () => fill(error));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void pass();
  });

  /** @param {State} state */
  function render(state) {
    last = state;
    const row = openRow(state);
    const mine = row !== null && isMine(row, state.me.id);
    button.hidden = !mine;
    button.disabled = state.busy || !isKnown(state);
    submit.disabled = state.busy;
    if (mine && isKnown(state)) name(row, answered(state));
    // It may have gone to somebody else while the agent was choosing.
    const gone = row?.id !== about || !mine;
    submit.hidden = gone;
    fill(byId("pass-on-cancel"), gone ? gettext("Close") : gettext("Cancel"));
    if (dialog.open && gone && !passing && !error.textContent) fill(error, whereItWent(row));
    if (state.agents !== offered) offer(state);
    if (wanted !== null && (!mine || row.id !== wanted)) wanted = null;
    if (wanted !== null && !button.disabled) open();
  }

  /**
   * @param {Row} row
   * @param {boolean} passes whether something was said already
   */
  function name(row, passes) {
    const word = passes ? gettext("Pass on") : gettext("Decline");
    if (button.textContent !== word) fill(button, word);
    if (submit.textContent !== word) fill(submit, word);
    const title = passes ? gettext("Pass on: %(name)s") : gettext("Decline: %(name)s");
    fill(byId("pass-on-title"), interpolate(title, { name: nameOf(row.contact) }, true));
  }

  /** @param {State} state */
  function offer(state) {
    offered = state.agents;
    const { value } = to;
    fill(to, h("option", { value: "" }, gettext("Whoever fits best")),
      ...colleagues(state).map((agent) => h("option", { value: agent.id }, inOneLine(agent))));
    to.value = value;
    if (to.selectedIndex < 0) to.value = "";
  }

  return { render, open };
}

/**
 * Whether what was said in the open conversation is here.
 * @param {State} state
 */
function isKnown({ detail, threads }) {
  return detail !== null && threads[detail.id]?.load !== "loading";
}

/**
 * Whether the agent has said anything since the conversation is theirs.
 * @param {State} state
 */
function answered({ detail, me, threads }) {
  if (!detail?.assignment?.answer_by) return true;
  const since = Date.parse(detail.assignment.at);
  return (threads[detail.id]?.messages ?? []).some(({ author, kind, at }) =>
    kind === "text" && author.kind === "agent" && author.id === me.id && Date.parse(at) >= since);
}

/** @param {Row | null} row */
function whereItWent(row) {
  if (row?.status === "assigned" && row.assignee) {
    return interpolate(gettext("It is not yours any more: %(name)s has it."), row.assignee, true);
  }
  return gettext("It is not yours any more.");
}
