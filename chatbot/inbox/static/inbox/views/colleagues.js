// Colleagues to choose from: who is here first, each with how much they have.

import { presenceName } from "../words.js";

const RANK = { online: 0, away: 1, offline: 2 };

/**
 * Who is here first, then by name.
 * @template {Agent} T
 * @param {T[]} agents
 */
export function byPresence(agents) {
  return [...agents].sort((a, b) => RANK[a.presence] - RANK[b.presence] || a.name.localeCompare(b.name));
}

/** @param {State} state */
export function colleagues({ agents, me }) {
  return byPresence(agents.filter(({ id }) => id !== me.id));
}

/**
 * How many an agent has, of how many they take at once.
 * @param {{open: number, capacity: number}} agent
 */
export function load(agent) {
  return interpolate(gettext("%(open)s of %(capacity)s"), agent, true);
}

/** @param {Agent} agent */
export function inOneLine(agent) {
  return `${agent.name} · ${presenceName(agent.presence)} · ${load(agent)}`;
}
