// What somebody else or the clock did, told in a notice.

const TYPING_FOR = 6_000;

/**
 * @param {Store} store
 * @param {(text: string) => void} tell
 * @param {() => void} seen tells the server again what is open here
 */
export function createNews(store, tell, seen) {
  let typingEnds = 0;

  return {
    /** @param {{conversation: number, by: string, unseen: number}} event */
    mentioned({ conversation, by, unseen }) {
      store.dispatch({ type: "mentions", unseen });
      if (conversation !== store.state.open) tell(interpolate(gettext("%(by)s named you in a note."), { by }, true));
      else seen();
    },

    /**
     * @param {number} agent
     * @param {string} name
     * @param {"time" | "wrote"} why
     */
    woke(agent, name, why) {
      if (agent !== store.state.me.id) return;
      const text = why === "wrote" ? gettext("%(name)s has written: no longer snoozed.") : gettext("%(name)s is back: you snoozed it until now.");
      tell(interpolate(text, { name }, true));
    },

    /**
     * A supervisor changed something for this agent, who is told by whom.
     * @param {{by: string, presence: Presence | null, capacity: number | null}} event
     */
    steppedIn({ by, presence, capacity }) {
      const values = { by, capacity };
      if (capacity !== null) tell(interpolate(gettext("%(by)s changed how much you take at once: %(capacity)s."), values, true));
      if (presence === "away") tell(interpolate(gettext("%(by)s set you to away. No new conversations come to you."), values, true));
      if (presence === "online") tell(interpolate(gettext("%(by)s set you to online."), values, true));
    },

    /**
     * @param {number} id
     * @param {string} name
     */
    customerTypes(id, name) {
      clearTimeout(typingEnds);
      store.dispatch({ type: "customer-typing", id, name });
      typingEnds = window.setTimeout(() => store.dispatch({ type: "customer-typing", id, name: null }), TYPING_FOR);
    },
  };
}
