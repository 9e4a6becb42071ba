import assert from "node:assert/strict";
import { test } from "node:test";
import { instantsIn, inUtc } from "../../shared/text/instants.ts";

const near = Date.UTC(2026, 10, 28, 0, 3);

test("each time of day in a sentence is an instant on the day nearest to it, with seconds where they are told", () => {
  assert.deepEqual(instantsIn("shipped at 23:58:10, paged by 00:45 UTC", near), [
    "shipped at ",
    { at: Date.UTC(2026, 10, 27, 23, 58, 10), seconds: true },
    ", paged by ",
    { at: Date.UTC(2026, 10, 28, 0, 45) },
  ]);
  assert.deepEqual(instantsIn("nothing", near), ["nothing"]);
});

test("what only looks like a time of day stays: quotes, dates, versions, addresses and labels", () => {
  for (const text of [
    "“meet at 12:03”",
    "2026-11-27 12:03 UTC",
    "image:12:30",
    "10.0.0.1:12:30",
    "25:10",
    "v1.12:03.4",
    'at="12:03"',
  ])
    assert.equal(instantsIn(text, near).join(""), text);
});

test("a place without zones says UTC behind each time, once", () => {
  assert.equal(inUtc("from 12:03:40 to 12:45 UTC, “at 12:00”"), "from 12:03:40 UTC to 12:45 UTC, “at 12:00”");
});
