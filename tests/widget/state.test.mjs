import assert from "node:assert/strict";
import { test } from "node:test";
import {
  clean,
  countCharacters,
  countUnread,
  initial,
  lastId,
  mayAskForHuman,
  reduce,
  rowsOf,
} from "../../widget/v1/state.js";

const message = (id, kind = "bot", more = {}) => ({
  id,
  client_id: null,
  author: { kind, name: kind === "contact" ? "" : "Svar" },
  kind: "text",
  text: `text ${id}`,
  html: null,
  citations: [],
  quick_replies: [],
  language: "en",
  at: "2026-11-21T12:00:10Z",
  ...more,
});
const pending = (client_id, more = {}) => ({
  client_id,
  text: "hello",
  intent: "message",
  at: Date.parse("2026-11-21T12:00:20Z"),
  ...more,
});
const conversation = (status, more = {}) => ({
  status,
  agent: null,
  position: null,
  wait_minutes: null,
  asks_email: false,
  ...more,
});
const history = (...messages) => ({ type: "history", messages, conversation: null, has_more: false });
const after = (...events) => events.reduce(reduce, initial);
const keys = (state) => rowsOf(state).map((row) => row.key);

test("messages are kept once and in the order of their ids, whatever order they come in", () => {
  const state = after(history(message(3)), { type: "message", message: message(1) }, history(message(2), message(3)));
  assert.deepEqual(state.messages.map(({ id }) => id), [1, 2, 3]);
  assert.equal(lastId(state), 3);
});

test("the state before is left as it was", () => {
  const before = Object.freeze({ ...initial, messages: Object.freeze([message(1)]) });
  assert.equal(reduce(before, { type: "message", message: message(2) }).messages.length, 2);
  assert.equal(before.messages.length, 1);
});

test("history is complete only when the server has no more after it", () => {
  const part = after({ ...history(message(1)), has_more: true });
  assert.equal(part.synced, false);
  assert.equal(reduce(part, history(message(2))).synced, true);
});

test("a pending message gives way to the recorded one, by acknowledgement, message or history", () => {
  const own = message(7, "contact", { client_id: "a" });
  for (const event of [{ type: "ack", client_id: "a", message: own }, { type: "message", message: own }, history(own)]) {
    const state = after({ type: "outbox", items: [pending("a"), pending("b")] }, event);
    assert.deepEqual(state.outbox.map(({ client_id }) => client_id), ["b"]);
  }
});

test("an outbox that is late does not bring a recorded message back", () => {
  const own = message(7, "contact", { client_id: "a" });
  const state = after({ type: "message", message: own }, { type: "outbox", items: [pending("a")] });
  assert.deepEqual(state.outbox, []);
});

test("unread are the bot's and the agents' messages after the last seen, while nobody reads", () => {
  const state = after(
    history(message(1), message(2), message(3, "contact"), message(4, "system"), message(5, "agent")),
    { type: "seen", id: 1 },
  );
  assert.equal(countUnread(state), 2);
  const open = reduce(state, { type: "open", open: true });
  assert.equal(countUnread(open), 0);
  assert.equal(countUnread(reduce(open, { type: "visible", visible: false })), 2);
});

test("what another tab saw earlier does not take back what was seen here", () => {
  assert.equal(after({ type: "seen", id: 9 }, { type: "seen", id: 4 }).seen, 9);
});

test("a draft grows, and ends with the message that replaces it, with its time, or when somebody else has the chat", () => {
  const author = { kind: "bot", name: "Svar" };
  const draft = (text) => ({ type: "draft", author, text });
  const begun = after(history(message(1, "contact")), draft(""));
  assert.deepEqual([begun.typing, begun.draft], [author, ""]);
  const grown = [draft("One. "), draft("One. Two.")].reduce(reduce, begun);
  assert.equal(grown.draft, "One. Two.");
  assert.equal(reduce(grown, { type: "message", message: message(2) }).typing, null);
  assert.equal(reduce(grown, { type: "typing", author: null }).typing, null);
  assert.equal(reduce(grown, { type: "conversation", conversation: conversation("queued") }).typing, null);
  assert.equal(reduce(grown, { type: "typing", author }).draft, "");
  assert.deepEqual(keys(grown), keys(begun)); // no message until it is one
});

