import assert from "node:assert/strict";
import { test } from "node:test";
import { follow } from "../../infra/demo/follow.ts";
import { listen } from "../support/scratch.ts";

test("the end of an incident is told also where its status is read before its last event", async (t) => {
  const at = "2026-11-30T12:00:00.000Z";
  const opened = { type: "IncidentOpened", at };
  const closed = { type: "IncidentClosed", at };
  const answers = [
    { status: "deployed", suspects: [], timeline: [opened] },
    { status: "closed", suspects: [], timeline: [opened] },
    { status: "closed", suspects: [], timeline: [opened, closed] },
  ];
  const url = await listen(t, (_, __, response) => {
    response.end(JSON.stringify(answers.length > 1 ? answers.shift() : answers[0]));
  });
  const told: string[] = [];
  const { signal } = new AbortController();
  for await (const { event } of follow({ url, signal, idleTimeoutOf: () => 60_000 })) told.push(event.type);
  assert.deepEqual(told, ["IncidentOpened", "IncidentClosed"]);
});
