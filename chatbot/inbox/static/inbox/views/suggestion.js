// Whom routing suggests for a conversation that waits, while people decide.

import { byId, fill, h, keepFocus } from "../dom.js";
import { initials, presenceName } from "../words.js";
import { colleagues, load } from "./colleagues.js";

/** @import { Actions } from "../actions.js"; */

/**
 * Who is suggested for the open conversation, if it waits for that to be decided.
 * @param {State} state
 */
export function suggestedFor({ detail }) {
  return detail?.status === "queued" ? detail.assignment?.suggested ?? null : null;
}

/**
 * @param {Actions} actions
 * @param {(row: Row) => void} moved what happens once somebody else has it
 * @param {() => void} taken what happens once the agent has it
 */
export function createSuggestion(actions, moved, taken) {
  const panel = byId("suggestion");
  const accept = /** @type {HTMLButtonElement} */ (byId("suggestion-accept"));
  const other = /** @type {HTMLButtonElement} */ (byId("suggestion-other"));
  const dialog = /** @type {HTMLDialogElement} */ (byId("give-dialog"));
  const list = byId("give-list");
  const error = byId("give-error");
  /** @type {State | null} */
  let last = null;
  let listed = "";

  /** Gives the open conversation to whom routing suggests. */
  async function giveAsSuggested() {
    const suggested = last && suggestedFor(last);
    if (!suggested) return;
    const outcome = await give(suggested.id);
    if (outcome) actions.say(outcome);
  }

  /**
   * @param {number} agent
   * @returns {Promise<string>} a sentence about why it was not given, or ""
   */
  async function give(agent) {
    if (!last || last.open === null || last.busy) return "";
    const { me } = last;
    const outcome = await actions.give(last.open, agent);
    if (typeof outcome === "string") return outcome;
    dialog.close();
    if (outcome.assignee?.id === me.id) taken();
    else moved(outcome);
    return "";
  }

  function choose() {
    fill(error);
    actions.loadAgents();
    dialog.showModal();
  }

  accept.addEventListener("click", () => void giveAsSuggested());
  other.addEventListener("click", choose);
  keepFocus(dialog);

  /** @param {State} state */
  function render(state) {
    last = state;
    const suggested = suggestedFor(state);
    panel.hidden = suggested === null;
    if (suggested) {
      const words = suggested.id === state.me.id
        ? gettext("Take it")
        : interpolate(gettext("Give to %(name)s"), suggested, true);
      const sentence = state.detail?.assignment?.sentence ?? "";
      if (accept.textContent !== words) fill(accept, words);
      if (byId("suggestion-text").textContent !== sentence) fill(byId("suggestion-text"), sentence);
    }
    accept.disabled = other.disabled = state.busy;
    if (dialog.open && !suggested && !state.busy) dialog.close();
    // Somebody else than who is suggested: for that one there is a button already.
    const others = colleagues(state).filter(({ id }) => id !== suggested?.id);
    if (JSON.stringify(others) !== listed) {
      listed = JSON.stringify(others);
      renderColleagues(others);
    }
  }

  /** @param {Agent[]} agents */
  function renderColleagues(agents) {
    const focused = document.activeElement instanceof HTMLElement && list.contains(document.activeElement)
      ? document.activeElement.dataset.agent : undefined;
    if (!agents.length) return fill(list, h("li", { class: "quiet" }, gettext("There is nobody else on the team.")));
    fill(list, ...agents.map((agent) => h("li", {}, h("button", {
      type: "button", class: "colleague", "data-agent": agent.id,
      on: { click: async () => fill(error, await give(agent.id)) },
    },
    h("span", { class: "avatar", "aria-hidden": "true" }, initials(agent.name)),
    h("span", { class: "grow" }, agent.name), " ",
    h("span", { class: "quiet figures" }, load(agent)), " ",
    h("span", { class: "presence-word" }, h("span", { class: "dot", "data-presence": agent.presence }), presenceName(agent.presence))))));
    const again = focused && list.querySelector(`[data-agent="${focused}"]`);
    if (again instanceof HTMLElement) again.focus();
  }

  return { render, giveAsSuggested: () => void giveAsSuggested() };
}
