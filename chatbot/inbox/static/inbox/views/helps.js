// Help with reading and writing: a long conversation in short, translations, and an article of an answer.

import { byId } from "../dom.js";
import { openRow } from "../state.js";

/** @import { Actions } from "../actions.js"; */

/**
 * @param {Actions} actions
 * @param {Store} store
 * @param {boolean} translates whether a language model is set
 * @param {{insert: (text: string) => void, replace: (text: string) => void, text: () => string}} composer
 */
export function createHelps(actions, store, translates, composer) {
  const article = document.getElementById("make-article");
  /** The conversation for which it was asked. */
  let asked = 0;

  if (translates) byId("translate-reply").addEventListener("click", () => void translateReply());

  /** @param {number} id */
  function load(id) {
    if (id !== store.state.open) return;
    void actions.attempt(async () => store.dispatch({ type: "gist", id, gist: await actions.api.gist(id) }), () => {});
  }

  /** The customer's last message in the agent's language, or as it was again. */
  function translate() {
    const { open, threads } = store.state;
    const message = open === null ? undefined : threads[open]?.messages.filter(({ author, text }) => author.kind === "contact" && text).at(-1);
    if (open === null || !message) return;
    const { translation, ...plain } = message;
    if (translation !== undefined) return store.dispatch({ type: "message", id: open, message: plain });
    void actions.attempt(async () => {
      const { text } = await actions.api.translateMessage(message.id);
      store.dispatch({ type: "message", id: open, message: { ...message, translation: text } });
    }, (detail) => actions.say(detail));
  }

  async function translateReply() {
    const { open } = store.state;
    const written = composer.text();
    if (open === null || !written.trim()) return;
    await actions.attempt(async () => {
      const { text } = await actions.api.translateReply(open, written);
      if (open === store.state.open && composer.text() === written) composer.replace(text);
    }, (detail) => actions.say(detail));
  }

  return {
    load, translate,

    /** @param {State} state */
    render(state) {
      if (state.open !== null && state.detail?.id === state.open && asked !== state.open) {
        asked = state.open;
        load(state.open);
      } else if (state.open === null) {
        asked = 0;
      }
      if (!(article instanceof HTMLFormElement)) return;
      const row = openRow(state);
      article.hidden = row?.status !== "resolved";
      if (row) article.action = (article.dataset.action ?? "").replace("/0/", `/${row.id}/`);
    },
  };
}