test("typing ends with that author's message, with its time, or with the line", () => {
  const typing = { type: "typing", author: { kind: "agent", name: "Anna" } };
  const state = after({ type: "link", link: "online" }, typing);
  const by = (kind, name) => ({ type: "message", message: message(1, kind, { author: { kind, name } }) });
  assert.equal(reduce(state, by("bot", "Svar")).typing?.name, "Anna");
  assert.equal(reduce(state, by("agent", "Anna")).typing, null);
  assert.equal(reduce(state, { type: "typing", author: null }).typing, null);
  assert.equal(reduce(state, { type: "link", link: "offline" }).typing, null);
});

test("another visitor starts with an empty flow, and takes along what was not sent yet", () => {
  const state = after(
    { type: "visitor", visitor: "v1" },
    history(message(1)),
    { type: "seen", id: 1 },
    { type: "open", open: true },
    { type: "outbox", items: [pending("a")] },
    { type: "ready", visitor: "v2", conversation: null },
  );
  assert.deepEqual(state.messages, []);
  assert.equal(state.seen, 0);
  assert.equal(state.open, true);
  assert.equal(state.outbox.length, 1);
});

test("the same visitor keeps the flow when the token is renewed", () => {
  const state = after({ type: "visitor", visitor: "v1" }, history(message(1)), { type: "visitor", visitor: "v1" });
  assert.equal(state.messages.length, 1);
});

test("an event of a newer server changes nothing", () => {
  assert.equal(reduce(initial, { type: "confetti", code: 1 }), initial);
});

test("a person can be asked for until one was asked for", () => {
  const at = (status) => after({ type: "conversation", conversation: conversation(status) });
  assert.ok(mayAskForHuman(initial));
  assert.ok(mayAskForHuman(at("bot")));
  assert.ok(mayAskForHuman(at("resolved")));
  assert.ok(!mayAskForHuman(at("queued")));
  assert.ok(!mayAskForHuman(at("assigned")));
  const asked = (more) => after({ type: "outbox", items: [pending("a", { intent: "human", ...more })] });
  assert.ok(!mayAskForHuman(asked()));
  assert.ok(mayAskForHuman(asked({ error: "invalid_event" })));
});

test("one author's messages of one minute are a group", () => {
  const state = after(
    history(
      message(1),
      message(2, "bot", { at: "2026-11-21T12:00:59Z" }),
      message(3, "bot", { at: "2026-11-21T12:01:00Z" }),
      message(4, "agent", { at: "2026-11-21T12:01:01Z", author: { kind: "agent", name: "Anna" } }),
      message(5, "agent", { at: "2026-11-21T12:01:02Z", author: { kind: "agent", name: "Bo" } }),
    ),
  );
  const groups = rowsOf(state).slice(1).map(({ first, last }) => [first, last]);
  assert.deepEqual(groups, [[true, false], [false, true], [true, true], [true, true], [true, true]]);
});

test("a notice stands alone", () => {
  const state = after(history(message(1), message(2, "bot", { kind: "notice" }), message(3)));
  assert.ok(rowsOf(state).slice(1).every(({ first, last }) => first && last));
});

test("a new day has a heading", () => {
  const state = after(history(message(1), message(2, "bot", { at: "2026-11-23T12:00:00Z" })));
  assert.deepEqual(rowsOf(state).map(({ day }) => !!day), [true, false, true, false]);
});

test("pending messages end the flow, and keep their key when they are recorded", () => {
  const sent = after(history(message(1)), { type: "outbox", items: [pending("a")] });
  const own = message(2, "contact", { client_id: "a" });
  assert.equal(keys(sent).at(-1), "a");
  assert.equal(rowsOf(sent).at(-1).pending.client_id, "a");
  assert.deepEqual(keys(reduce(sent, { type: "ack", client_id: "a", message: own })), keys(sent));
});

test("text goes out without control characters, half emoji and the space around it", () => {
  assert.equal(clean("  a\u0000b\u001bc\r\nd\te\u0085f\ud83dg 😀 \n"), "abc\nd\tefg 😀");
  assert.equal(clean(" \u0007\n"), "");
});

test("characters are counted as the server counts them", () => {
  assert.equal(countCharacters("æ😀"), 2);
});
