import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event } from "../../shared/incident/events.ts";
import { timelineEntry } from "../../shared/text/timeline.ts";

test("a fact of a later release, read after a downgrade, has no sentence", () => {
  const later = { type: "RemedyPraised", at: 1 } as unknown as Event;
  assert.equal(timelineEntry(later), undefined);
});

test("questions are recorded without a sentence", () => {
  assert.equal(timelineEntry({ type: "QuestionsRecorded", at: 1, questions: [] }), undefined);
});
