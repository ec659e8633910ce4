import assert from "node:assert/strict";
import { test } from "node:test";
import { backoff, openOutbox, openStore } from "../../widget/v1/connection.js";
import { browser, settle } from "./browser.mjs";

const texts = (events) => events.map(({ text }) => text);

async function online(context) {
  const world = browser(context);
  const tab = world.tab();
  tab.connection.start();
  await settle();
  world.socket.accept();
  world.socket.history();
  const say = (text, intent = "message") => {
    tab.outbox.add(text, intent);
    tab.connection.flush();
  };
  const acknowledge = (event) =>
    world.socket.take({ type: "ack", client_id: event.client_id, message: world.record(event.client_id, event.text) });
  return { world, tab, say, acknowledge, ...tab };
}

test("the socket is opened with the token as a subprotocol, and synced first", async (context) => {
  const { world } = await online(context);
  const { url, protocols, sent } = world.socket;
  assert.equal(url, "wss://help.example/ws/chat/");
  assert.deepEqual(protocols, ["chat.v1", "t1"]);
  assert.deepEqual(sent[0], {
    type: "sync",
    after: 0,
    language: "en",
    page: { url: "https://shop.example/", title: "Shop" },
  });
  assert.equal(world.state.link, "online");
});

test("messages leave one at a time and in order", async (context) => {
  const { world, say, acknowledge } = await online(context);
  say("one");
  say("two");
  assert.deepEqual(texts(world.socket.of("message.send")), ["one"]);
  acknowledge(world.socket.of("message.send")[0]);
  assert.deepEqual(texts(world.socket.of("message.send")), ["one", "two"]);
});

test("asking for a person is its own event", async (context) => {
  const { world, say } = await online(context);
  say("Talk to a person", "human");
  assert.deepEqual(texts(world.socket.of("human.request")), ["Talk to a person"]);
});

test("what was not acknowledged goes again after a reconnect, under the same client id and once history is known", async (context) => {
  const { world, say, outbox } = await online(context);
  say("one");
  say("two");
  const [first] = world.socket.of("message.send");
  world.socket.drop();
  assert.equal(world.state.link, "offline");
  await world.tick(1);
  world.socket.accept();
  assert.equal(world.socket.of("message.send").length, 0);
  world.socket.history();
  assert.equal(world.socket.of("message.send")[0].client_id, first.client_id);
  assert.equal(outbox.items().length, 2);
});

test("what history shows as recorded is not sent again", async (context) => {
  const { world, say, outbox } = await online(context);
  say("one");
  const [{ client_id }] = world.socket.of("message.send");
  world.socket.drop();
  await world.tick(1);
  world.socket.accept();
  world.socket.history([world.record(client_id)]);
  assert.equal(world.socket.of("message.send").length, 0);
  assert.deepEqual(outbox.items(), []);
});

test("history that comes in parts is asked for to its end before anything is sent", async (context) => {
  const world = browser(context);
  const { outbox, connection } = world.tab();
  outbox.add("one", "message");
  connection.start();
  await settle();
  world.socket.accept();
  world.socket.history([world.record("x")], true);
  assert.deepEqual(world.socket.of("sync").map(({ after }) => after), [0, 1]);
  assert.equal(world.socket.of("message.send").length, 0);
  world.socket.history();
  assert.deepEqual(texts(world.socket.of("message.send")), ["one"]);
});

test("without an acknowledgement the message is sent again under the same client id", async (context) => {
  const { world, say } = await online(context);
  say("one");
  world.socket.take({ type: "pong" });
  await world.tick(10.5);
  const sent = world.socket.of("message.send");
  assert.equal(sent.length, 2);
  assert.equal(sent[0].client_id, sent[1].client_id);
});

