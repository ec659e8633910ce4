import { openConnection, openOutbox, openSession, openStore } from "./connection.js";
import { speak } from "./messages.js";
import { initial, isReading, lastId, reduce } from "./state.js";
import { sheet } from "./styles.js";
import { createView, fullScreen } from "./view.js";

const TYPING_EVERY = 3000; // ms
const TYPING_SHOWN = 6000; // ms
const DRAFT_SHOWN = 15000; // ms
const FOREIGN = 10; // s

/** One chat, from when its element enters the page until it leaves. @param {SvarChat} host @param {ShadowRoot} root */
function startChat(host, root) {
  const key = host.getAttribute("key") ?? "";
  const base = new URL(host.getAttribute("base") ?? "/", location.href).href.replace(/\/?$/, "/");
  const speech = speak(host.lang || document.documentElement.lang, navigator.languages);
  const store = openStore("localStorage", `svar:${key}:`);
  const tab = openStore("sessionStorage", `svar:${key}:`);
  const outbox = openOutbox(store);
  const session = openSession(base, key, store);
  const context = () => ({
    language: speech.language,
    page: { url: (location.origin + location.pathname).slice(0, 1000), title: document.title.slice(0, 200) },
  });
  const connection = openConnection({ session, outbox, emit, after: () => lastId(state), context });
  let typed = 0;
  let typing = 0;
  let drawing = false;

  const view = createView(speech, {
    toggle: () => host.toggleAttribute("open"),
    close: () => host.close(),
    send(text, intent) {
      outbox.add(text, intent);
      send();
    },
    retry(id) {
      outbox.retry(id);
      send();
    },
    edit({ client_id, text }) {
      outbox.settle([client_id]);
      view.fill([text, view.input.value].filter(Boolean).join("\n"));
      send();
    },
    typed(draft) {
      tab.set("draft", draft || null);
      if (!draft || Date.now() - typed < TYPING_EVERY) return;
      typed = Date.now();
      connection.typing();
    },
    contact: connection.contact,
  });
  const send = () => {
    connection.flush();
    view.input.focus(); // the button that was pressed may be gone
  };

  root.adoptedStyleSheets = [sheet];
  root.replaceChildren(view.root);
  view.fill(tab.get("draft") ?? "");
  if (tab.get("open")) host.open();
  let state = {
    ...initial,
    open: host.hasAttribute("open"),
    outbox: outbox.items(),
    seen: store.get("seen") ?? 0,
    synced: !session.known(),
    visible: !document.hidden,
  };

  /** @param {ChatEvent} event */
  function emit(event) {
    const before = state;
    state = reduce(before, event);
    if (event.type === "typing" || event.type === "draft") {
      clearTimeout(typing);
      typing = setTimeout(emit, event.type === "draft" ? DRAFT_SHOWN : TYPING_SHOWN, { type: "typing", author: null });
    }
    if (event.type === "link" && event.link === "online") askSite();
    if (before.synced)
      for (const message of state.messages)
        if (message.id > lastId(before)) host.dispatchEvent(new CustomEvent("svar-message", { detail: message }));
    const id = lastId(state);
    if (isReading(state) && id > state.seen) {
      store.set("seen", id);
      connection.seen(id);
      emit({ type: "seen", id });
    }
    draw();
  }

  function draw() {
    if (drawing) return;
    drawing = true;
    queueMicrotask(() => {
      drawing = false;
      view.render(state, host.getAttribute("accent") ?? state.site?.accent ?? store.get("accent") ?? "");
    });
  }

  function start() {
    connection.start();
    askSite();
  }

  async function askSite() {
    if (state.site) return;
    try {
      const site = await session.site(speech.language);
      store.set("accent", site.accent);
      emit({ type: "site", site });
    } catch {} // asked again when the line holds
  }

  function wake() {
    emit({ type: "visible", visible: !document.hidden });
    if (!document.hidden) connection.wake();
  }

  const life = new AbortController();
  /** @type {(target: EventTarget | null, types: string, listener: (event: any) => void) => void} */
  const on = (target, types, listener) => {
    for (const type of types.split(" ")) target?.addEventListener(type, listener, { signal: life.signal });
  };
  on(document, "visibilitychange", wake);
  on(window, "online offline", wake);
  // an open socket would keep the page out of the back-forward cache
  on(window, "pagehide", connection.stop);
  on(window, "pageshow", ({ persisted }) => persisted && session.known() && start());
  on(fullScreen, "change", draw);
  on(root, "keydown keyup keypress", (event) => {
    event.stopPropagation(); // the page sees no input field here, and would run its own shortcuts
    if (event.type === "keydown" && event.key === "Escape" && !event.isComposing) host.close();
  });
  const viewport = window.visualViewport;
  on(viewport, "resize scroll", () => {
    if (viewport?.scale !== 1) return;
    // a phone's keyboard covers the page and leaves its height
    view.panel.style.setProperty("--top", viewport.offsetTop + "px");
    view.panel.style.setProperty("--height", viewport.height + "px");
  });
  on(window, "storage", (event) => {
    const [, site, name] = event.key?.split(":") ?? [];
    const known = session.known();
    if (site !== key) return;
    if (name === "seen") emit({ type: "seen", id: store.get("seen") ?? 0 });
    else if (name === "out") connection.flush(FOREIGN);
    else if (known && state.link === "idle") start();
    else if (known && known.visitor !== state.visitor) connection.changeVisitor();
  });
  if (state.open || session.known()) start();
  draw();

  return {
    change() {
      draw();
      const open = host.hasAttribute("open");
      if (open === state.open) return;
      tab.set("open", open);
      emit({ type: "open", open });
      if (open) {
        start();
        host.dispatchEvent(new CustomEvent("svar-open"));
      }
      queueMicrotask(() => view[open ? "input" : "launcher"].focus()); // when it is drawn
    },
    end() {
      life.abort();
      connection.stop();
    },
  };
}

/**
 * `<svar-chat key base lang accent theme open>`. `open` may be set and removed like that of `<details>`; the events
 * `svar-open` and `svar-message` (detail: the message, as in the protocol) tell the page what happens.
 */
class SvarChat extends HTMLElement {
  static observedAttributes = ["open", "accent"];

  #root = this.attachShadow({ mode: "open" });
  /** @type {ReturnType<typeof startChat> | undefined} */
  #chat;

  open() {
    this.toggleAttribute("open", true);
  }

  close() {
    this.toggleAttribute("open", false);
  }

  connectedCallback() {
    this.#chat = startChat(this, this.#root);
  }

  attributeChangedCallback() {
    this.#chat?.change();
  }

  disconnectedCallback() {
    this.#chat?.end();
    this.#chat = undefined;
  }
}

if (!customElements.get("svar-chat")) customElements.define("svar-chat", SvarChat);
