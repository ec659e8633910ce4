import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const folder = new URL("../../widget/v1/", import.meta.url);
const size = (name) => gzipSync(readFileSync(new URL(name, folder))).length;

test("the loader stays under 2 KB gzipped, and all that a page loads under 20 KB", () => {
  assert.ok(size("loader.js") <= 2048);
  const total = readdirSync(folder).reduce((sum, name) => sum + size(name), 0);
  assert.ok(total <= 20 * 1024, `${total} bytes`);
});
