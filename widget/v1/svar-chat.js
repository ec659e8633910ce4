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
  const unsent = () => outbox.items().map(({ client_id }) => client_id);
  let theirs = unsent(); // who was here before
  let draft = tab.get("draft") ?? "";
  const session = openSession(base, key, store, claim, () => {
    outbox.settle(theirs);
    connection.flush();
    if (view.input.value === draft) view.fill("");
    pictures?.take();
  });
  const context = () => ({
    language: speech.language,
    page: { url: (location.origin + location.pathname).slice(0, 1000), title: document.title.slice(0, 200) },
  });
  const connection = openConnection({ session, outbox, emit, after: () => lastId(state), context });
  /** @type {Pictures | undefined} */
  let pictures;
  const load = async () => {
    const { createPictures } = await import("./attachments.js");
    return (pictures ??= createPictures({ root, base, session, speech, input: view.input }));
  };

  function claim() {
    const [token, hash, email, user_id] = ["", "-hash", "-email", "-id"].map((name) => host.getAttribute("identity" + name) ?? undefined);
    return token ?? (hash && { hash, email, user_id });
  }

  let typed = 0;
  let typing = 0;
  let drawing = false;

  const view = createView(speech, {
    toggle: () => host.toggleAttribute("open"),
    close: () => host.close(),
    send(text, intent, attachments) {
      outbox.add(text, intent, attachments);
      send();
    },
    attach: async (files) => (await load()).add(files),
    take: (ready) => (pictures ? pictures.take(ready) : []),
    ask: async (line, message) => (await import("./rating.js")).ask(line, message, { root, speech, session, emit }),
    show: async (place, attachments) => (await load()).show(place, attachments),
    retry(id) {
      outbox.retry(id);
      send();
    },
    async edit({ client_id, text, attachments }) {
      if (attachments?.length) (await load()).add(attachments);
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
  view.fill(draft);
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
  /** @type {On} */
  const on = (target, types, listener) => {
    for (const type of types.split(" ")) target?.addEventListener(type, listener, { signal: life.signal });
  };
  on(document, "visibilitychange", wake);
  on(window, "online offline", wake);
  // for the back-forward cache
  on(window, "pagehide", connection.stop);
  on(window, "pageshow", ({ persisted }) => persisted && session.known() && start());
  on(fullScreen, "change", draw);
  on(root, "keydown keyup keypress", (event) => {
    event.stopPropagation(); // else the page's shortcuts run
    if (event.type === "keydown" && event.key === "Escape" && !event.isComposing) host.close();
  });
  const viewport = window.visualViewport;
  on(viewport, "resize scroll", () => {
    if (viewport?.scale !== 1) return;
    // a phone's keyboard leaves the page its height
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
    identify() {
      theirs = unsent();
      draft = view.input.value;
      if (claim() === "" && session.known()?.named) emit({ type: "visitor", visitor: "" });
      connection.changeVisitor();
    },
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

/** Its attributes, methods and events are in ../README.md. */
class SvarChat extends HTMLElement {
  static observedAttributes = ["open", "accent", "identity"];

  #root = this.attachShadow({ mode: "open" });
  /** @type {ReturnType<typeof startChat> | undefined} */
  #chat;

  open() {
    this.toggleAttribute("open", true);
  }

  close() {
    this.toggleAttribute("open", false);
  }

  /** @param {string | null} token */
  identify(token) {
    this.setAttribute("identity", token ?? "");
  }

  connectedCallback() {
    this.#chat = startChat(this, this.#root);
  }

  /** @type {Changed} */
  attributeChangedCallback(name, before, value) {
    if (name !== "identity") this.#chat?.change();
    else if (before !== value) this.#chat?.identify();
  }

  disconnectedCallback() {
    this.#chat?.end();
    this.#chat = undefined;
  }
}

if (!customElements.get("svar-chat")) customElements.define("svar-chat", SvarChat);
