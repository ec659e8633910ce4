// The steps of a macro, as fields: what each does, and with what.

import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { priorityName } from "../words.js";
import { byPresence } from "./colleagues.js";

/** @typedef {{state: State | null, canned: Canned[]}} Around */

/**
 * @param {HTMLElement} list
 * @param {() => Around} around
 */
export function stepEditor(list, around) {
  /** @type {MacroStep[]} */
  let steps = [];

  function draw(focus = -1) {
    fill(list, ...steps.map((step, index) => row(step, index)));
    const chosen = focus >= 0 && list.children[Math.min(focus, steps.length - 1)]?.querySelector("select");
    if (chosen) chosen.focus();
  }

  /**
   * @param {MacroStep} step
   * @param {number} index
   */
  function row(step, index) {
    const what = select(Object.entries(kinds()), step.do, (value) => {
      steps[index] = empty(/** @type {MacroStep["do"]} */ (value), around());
      draw(index);
    });
    what.setAttribute("aria-label", interpolate(gettext("Step %(number)s"), { number: index + 1 }, true));
    const drop = h("button", { type: "button", class: "bare", "aria-label": interpolate(gettext("Remove step %(number)s"), { number: index + 1 }, true), on: {
      click: () => {
        steps.splice(index, 1);
        draw(Math.max(0, index - 1));
      },
    } }, icon("close"));
    const value = field(step, around());
    value?.setAttribute("aria-label", interpolate(gettext("With what, in step %(number)s"), { number: index + 1 }, true));
    return h("li", {}, what, value ?? h("span"), drop);
  }

  return {
    /** @param {MacroStep[]} shown */
    show(shown) {
      steps = shown.map((step) => ({ ...step }));
      draw();
    },

    add() {
      steps.push(empty("note", around()));
      draw(steps.length - 1);
    },

    /** The steps, or none where one is not complete. */
    read() {
      const whole = steps.every((step) => Object.entries(step).every(([name, value]) => name === "do" || name === "topic" || (value !== "" && value !== 0)));
      return whole ? steps.map((step) => ({ ...step })) : [];
    },
  };
}

/** @returns {Record<string, string>} */
function kinds() {
  return {
    reply: gettext("Put a canned reply into the reply"), note: gettext("Add a note"), topic: gettext("Set the topic"),
    priority: gettext("Set the priority"), label: gettext("Put a label on it"), snooze: gettext("Snooze"), give: gettext("Give it to somebody"), resolve: gettext("Resolve"),
  };
}

/**
 * @param {MacroStep["do"]} kind
 * @param {Around} around
 * @returns {MacroStep}
 */
function empty(kind, { state, canned }) {
  switch (kind) {
    case "reply": return { do: kind, reply: canned[0]?.id ?? 0 };
    case "note": return { do: kind, text: "" };
    case "topic": return { do: kind, topic: state?.topics[0]?.slug ?? "" };
    case "priority": return { do: kind, priority: "high" };
    case "label": return { do: kind, label: state?.choices.labels[0]?.id ?? 0 };
    case "snooze": return { do: kind, hours: 24 };
    case "give": return { do: kind, agent: state?.agents[0]?.id ?? 0 };
    case "resolve": return { do: kind };
  }
}

/**
 * @param {MacroStep} step
 * @param {Around} around
 * @returns {HTMLElement | null}
 */
function field(step, { state, canned }) {
  switch (step.do) {
    case "reply": return select(canned.map(({ id, title }) => [String(id), title]), String(step.reply), (value) => (step.reply = Number(value)));
    case "note": {
      const area = h("textarea", { rows: 2, maxlength: 2000, on: { input: () => (step.text = area.value) } });
      area.value = String(step.text);
      return area;
    }
    case "topic": return select((state?.topics ?? []).map(({ slug, name }) => [slug, name]), String(step.topic), (value) => (step.topic = value));
    case "priority": return select(/** @type {Priority[]} */ (["normal", "high", "urgent"]).map((one) => [one, priorityName(one)]), String(step.priority), (value) => (step.priority = value));
    case "label": return select((state?.choices.labels ?? []).map(({ id, name }) => [String(id), name]), String(step.label), (value) => (step.label = Number(value)));
    case "snooze": {
      const hours = h("input", { type: "number", min: 1, max: 2160, value: step.hours, on: { input: () => (step.hours = Number(hours.value)) } });
      return hours;
    }
    case "give": return select(byPresence(state?.agents ?? []).map(({ id, name }) => [String(id), name]), String(step.agent), (value) => (step.agent = Number(value)));
    default: return null;
  }
}

/**
 * @param {[string, string][]} options
 * @param {string} value
 * @param {(value: string) => void} chosen
 */
function select(options, value, chosen) {
  const known = options.some(([slug]) => slug === value);
  const field = h("select", { on: { change: () => chosen(field.value) } }, ...options.map(([slug, label]) => h("option", { value: slug }, label)),
    !known && h("option", { value }, "…"));
  field.value = value;
  return field;
}
