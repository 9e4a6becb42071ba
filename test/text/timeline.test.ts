import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event } from "../../shared/incident/events.ts";
import { timelineEntry } from "../../shared/text/timeline.ts";
import { alert } from "../support/incident.ts";

test("a fact of a later release, read after a downgrade, has no sentence", () => {
  const later = { type: "RemedyPraised", at: 1 } as unknown as Event;
  assert.equal(timelineEntry(later), undefined);
});

test("questions are recorded without a sentence", () => {
  assert.equal(timelineEntry({ type: "QuestionsRecorded", at: 1, questions: [] }), undefined);
});

test("a rejection names the person, and then their words", () => {
  const rejected = (by: string | undefined, detail: string) =>
    timelineEntry({
      ...{ type: "IncidentClosed", at: 1, outcome: "rejected", detail },
      ...(by !== undefined && { by }),
    })?.text;
  assert.deepEqual(
    [rejected("Mei (U1)", "the pool was full"), rejected("Mei (U1)", ""), rejected(undefined, "closed")],
    ["by Mei: “the pool was full”", "by Mei", "closed"],
  );
});

test("the code of a finding stands beside its words only where they differ", () => {
  const escalated = (verdict: "still_firing" | "silenced") =>
    timelineEntry({
      type: "IncidentEscalated",
      at: 1,
      reason: "unanswered",
      detail: "nobody decided",
      verdict,
    })?.text;
  assert.equal(escalated("still_firing"), "nobody decided; still firing");
  assert.equal(escalated("silenced"), "silenced, not fixed (silenced); nobody decided");
});

test("a storm of alerts is one line: the first five names and the number of the others", () => {
  const opened = (count: number) =>
    timelineEntry({
      ...{ type: "IncidentOpened", at: 1, round: 1, onsetAt: 1, due: 2, truncated: false },
      alerts: Array.from({ length: count }, (_, index) => alert({ name: `Queue${index + 1}` })),
    })?.text;
  assert.equal(opened(6), "Queue1, Queue2, Queue3, Queue4, Queue5, Queue6 firing");
  assert.equal(opened(7), "Queue1, Queue2, Queue3, Queue4, Queue5 and 2 more firing");
});
