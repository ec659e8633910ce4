// Calls the agent: a sound, a notification of the browser, the title's count, a badge in the tab.
// What calls is chosen in the settings; several tabs of one agent call once.

import { isMine, nameOf } from "./words.js";

const CHANNEL = "svar.inbox.calls";
const AGAIN_AFTER = 10_000; // the same event, told twice, calls once
const ELSEWHERE_WITHIN = 200; // so long may another tab say that the agent looks at it there
const HELD_FOR = 3_000;
const FRESH = 120_000; // what comes again later, like an edit, is no news
const LOOK_AT_MOST = 3_600_000;

/**
 * @param {Store} store
 * @param {() => Preferences} chosen
 * @param {(id: number) => void} go
 */
export function createCalls(store, chosen, go) {
  const channel = "BroadcastChannel" in window ? new BroadcastChannel(CHANNEL) : null;
  /** @type {Map<string, number>} */
  const heard = new Map();
  /** @type {Set<string>} */
  const elsewhere = new Set();
  /** @type {AudioContext | null} */
  let audio = null;
  let late = 0;
  let looked = Date.now();

  channel?.addEventListener("message", ({ data }) => {
    elsewhere.add(data);
    window.setTimeout(() => elsewhere.delete(data), AGAIN_AFTER);
  });

  /** @param {number} id */
  function looksAt(id) {
    return document.hasFocus() && !document.hidden && store.state.open === id;
  }

  /**
   * @param {CallEvent} event
   * @param {number} id the conversation
   * @param {string} stamp tells this time from the next
   * @param {string} title
   * @param {string} [words] of the customer
   */
  async function call(event, id, stamp, title, words = "") {
    const key = `${event}:${id}:${stamp}`;
    if (!chosen().tell.includes(event) || Date.now() - (heard.get(key) ?? 0) < AGAIN_AFTER) return;
    heard.set(key, Date.now());
    if (looksAt(id)) return channel?.postMessage(key);
    await pause(ELSEWHERE_WITHIN);
    await once(key, () => {
      if (elsewhere.has(key)) return false;
      channel?.postMessage(key);
      if (chosen().sound) ring();
      notify(key, id, title, chosen().words ? words.slice(0, 140) : "");
      return true;
    });
  }

  /**
   * Of all tabs that want it, in one. Locks are there in secure contexts only; without them the
   * channel keeps all but those quiet that come in the same moment.
   * @param {string} key
   * @param {() => boolean} work
   */
  async function once(key, work) {
    if (!navigator.locks) return void work();
    await navigator.locks.request(`${CHANNEL}.${key}`, { ifAvailable: true }, async (lock) => {
      if (lock && work()) await pause(HELD_FOR);
    });
  }

  function ring() {
    try {
      audio ??= new AudioContext();
      void audio.resume();
      for (const [at, tone] of [[0, 660], [0.14, 880]]) {
        const begin = audio.currentTime + at;
        const note = new OscillatorNode(audio, { frequency: tone });
        const volume = new GainNode(audio, { gain: 0 });
        volume.gain.linearRampToValueAtTime(0.12, begin + 0.02);
        volume.gain.exponentialRampToValueAtTime(0.001, begin + 0.3);
        note.connect(volume).connect(audio.destination);
        note.start(begin);
        note.stop(begin + 0.32);
      }
    } catch {
      // No sound device: the title and the badge are there all the same.
    }
  }

  /**
   * @param {string} tag
   * @param {number} id
   * @param {string} title
   * @param {string} body
   */
  function notify(tag, id, title, body) {
    if (!chosen().desktop || !("Notification" in window) || Notification.permission !== "granted") return;
    try {
      const shown = new Notification(title, { body, tag, silent: true });
      shown.addEventListener("click", () => {
        window.focus();
        go(id);
        shown.close();
      });
    } catch {
      // Browsers of phones have them in service workers only.
    }
  }

  /** @param {string} beginning of the keys of calls that may come again at once */
  function forget(beginning) {
    for (const known of [heard, elsewhere]) {
      for (const key of [...known.keys()]) if (key.startsWith(beginning)) known.delete(key);
    }
  }

  /** @param {Row} row as it came, before the page knows it */
  function rowCame(row) {
    const { rows, me, open, busy } = store.state;
    const before = rows[row.id];
    const stamp = row.waiting_since ?? row.last_message_at;
    const words = row.preview?.author === "contact" ? row.preview.text : "";
    const values = { name: nameOf(row.contact) };
    const asked = busy && open === row.id; // the agent takes it this moment
    if (before && isMine(before, me.id) && !isMine(row, me.id)) forget(`given:${row.id}:`); // it may come back
    if (isMine(row, me.id) && !(before && isMine(before, me.id)) && !asked) {
      void call("given", row.id, stamp, interpolate(gettext("%(name)s is yours now."), values, true), words);
    } else if (row.status === "queued" && before?.status !== "queued") {
      void call("queue", row.id, stamp, interpolate(gettext("%(name)s waits for somebody."), values, true), words);
    }
  }

  /**
   * @param {number} id
   * @param {Message} message
   */
  function messageCame(id, message) {
    const row = store.state.rows[id];
    if (message.author.kind !== "contact" || !row || !isMine(row, store.state.me.id)) return;
    if (message.edited_at || message.deleted_at || Date.now() - Date.parse(message.at) > FRESH) return;
    const title = interpolate(gettext("%(name)s has written."), { name: nameOf(row.contact) }, true);
    void call("customer", id, String(message.id), title, message.text);
  }

  /** Calls when a promise to one of the agent's customers is broken, and looks when the next one would be. */
  function watchPromises() {
    clearTimeout(late);
    const now = Date.now();
    let next = now + LOOK_AT_MOST;
    for (const row of Object.values(store.state.rows)) {
      if (!isMine(row, store.state.me.id)) continue;
      for (const due of [row.reply_due_at, row.resolve_due_at]) {
        const at = due ? Date.parse(due) : 0;
        if (at > now) next = Math.min(next, at);
        if (due === null || at <= looked || at > now) continue;
        const title = interpolate(gettext("%(name)s has waited longer than promised."), { name: nameOf(row.contact) }, true);
        void call("late", row.id, due, title);
      }
    }
    looked = now;
    late = window.setTimeout(watchPromises, next - now + 50);
  }
  store.subscribe(watchPromises);

  return {
    ring,
    /** @param {ServerEvent} event as it came, before the page knows it */
    came(event) {
      if (event.type === "row") rowCame(event.row);
      if (event.type === "message") messageCame(event.conversation, event.message);
      if (event.type === "mention") {
        const title = interpolate(gettext("%(name)s mentioned you."), { name: event.by }, true);
        void call("mention", event.conversation, String(event.message), title);
      }
    },
  };
}

