// Tells the server which conversation is open here, and whether a reply is being written.

const SAY_EVERY = 2_000;
const IDLE_AFTER = 4_000;

/** @param {(event: ClientEvent) => void} send */
export function createWatching(send) {
  /** @type {number | null} */
  let conversation = null;
  let saidAt = 0;
  let idle = 0;

  function stopped() {
    clearTimeout(idle);
    if (!saidAt) return;
    saidAt = 0;
    send({ type: "view", conversation, typing: false });
  }

  return {
    stopped,

    /** @param {number | null} id */
    watch(id) {
      if (id === conversation) return;
      clearTimeout(idle);
      saidAt = 0;
      conversation = id;
      send({ type: "view", conversation, typing: false });
    },

    typed() {
      clearTimeout(idle);
      idle = window.setTimeout(stopped, IDLE_AFTER);
      if (Date.now() - saidAt < SAY_EVERY) return;
      saidAt = Date.now();
      send({ type: "view", conversation, typing: true });
    },

    /** After a reconnect the server knows nothing of what is open. */
    resend() {
      saidAt = 0;
      send({ type: "view", conversation, typing: false });
    },
  };
}
