// The bar at the top: connection, team, how much the agent takes at once, presence.

import { byId, fill, h } from "../dom.js";
import { initials, presenceName } from "../words.js";
import { byPresence, load } from "./colleagues.js";

/** @import { Actions } from "../actions.js"; */

/**
 * @param {Actions} actions
 * @param {(text: string) => void} mention
 */
export function createTopbar(actions, mention) {
  const capacity = /** @type {HTMLInputElement} */ (byId("capacity-input"));
  const radios = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("input[name=presence]"));
  /** @type {Agent[] | null} */
  let shownAgents = null;

  /** @param {Presence} presence */
  function choose(presence) {
    actions.setPresence(presence);
    if (presence === "away") mention(gettext("You are away. No new conversations come to you."));
  }

  for (const radio of radios) {
    radio.addEventListener("change", () => choose(/** @type {Presence} */ (radio.value)));
  }
  capacity.addEventListener("change", () => {
    if (capacity.validity.valid && capacity.value) void actions.setCapacity(capacity.valueAsNumber);
  });
  for (const [id, step] of /** @type {[string, number][]} */ ([["capacity-less", -1], ["capacity-more", 1]])) {
    byId(id).addEventListener("click", () => {
      if (step > 0) capacity.stepUp();
      else capacity.stepDown();
      capacity.dispatchEvent(new Event("change"));
    });
  }
  for (const id of ["team", "load", "account"]) place(byId(id), byId(`${id}-button`));

  /** @param {State} state */
  function render(state) {
    const { me, agents, connection } = state;
    for (const radio of radios) radio.checked = radio.value === me.presence;
    if (byId("load-text").textContent !== load(me)) fill(byId("load-text"), load(me));
    byId("load-button").dataset.full = String(me.open >= me.capacity);
    fill(byId("load-now"), interpolate(ngettext(
      "You have %(open)s conversation now.", "You have %(open)s conversations now.", me.open), me, true));
    if (document.activeElement !== capacity) capacity.value = String(me.capacity);
    fill(byId("account-name"), me.name);
    fill(byId("account-button-text"), initials(me.name));
    byId("connection").dataset.state = connection;
    const lost = connection === "lost" ? gettext("Connecting again") : "";
    if (byId("connection").textContent !== lost) fill(byId("connection"), lost);
    if (agents !== shownAgents) {
      shownAgents = agents;
      renderTeam(agents);
    }
  }

  return {
    render,
    /** @param {State} state */
    togglePresence: (state) => choose(state.me.presence === "online" ? "away" : "online"),
  };
}

/** @param {Agent[]} agents */
function renderTeam(agents) {
  const online = agents.filter(({ presence }) => presence === "online").length;
  fill(byId("team-button"), h("span", { class: "dot", "data-presence": online ? "online" : "away" }),
    interpolate(gettext("%(online)s online"), { online }, true));
  fill(byId("team-list"), ...byPresence(agents).map((agent) => h("li", {},
    h("span", { class: "avatar", "aria-hidden": "true" }, initials(agent.name)),
    h("span", { class: "grow" }, agent.name),
    h("span", { class: "quiet figures" }, load(agent)),
    h("span", { class: "presence-word" }, h("span", { class: "dot", "data-presence": agent.presence }), presenceName(agent.presence)),
  )));
}

/**
 * Puts a popover under the right edge of its button.
 * @param {HTMLElement} popover
 * @param {HTMLElement} button
 */
function place(popover, button) {
  popover.addEventListener("toggle", (event) => {
    button.setAttribute("aria-expanded", String(/** @type {ToggleEvent} */ (event).newState === "open"));
  });
  popover.addEventListener("beforetoggle", () => {
    const at = button.getBoundingClientRect();
    popover.style.top = `${at.bottom + 8}px`;
    popover.style.right = `${Math.max(8, document.documentElement.clientWidth - at.right)}px`;
  });
}