test("a limited message waits as long as asked, holding the ones behind it, and goes by itself", async (context) => {
  const { world, say, outbox } = await online(context);
  say("one");
  const [{ client_id }] = world.socket.of("message.send");
  world.socket.take({ type: "error", code: "rate_limited", detail: "", client_id, retry_after: 20 });
  say("two");
  await world.tick(19);
  world.socket.take({ type: "pong" });
  assert.deepEqual(texts(world.socket.of("message.send")), ["one"]);
  await world.tick(2);
  assert.deepEqual(texts(world.socket.of("message.send")), ["one", "one"]);
  assert.ok(outbox.items().every(({ error }) => !error));
});

for (const code of ["too_long", "empty", "control_characters", "invalid_event", "server_error"])
  test(`after ${code} the message waits for the visitor and the next one goes`, async (context) => {
    const { world, say } = await online(context);
    say("one");
    say("two");
    const [{ client_id }] = world.socket.of("message.send");
    world.socket.take({ type: "error", code, detail: "", client_id });
    assert.deepEqual(texts(world.socket.of("message.send")), ["one", "two"]);
    assert.deepEqual(world.state.outbox.map(({ error }) => error), [code, undefined]);
  });

test("a refused message tried again goes to the end of the line under its client id", async (context) => {
  const { world, say, outbox, connection, acknowledge } = await online(context);
  say("one");
  say("two");
  const [{ client_id }] = world.socket.of("message.send");
  world.socket.take({ type: "error", code: "server_error", detail: "", client_id });
  outbox.retry(client_id);
  connection.flush();
  assert.deepEqual(texts(outbox.items()), ["two", "one"]);
  acknowledge(world.socket.of("message.send")[1]);
  assert.equal(world.socket.of("message.send")[2].client_id, client_id);
});

test("what another tab wrote is shown at once, and sent only when that tab does not", async (context) => {
  const { world, connection } = await online(context);
  const other = openOutbox(openStore("localStorage", "svar:k:"));
  other.add("from the other tab", "message");
  connection.flush(10);
  assert.deepEqual(texts(world.state.outbox), ["from the other tab"]);
  assert.equal(world.socket.of("message.send").length, 0);
  world.socket.take({ type: "pong" });
  await world.tick(11);
  assert.deepEqual(texts(world.socket.of("message.send")), ["from the other tab"]);
});

test("a refused token is exchanged once; refused again, the widget stops", async (context) => {
  const { world } = await online(context);
  world.socket.drop(4401);
  await settle();
  assert.equal(world.socket.protocols[1], "t2");
  assert.equal(world.requests.at(-1).body.token, undefined);
  world.socket.drop(4401);
  await world.tick(120);
  assert.equal(world.sockets.length, 2);
  assert.equal(world.state.link, "refused");
});

test("an origin that is not on the list is not tried again", async (context) => {
  const { world } = await online(context);
  world.socket.drop(4403);
  await world.tick(120);
  assert.equal(world.sockets.length, 1);
  assert.equal(world.state.link, "refused");
});

test("a silent line is replaced", async (context) => {
  const { world } = await online(context);
  await world.tick(25);
  assert.ok(world.socket.of("ping").length >= 1);
  await world.tick(10.5);
  assert.ok(world.sockets[0].closed);
  await world.tick(1);
  assert.equal(world.sockets.length, 2);
});

test("a line that answers is kept", async (context) => {
  const { world } = await online(context);
  for (let minute = 0; minute < 10; minute++) {
    await world.tick(5);
    world.socket.take({ type: "pong" });
  }
  assert.equal(world.sockets.length, 1);
});

test("the wait between attempts grows from half a second to thirty, with chance in it", () => {
  for (let n = 0; n < 40; n++) {
    const wait = backoff(n);
    assert.ok(wait >= 0.5 && wait <= 30, `${n}: ${wait}`);
  }
  assert.ok(backoff(12) >= 15);
  assert.notEqual(backoff(12), backoff(12));
});

