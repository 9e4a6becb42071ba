import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event } from "../../shared/incident/events.ts";
import type { Diagnosis, Started } from "../../shared/incident/model.ts";
import type { ViewLine } from "../../shared/ports/chat.ts";
import { thread } from "../../shared/text/chat-message.ts";
import { sha, suspect } from "../support/incident.ts";

const diagnosis = (score: number): Diagnosis => ({
  suspects: [suspect(), suspect({ sha: sha("d"), title: "pay: logo", score })],
  none: 0.1,
  onsetAt: 1,
  remedies: [],
});
const opened = { type: "IncidentOpened", round: 1, at: 1 } as Event;
const look = (type: "LookPostponed" | "IncidentDiagnosed" | "DiagnosisRevised", score: number): Event =>
  ({ type, diagnosis: diagnosis(score), at: 2, changes: [] }) as unknown as Event;

const isOfOther = ({ label }: ViewLine): boolean => label === "Looked again" || /^Also/.test(label ?? "");

/** The markers of the replies about suspects, and what they first say of other ones. */
const others = (score: number, ...log: Event[]): [string, string | undefined][] => {
  const incident = {
    ...{ id: "shop/production", service: "shop", environment: "production", round: 1, alerts: [] },
    ...{ status: "diagnosed", diagnosis: diagnosis(score) },
  } as unknown as Started;
  return thread(incident, [opened, ...log])
    .filter(({ marker }) => marker.includes(":details"))
    .map(({ marker, lines }) => [marker.replace(/^.*:details/, ""), lines.find(isOfOther)?.label]);
};

test("the other suspects are told in one reply while looks find the same", () => {
  assert.deepEqual(others(0.2, look("IncidentDiagnosed", 0.2)), [["", "Also possible (20 %)"]]);
  assert.deepEqual(others(0.2, look("LookPostponed", 0.2), look("IncidentDiagnosed", 0.2)), [
    ["", "Also possible (20 %)"],
  ]);
});

test("a look that finds other ones tells them anew, since the former reply stays in the thread", () => {
  assert.deepEqual(others(0.4, look("LookPostponed", 0.2), look("IncidentDiagnosed", 0.4)), [
    [":2", "Looked again"],
  ]);
  const three = [look("LookPostponed", 0.2), look("IncidentDiagnosed", 0.4), look("DiagnosisRevised", 0.3)];
  assert.deepEqual(others(0.3, ...three), [[":3", "Looked again"]]);
});
