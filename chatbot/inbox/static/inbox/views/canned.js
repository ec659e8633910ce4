// Texts at hand: offered after "/", and the dialog in which they are made, changed and removed.

import { byId, fill, h, keepFocus } from "../dom.js";
import { icon } from "../icons.js";

/** @import { Actions } from "../actions.js"; */
/** @import { Choice } from "./picker.js"; */

/**
 * @param {Actions} actions
 * @param {Topic[]} languages in which texts may be written
 */
export function createCanned(actions, languages) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("canned-dialog"));
  const form = /** @type {HTMLFormElement} */ (byId("canned-form"));
  const shortcut = /** @type {HTMLInputElement} */ (byId("canned-shortcut"));
  const title = /** @type {HTMLInputElement} */ (byId("canned-title-field"));
  const language = /** @type {HTMLSelectElement} */ (byId("canned-language"));
  const text = /** @type {HTMLTextAreaElement} */ (byId("canned-text"));
  const shared = /** @type {HTMLInputElement} */ (byId("canned-shared"));
  const error = byId("canned-error");
  const remove = /** @type {HTMLButtonElement} */ (byId("canned-remove"));
  /** @type {Canned[]} */
  let replies = [];
  /** @type {Canned | null} */
  let edited = null;
  /** @type {Record<string, string>} */
  let texts = {};
  let supervises = false;
  let spoken = "en";
  let loaded = false;

  fill(language, ...languages.map(({ slug, name }) => h("option", { value: slug }, name)));
  keepFocus(dialog);
  byId("canned-close").addEventListener("click", () => dialog.close());
  byId("canned-new").addEventListener("click", () => edit(null, ""));
  text.addEventListener("input", () => (texts[language.value] = text.value));
  language.addEventListener("change", () => (text.value = texts[language.value] ?? ""));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void save();
  });
  remove.addEventListener("click", () => void discard());

  async function load() {
    loaded = true;
    await actions.attempt(async () => void (replies = (await actions.api.canned()).replies), () => {});
    drawList();
    // Who typed the slash before they were here is shown them now: the list looks again.
    const area = byId("composer-text");
    if (document.activeElement === area) area.dispatchEvent(new Event("click"));
  }

  function drawList() {
    const own = replies.length
      ? replies.map((one) => h("li", {}, h("button", { type: "button", class: "bare shelf", "aria-current": one === edited ? "true" : null, on: { click: () => edit(one, "") } },
        h("strong", {}, `/${one.shortcut}`), h("span", {}, one.title), one.shared && h("span", { class: "chip" }, gettext("Team")))))
      : [h("li", { class: "quiet" }, gettext("None yet. Write one here, and type / and its shortcut in a reply."))];
    fill(byId("canned-list"), ...own);
  }

  /**
   * @param {Canned | null} reply null for a new one
   * @param {string} begun its text
   */
  function edit(reply, begun) {
    edited = reply;
    const first = reply ? Object.keys(reply.texts)[0] : languages.some(({ slug }) => slug === spoken) ? spoken : "en";
    texts = reply ? { ...reply.texts } : { [first]: begun };
    shortcut.value = reply?.shortcut ?? "";
    title.value = reply?.title ?? "";
    language.value = first;
    text.value = texts[first] ?? "";
    shared.checked = reply?.shared ?? false;
    byId("canned-shared-field").hidden = !supervises;
    const may = !reply || reply.may_change;
    for (const field of [shortcut, title, text]) field.readOnly = !may;
    byId("canned-save").hidden = !may;
    remove.hidden = !reply || !may;
    fill(error);
    drawList();
    shortcut.focus();
  }

  async function save() {
    fill(error);
    const written = Object.fromEntries(Object.entries(texts).filter(([, one]) => one.trim()));
    if (!/^[\p{L}\p{N}_-]{1,30}$/u.test(shortcut.value.trim())) return fail(gettext("Letters, digits, - and _ only: it is typed after a slash."), shortcut);
    if (!title.value.trim()) return fail(gettext("Say what it is called."), title);
    if (!Object.keys(written).length) return fail(gettext("Write the text in one language at least."), text);
    const body = { shortcut: shortcut.value.trim(), title: title.value.trim(), texts: written, shared: supervises && shared.checked };
    await actions.attempt(async () => {
      const kept = await actions.api.keepCanned(edited?.id ?? null, body);
      await load();
      edit(replies.find(({ id }) => id === kept.id) ?? null, "");
      fill(byId("canned-saved"), icon("check"), gettext("Saved"));
    }, (detail) => fail(detail, shortcut));
  }

  /**
   * @param {string} detail
   * @param {HTMLElement} field
   */
  function fail(detail, field) {
    fill(error, detail);
    field.focus();
  }

  async function discard() {
    const gone = edited;
    if (!gone) return;
    await actions.attempt(async () => {
      await actions.api.removeCanned(gone.id);
      await load();
      edit(null, "");
    }, (detail) => void fill(error, detail));
  }

  /** @param {string} begun a text to be kept as one, or "" */
  async function open(begun) {
    fill(byId("canned-saved"));
    dialog.showModal();
    edit(null, begun);
    await load();
  }

  return {
    open,

    /** @param {State} state */
    render(state) {
      supervises = Boolean(state.me.supervises);
      spoken = (state.detail?.language ?? "en").slice(0, 2);
      if (!loaded && state.connection === "open") void load();
    },

    all: () => replies,

    /**
     * @param {string} typed
     * @param {(reply: Canned) => void} take
     * @returns {Choice[]}
     */
    choices(typed, take) {
      /** @param {Canned} one */
      const rank = (one) => {
        if (one.shortcut.toLocaleLowerCase().startsWith(typed)) return 0;
        if (one.title.toLocaleLowerCase().includes(typed)) return 1;
        return Object.values(one.texts).some((each) => each.toLocaleLowerCase().includes(typed)) ? 2 : 3;
      };
      const make = { key: "+", title: gettext("Write a canned reply"), hint: "", run: () => void open("") };
      if (!replies.length) return typed ? [] : [make];
      return replies.map((one) => ({ one, place: rank(one) })).filter(({ place }) => place < 3)
        .sort((a, b) => a.place - b.place)
        .map(({ one }) => ({
          key: `/${one.shortcut}`, title: one.title,
          hint: (one.texts[spoken] ?? Object.values(one.texts)[0] ?? "").replace(/\{\{[^}]*\}\}/g, "…").slice(0, 80), run: () => take(one),
        }));
    },
  };
}