async function withoutSockets(context) {
  const world = browser(context);
  const tab = world.tab();
  world.messages = [];
  world.answers["GET messages"] = ({ url }) => {
    const after = Number(new URL(url).searchParams.get("after"));
    return {
      status: 200,
      body: { messages: world.messages.filter(({ id }) => id > after), conversation: null, has_more: false },
    };
  };
  world.answers["POST messages"] = ({ body }) => {
    const known = world.messages.find(({ client_id }) => client_id === body.client_id);
    const message = known ?? world.record(body.client_id, body.text);
    if (!known) world.messages.push(message);
    return { status: known ? 200 : 201, body: { message, duplicate: !!known } };
  };
  tab.connection.start();
  for (let attempt = 0; attempt < 3; attempt++) {
    await settle();
    world.socket.drop();
    if (attempt < 2) await world.tick(2);
  }
  await settle();
  return { world, ...tab };
}

test("when no socket opens three times, HTTP takes over and a socket is tried every minute", async (context) => {
  const { world } = await withoutSockets(context);
  assert.equal(world.sockets.length, 4); // one more as soon as HTTP answers, in case it was the server that was away
  world.socket.drop();
  assert.equal(world.state.link, "online");
  const polls = () => world.requests.filter(({ name }) => name === "GET messages").length;
  const before = polls();
  await world.tick(20);
  assert.equal(polls() - before, 5);
  await world.tick(41);
  assert.equal(world.sockets.length, 5);
  world.socket.accept();
  world.socket.history();
  const at = polls();
  world.socket.take({ type: "pong" });
  await world.tick(8);
  assert.equal(polls(), at);
});

test("over HTTP too, messages are recorded once and in order", async (context) => {
  const { world, outbox, connection } = await withoutSockets(context);
  const answer = world.answers["POST messages"];
  let lost = true;
  world.answers["POST messages"] = (request) => {
    const recorded = answer(request);
    return lost ? ((lost = false), null) : recorded; // the first answer does not arrive
  };
  outbox.add("one", "message");
  outbox.add("two", "human");
  connection.flush();
  await world.tick(12);
  assert.deepEqual(texts(world.messages), ["one", "two"]);
  assert.deepEqual(outbox.items(), []);
  const posts = world.requests.filter(({ name }) => name === "POST messages");
  assert.equal(posts.at(-1).body.intent, "human");
  assert.equal(posts.at(-1).token, "Visitor t1");
});

test("a hidden page does not poll", async (context) => {
  const { world, connection } = await withoutSockets(context);
  document.hidden = true;
  await world.tick(8);
  const { length } = world.requests;
  await world.tick(20);
  assert.equal(world.requests.length, length);
  document.hidden = false;
  connection.wake();
  await settle();
  assert.ok(world.requests.length > length);
});

test("seen is told once per message, and again on the next line when it could not be told", async (context) => {
  const { world, connection } = await online(context);
  connection.seen(4);
  connection.seen(4);
  connection.seen(3);
  assert.deepEqual(world.socket.of("seen"), [{ type: "seen", message_id: 4 }]);
  world.socket.drop();
  connection.seen(6);
  await world.tick(1);
  world.socket.accept();
  world.socket.history();
  assert.deepEqual(world.socket.of("seen"), [{ type: "seen", message_id: 6 }]);
});

test("a site that does not know the key, or the origin, is not asked again", async (context) => {
  const world = browser(context);
  world.answers["POST session"] = () => ({ status: 403, body: { error: { code: "origin", detail: "" } } });
  world.tab().connection.start();
  await world.tick(60);
  assert.equal(world.requests.length, 1);
  assert.equal(world.state.link, "refused");
});

test("a token is renewed when half of its life is over, for the same visitor", async (context) => {
  const world = browser(context);
  const { session } = world.tab();
  await session.obtain();
  await session.obtain();
  assert.equal(world.requests.length, 1);
  context.mock.method(Date, "now", () => Date.parse("2026-12-07T12:00:00Z"));
  await session.obtain();
  assert.equal(world.requests.at(-1).body.token, "t1");
});

test("those who wait for the first token get the same one", async (context) => {
  const world = browser(context);
  const { session } = world.tab();
  const [one, two] = await Promise.all([session.obtain(), session.obtain()]);
  assert.equal(one.token, two.token);
  assert.equal(world.requests.length, 1);
});

