/** What the connection needs of a browser, with the network and the clock in the test's hands. */
import { mock } from "node:test";
import { openConnection, openOutbox, openSession, openStore } from "../../widget/v1/connection.js";
import { initial, lastId, reduce } from "../../widget/v1/state.js";

export const settle = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

class FakeSocket {
  sent = [];
  constructor(url, protocols) {
    Object.assign(this, { url, protocols });
    FakeSocket.all.push(this);
  }
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.closed = true;
  }
  accept() {
    this.onopen();
    this.take({ type: "ready", visitor: "v1", conversation: null });
  }
  take(event) {
    this.onmessage?.({ data: JSON.stringify(event) });
  }
  history(messages = [], has_more = false) {
    this.take({ type: "history", messages, conversation: null, has_more });
  }
  drop(code = 1006) {
    this.onclose?.({ code });
  }
  of(type) {
    return this.sent.filter((event) => event.type === type);
  }
}

export function browser(context) {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: Date.parse("2026-11-21T12:00:00Z") });
  context.after(() => {
    mock.timers.reset();
    delete globalThis.localStorage;
  });
  FakeSocket.all = [];
  let id = 0;
  const world = {
    sockets: FakeSocket.all,
    requests: [],
    answers: {},
    state: initial,
    get socket() {
      return FakeSocket.all.at(-1);
    },
    tick: async (seconds) => {
      for (let passed = 0; passed < seconds; passed += 0.5) {
        mock.timers.tick(500);
        await settle();
      }
    },
    record: (client_id, text = "hello") => ({
      id: ++id,
      client_id,
      author: { kind: "contact", name: "" },
      kind: "text",
      text,
      html: null,
      citations: [],
      quick_replies: [],
      language: "en",
      at: new Date().toISOString(),
    }),
  };
  const area = {};
  globalThis.localStorage = area;
  globalThis.WebSocket = FakeSocket;
  globalThis.document = { hidden: false };
  globalThis.fetch = async (url, { method, headers, body }) => {
    const name = `${method} ${new URL(url).pathname.split("/").at(-1)}`;
    const request = { name, url, body: body && JSON.parse(body), token: headers.Authorization };
    world.requests.push(request);
    const answer = world.answers[name]?.(request);
    if (!answer) throw new TypeError("no network");
    return { ok: answer.status < 300, status: answer.status, json: async () => answer.body };
  };
  let tokens = 0;
  world.answers["POST session"] = () => ({
    status: 200,
    body: { token: `t${++tokens}`, visitor: "v1", expires_at: "2026-12-21T12:00:00Z" },
  });
  /** A tab: all tabs share the storage. */
  world.tab = () => {
    const store = openStore("localStorage", "svar:k:");
    const outbox = openOutbox(store);
    const session = openSession("https://help.example/", "k", store, () => world.claim, () => outbox.settle(outbox.items().map((item) => item.client_id)));
    const connection = openConnection({
      session,
      outbox,
      emit: (event) => (world.state = reduce(world.state, event)),
      after: () => lastId(world.state),
      context: () => ({ language: "en", page: { url: "https://shop.example/", title: "Shop" } }),
    });
    return { outbox, session, connection, store };
  };
  return world;
}
