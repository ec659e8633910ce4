import assert from "node:assert/strict";
import { test } from "node:test";
import { speak, texts } from "../../widget/v1/messages.js";

test("every text has four languages with the same places to fill", () => {
  for (const [name, translations] of Object.entries(texts)) {
    assert.equal(translations.length, 4, name);
    const places = translations.map((text) => (text.match(/\{\w+\}/g) ?? []).sort().join());
    assert.equal(new Set(places).size, 1, name);
  }
});

test("the page's language decides; Norwegian reads Danish, anything unknown English", () => {
  for (const [tag, language] of [["da-DK", "da"], ["NB", "da"], ["nn-NO", "da"], ["sv", "sv"], ["de-AT", "de"], ["fr", "en"], ["", "en"]])
    assert.equal(speak(tag, []).language, language, tag);
});

test("the visitor's own form of a language decides how times look", () => {
  const at = "2026-11-21T15:04:00Z";
  assert.match(speak("en", ["da", "en-US"]).time(at), /[AP]M/);
  assert.doesNotMatch(speak("en", ["en-GB"]).time(at), /[AP]M/);
});

test("waits are told in whole minutes, and from an hour in hours", () => {
  const { duration } = speak("da", []);
  assert.equal(duration(0), "1 minut");
  assert.equal(duration(5), "5 minutter");
  assert.equal(duration(125), "2 timer");
});

test("days are told as people do", () => {
  const { day } = speak("sv", []);
  const ago = (days) => new Date(Date.now() - days * 864e5).toISOString();
  assert.equal(day(ago(0)), "i dag");
  assert.equal(day(ago(1)), "i går");
  assert.match(day(ago(5)), /dag \d/);
});
