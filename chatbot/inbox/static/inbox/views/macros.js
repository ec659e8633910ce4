// Several steps under one name: the list of them, what each will do, running one, and changing them.

import { byId, fill, h, keepFocus } from "../dom.js";
import { openRow } from "../state.js";
import { priorityName } from "../words.js";
import { stepEditor } from "./macro-steps.js";

/** @import { Actions } from "../actions.js"; */
/** @import { Doing } from "./deeds/doing.js"; */

/**
 * @param {Actions} actions
 * @param {() => Canned[]} canned
 * @param {(text: string) => void} insert
 * @param {(text: string) => void} mention
 * @param {Doing} doing
 */
export function createMacros(actions, canned, insert, mention, doing) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("macro-dialog"));
  const view = byId("macro-view");
  const form = /** @type {HTMLFormElement} */ (byId("macro-form"));
  const name = /** @type {HTMLInputElement} */ (byId("macro-name"));
  const shared = /** @type {HTMLInputElement} */ (byId("macro-shared"));
  const runButton = /** @type {HTMLButtonElement} */ (byId("macro-run"));
  const error = byId("macro-error");
  /** @type {Macro[]} */
  let macros = [];
  /** @type {Macro | null} */
  let chosen = null;
  /** @type {State | null} */
  let last = null;
  let editing = false;
  const steps = stepEditor(byId("macro-edits"), () => ({ state: last, canned: canned() }));

  keepFocus(dialog);
  byId("macro-new").addEventListener("click", () => edit(null));
  byId("macro-close").addEventListener("click", () => dialog.close());
  byId("macro-cancel").addEventListener("click", () => choose(chosen));
  byId("macro-edit").addEventListener("click", () => edit(chosen));
  byId("macro-add").addEventListener("click", () => steps.add());
  byId("macro-remove").addEventListener("click", () => void remove());
  runButton.addEventListener("click", () => void run());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void save();
  });

  async function load() {
    await actions.attempt(async () => void (macros = (await actions.api.macros()).macros), (detail) => fill(byId("macro-outcome"), detail));
  }

  function drawList() {
    fill(byId("macro-list"), ...(macros.length
      ? macros.map((one) => h("li", {}, h("button", { type: "button", class: "bare shelf", "aria-current": one.id === chosen?.id ? "true" : null, on: { click: () => choose(one) } },
        h("strong", {}, one.name), one.shared && h("span", { class: "chip" }, gettext("Team")))))
      : [h("li", { class: "quiet" }, gettext("None yet. Make one of the steps that you take again and again."))]));
  }

  /** @param {Macro | null} macro */
  function choose(macro) {
    chosen = macro;
    editing = false;
    form.hidden = true;
    view.hidden = macro === null;
    fill(byId("macro-outcome"));
    drawList();
    if (!macro) return byId("macro-new").focus();
    fill(byId("macro-name-shown"), macro.name);
    fill(byId("macro-preview"), ...macro.steps.map((step) => h("li", {}, words(step))));
    byId("macro-edit").hidden = !macro.may_change;
    runButton.disabled = last === null || openRow(last) === null;
    (runButton.disabled ? byId("macro-close") : runButton).focus();
  }

  /** @param {Macro | null} macro null for a new one */
  function edit(macro) {
    chosen = macro;
    editing = true;
    view.hidden = true;
    form.hidden = false;
    name.value = macro?.name ?? "";
    shared.checked = macro?.shared ?? false;
    byId("macro-shared-field").hidden = !last?.me.supervises;
    byId("macro-remove").hidden = macro === null;
    fill(error);
    steps.show(macro?.steps ?? []);
    if (!macro) steps.add();
    drawList();
    name.focus();
  }

  async function save() {
    fill(error);
    const taken = steps.read();
    if (!name.value.trim()) return fail(gettext("Give it a name."));
    if (!taken.length) return fail(gettext("Say for each step what it does."));
    const body = { name: name.value.trim(), steps: taken, shared: Boolean(last?.me.supervises) && shared.checked };
    await actions.attempt(async () => {
      const kept = await actions.api.keepMacro(chosen?.id ?? null, body);
      await load();
      choose(macros.find(({ id }) => id === kept.id) ?? null);
    }, fail);
  }

  /** @param {string} detail */
  function fail(detail) {
    fill(error, detail);
    name.focus();
  }

  async function remove() {
    const gone = chosen;
    if (!gone) return;
    await actions.attempt(async () => {
      await actions.api.removeMacro(gone.id);
      await load();
      choose(macros[0] ?? null);
    }, fail);
  }

  async function run() {
    const macro = chosen;
    const id = last?.open ?? null;
    if (!macro || id === null || runButton.disabled) return;
    runButton.disabled = true;
    await doing.inTurn(() => actions.attempt(async () => {
      const { id: deed, text, failed, row } = await actions.api.runMacro(id, macro.id);
      actions.rowCame(row);
      if (failed.length) {
        fill(byId("macro-outcome"), ...failed.map(({ step, detail }) => h("span", { class: "macro-failed" }, `${words(macro.steps[step])}: ${detail}`)));
      } else {
        dialog.close();
      }
      const done = interpolate(failed.length ? gettext("%(name)s is done in part.") : gettext("%(name)s is done."), macro, true);
      if (deed !== null) doing.offer(deed, [done]);
      else if (!failed.length) mention(done);
      if (text) insert(text);
    }, (detail) => fill(byId("macro-outcome"), detail)));
    runButton.disabled = false;
  }

  /** @param {MacroStep} step */
  function words(step) {
    const agent = last?.agents.find(({ id }) => id === step.agent)?.name ?? gettext("a colleague who is not here any more");
    const topic = last?.topics.find(({ slug }) => slug === step.topic)?.name ?? String(step.topic);
    switch (step.do) {
      case "reply": {
        const reply = canned().find(({ id }) => id === step.reply);
        return interpolate(gettext("Put “%(title)s” into the reply"), { title: reply?.title ?? "…" }, true);
      }
      case "note": return interpolate(gettext("Add the note “%(text)s”"), step, true);
      case "topic": return interpolate(gettext("Set the topic to %(topic)s"), { topic }, true);
      case "priority": return interpolate(gettext("Set the priority to %(priority)s"), { priority: priorityName(/** @type {Priority} */ (step.priority)) }, true);
      case "label": {
        const label = last?.choices.labels.find(({ id }) => id === step.label);
        return label ? interpolate(gettext("Put the label “%(name)s” on it"), label, true) : gettext("Put a label on it");
      }
      case "snooze": return interpolate(ngettext("Snooze it for %(hours)s hour", "Snooze it for %(hours)s hours", Number(step.hours)), step, true);
      case "give": return interpolate(gettext("Give it to %(name)s"), { name: agent }, true);
      case "resolve": return gettext("Resolve it");
    }
  }

  return {
    async open() {
      if (dialog.open) return;
      // What is known at once, and then what is there now, unless the agent has begun something.
      choose(macros[0] ?? null);
      dialog.showModal();
      const before = chosen;
      await load();
      if (!editing && chosen === before) choose(macros.find(({ id }) => id === before?.id) ?? macros[0] ?? null);
    },

    /** @param {State} state */
    render(state) {
      last = state;
      if (dialog.open && !editing) runButton.disabled = openRow(state) === null;
    },
  };
}