/** @param {number} milliseconds */
function pause(milliseconds) {
  return new Promise((done) => window.setTimeout(done, milliseconds));
}

/**
 * Puts how many wait into the title and the tab's picture.
 * @param {string} page what the page is called
 */
export function createBadge(page) {
  const link = /** @type {HTMLLinkElement} */ (document.querySelector("link[rel=icon]"));
  const plain = link.href;
  const picture = new Image(64, 64);
  let shown = 0;
  picture.addEventListener("load", () => draw(shown));
  picture.src = plain;

  /** @param {number} count */
  function draw(count) {
    if (!count || !picture.complete) {
      if (link.href !== plain) Object.assign(link, { href: plain, type: "image/svg+xml" });
      return;
    }
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 64;
    const brush = canvas.getContext("2d");
    if (!brush) return;
    brush.drawImage(picture, 0, 0, 64, 64);
    brush.fillStyle = "#b3261e";
    brush.beginPath();
    brush.arc(44, 44, 20, 0, 2 * Math.PI);
    brush.fill();
    brush.fillStyle = "#fff";
    brush.font = `bold ${count > 9 ? 22 : 30}px system-ui, sans-serif`;
    brush.textAlign = "center";
    brush.textBaseline = "middle";
    brush.fillText(count > 99 ? "99" : String(count), 44, 46);
    Object.assign(link, { href: canvas.toDataURL(), type: "image/png" });
  }

  /** @param {number} count */
  return (count) => {
    document.title = count ? `(${count}) ${page}` : page;
    if (count === shown) return;
    shown = count;
    draw(count);
  };
}
