// The live connection: reconnects by itself, and says when it is up and when it is not.

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
const PING_EVERY = 25_000;
const PONG_WITHIN = 10_000;
const REFUSED = new Set([4401, 4403]);

/**
 * @param {string} path
 * @param {{
 *   event: (event: ServerEvent) => void,
 *   state: (connection: Connection) => void,
 *   unreachable: () => void,
 * }} tell `unreachable` when an attempt did not even open: the session may be over
 */
export function connect(path, tell) {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  /** @type {WebSocket | null} */
  let socket = null;
  let attempts = 0;
  let stopped = false;
  let retry = 0;
  let ping = 0;
  let silence = 0;

  function open() {
    clearTimeout(retry);
    const mine = new WebSocket(url);
    let opened = false;
    socket = mine;
    mine.addEventListener("open", () => {
      opened = true;
      attempts = 0;
      ping = window.setInterval(check, PING_EVERY);
      tell.state("open");
    });
    mine.addEventListener("message", ({ data }) => {
      clearTimeout(silence);
      tell.event(JSON.parse(data));
    });
    mine.addEventListener("close", ({ code }) => {
      clearInterval(ping);
      clearTimeout(silence);
      if (socket !== mine || stopped) return;
      if (REFUSED.has(code)) return stop();
      tell.state("lost");
      if (!opened) tell.unreachable();
      const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempts);
      attempts += 1;
      // Half of it by chance, so that a restarted server isn't met by everybody at once.
      retry = window.setTimeout(open, wait / 2 + (Math.random() * wait) / 2);
    });
  }

  function check() {
    send({ type: "ping" });
    silence = window.setTimeout(() => socket?.close(), PONG_WITHIN);
  }

  function stop() {
    if (stopped) return;
    stopped = true;
    clearTimeout(retry);
    socket?.close();
    tell.state("refused");
  }

  /** @param {ClientEvent} event dropped when there is no connection */
  function send(event) {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(event));
  }

  function wake() {
    if (stopped || document.hidden || socket?.readyState !== WebSocket.CLOSED) return;
    attempts = 0;
    open();
  }

  window.addEventListener("online", wake);
  document.addEventListener("visibilitychange", wake);
  open();
  return { send, stop };
}
