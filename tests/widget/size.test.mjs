import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const folder = new URL("../../widget/v1/", import.meta.url);
const size = (name) => gzipSync(readFileSync(new URL(name, folder))).length;

const later = ["attachments.js", "rating.js"]; // imported with the first picture, and with the first question of how it was

test("the loader stays under 2 KB gzipped, and all that a page loads at first under 20 KB", () => {
  assert.ok(size("loader.js") <= 2048);
  const names = readdirSync(folder).filter((name) => !later.includes(name));
  const total = names.reduce((sum, name) => sum + size(name), 0);
  assert.ok(total <= 20 * 1024, `${total} bytes`);
  for (const name of names)
    assert.doesNotMatch(readFileSync(new URL(name, folder), "utf8"), /from "\.\/(attachments|rating)\.js"/, `${name} loads it at once`);
});

test("what is loaded when it is needed stays under 4 KB gzipped each", () => {
  for (const name of later) assert.ok(size(name) <= 4096, `${name}: ${size(name)} bytes`);
});