test("the outbox survives a new page, in order even when the clock is set back", (context) => {
  const world = browser(context);
  world.tab().outbox.add("one", "message");
  context.mock.method(Date, "now", () => 5);
  world.tab().outbox.add("two", "message");
  assert.deepEqual(texts(world.tab().outbox.items()), ["one", "two"]);
});

test("where storage is blocked or full, memory does", () => {
  Object.defineProperty(globalThis, "localStorage", {
    configurable: true,
    get() {
      throw new Error("SecurityError");
    },
  });
  const blocked = openStore("localStorage", "svar:k:");
  blocked.set("seen", 4);
  assert.equal(blocked.get("seen"), 4);

  const full = new Proxy({ "svar:k:seen": "1" }, { set: () => false });
  Object.defineProperty(globalThis, "localStorage", { configurable: true, value: full });
  const outbox = openOutbox(openStore("localStorage", "svar:k:"));
  outbox.add("one", "message");
  assert.deepEqual(texts(outbox.items()), ["one"]);
  delete globalThis.localStorage;
});

test("the website's word goes with the session, and again only when it changes", async (context) => {
  const world = browser(context);
  world.claim = "anna's token";
  const { session } = world.tab();
  await session.obtain();
  await session.obtain();
  assert.deepEqual(
    world.requests.map(({ body }) => body.identity),
    ["anna's token"],
  );
  world.claim = { hash: "00", email: "anna@shop.example" };
  await session.obtain();
  assert.deepEqual(world.requests.at(-1).body.identity, world.claim);
});

test("a word that changes while a session is asked for is sent too, before anybody gets a token", async (context) => {
  const world = browser(context);
  world.claim = "anna's token";
  const { session } = world.tab();
  const waiting = session.obtain();
  world.claim = "bo's token";
  await waiting;
  assert.deepEqual(
    world.requests.map(({ body }) => body.identity),
    ["anna's token", "bo's token"],
  );
});

test("what one person did not get sent is never sent as another's", async (context) => {
  const world = browser(context);
  let visitor = "v1";
  world.answers["POST session"] = () => ({
    status: 200,
    body: { token: "t", visitor, expires_at: "2026-12-21T12:00:00Z" },
  });
  const { outbox, session } = world.tab();
  outbox.add("typed before the first session", "message");
  world.claim = "anna's token";
  await session.obtain();
  assert.equal(outbox.items().length, 1);
  visitor = "v2";
  world.claim = "bo's token";
  await session.obtain();
  assert.equal(outbox.items().length, 0);
});

test("logging out is told once, and only by who was named", async (context) => {
  const world = browser(context);
  world.claim = "";
  const { session } = world.tab();
  await session.obtain();
  assert.equal(world.requests.at(-1).body.log_out, false);
  world.claim = "anna's token";
  const { token } = await session.obtain();
  world.claim = "";
  world.answers["POST session"] = () => ({
    status: 200,
    body: { token: "t", visitor: "v2", expires_at: "2026-12-21T12:00:00Z" },
  });
  await session.obtain();
  const { body } = world.requests.at(-1);
  assert.deepEqual([body.log_out, body.token, body.identity], [true, token, undefined]);
  assert.equal(session.known().named, false);
});

test("an answer that comes after the person has changed is nobody's", async (context) => {
  const world = browser(context);
  const { session, store } = world.tab();
  world.answers["GET messages"] = () => {
    store.set("session", { ...session.known(), visitor: "v2" });
    return { status: 200, body: { messages: ["of v1"] } };
  };
  await assert.rejects(session.call("GET", "messages"));
});

test("pictures go by their ids", async (context) => {
  const { world, outbox, connection } = await online(context);
  outbox.add("", "message", [{ id: 7, name: "bowl.jpg" }]);
  connection.flush();
  assert.deepEqual(world.socket.of("message.send")[0].attachments, [7]);
});
