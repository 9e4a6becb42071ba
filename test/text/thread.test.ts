import assert from "node:assert/strict";
import { test } from "node:test";
import { chained } from "../../shared/incident/chain/chain.ts";
import type { Event } from "../../shared/incident/events.ts";
import type { Diagnosis, Incident, Started } from "../../shared/incident/model.ts";
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

test("a reply keeps its marker when older facts were archived, so that it is not posted again", () => {
  const log = chained(
    { id: "shop/production" } as Incident,
    [
      ...[opened, { type: "IncidentClosed", at: 2, outcome: "recovered" } as Event],
      ...[
        { ...opened, round: 2, at: 3 } as Event,
        { type: "DeadlineNeared", at: 4, share: 0.5 } as unknown as Event,
      ],
      { type: "IncidentClosed", at: 5, outcome: "recovered", detail: "over" } as Event,
    ],
    0,
  );
  const incident = {
    ...{ id: "shop/production", service: "shop", environment: "production", round: 2, alerts: [] },
    ...{ status: "closed", outcome: "recovered", endedAt: 5, detail: "over" },
  } as unknown as Started;
  const markers = (facts: Event[]) => thread(incident, facts).map(({ marker }) => marker);
  const whole = ["shop/production#2:3:DeadlineNeared", "shop/production#2:4:IncidentClosed"];
  assert.deepEqual(markers(log), whole);
  assert.deepEqual(markers(log.slice(2)), whole);
});

const linesOf = (over: Partial<Diagnosis>): string[] => {
  const incident = {
    ...{ id: "shop/production", service: "shop", environment: "production", round: 1, alerts: [] },
    ...{ status: "diagnosed", diagnosis: { ...diagnosis(0.2), ...over } },
  } as unknown as Started;
  const [details] = thread(incident, [opened]);
  return details?.lines.map(({ label, text }) => `${label}: ${text}`) ?? [];
};
const named = (letter: string, reasons: string[]) => suspect({ sha: sha(letter), title: letter, reasons });

test("a fact of the first suspects is told once, also where later ones do not have it, and each own fact has a line", () => {
  const shipped = "shipped in the deploy of 12:02, together with 2 other changes";
  const suspects = [
    named("a", [shipped, "one", "two"]),
    named("b", [shipped, "three"]),
    named("c", [shipped]),
    named("d", ["had been live for 3 d"]),
  ];
  assert.deepEqual(linesOf({ suspects }), [
    `Each of the first 3: ${shipped}`,
    "Suspect (90 %): aaaaaaaaaaaa “a” by Ann\n• one\n• two",
    "Also possible (90 %): bbbbbbbbbbbb “b” by Ann\n• three",
    "Also possible (90 %): cccccccccccc “c” by Ann",
    "Also possible (90 %): dddddddddddd “d” by Ann\n• had been live for 3 d",
    "None of these (10 %): a flag, load, an upstream, a node, a certificate",
  ]);
  assert.equal(linesOf({ suspects: suspects.slice(0, 3) })[0], `Each suspect: ${shipped}`);
  assert.ok(linesOf({ suspects: [suspects[0]!, suspects[1]!, suspects[3]!] })[0]?.startsWith("Suspect"));
});

test("a flag and load have their own part of none of the changes, so that all are 100 % together, and a note is not taken for a cause", () => {
  const flags = [{ flag: "new-rates", score: 0.5, reason: "was turned on at 12:03" }];
  assert.deepEqual(linesOf({ suspects: [], none: 0.8, flags, notes: ["no logs are connected"] }), [
    "Flag (50 %): was turned on at 12:03: turn it back first",
    "None of these (30 %): load, an upstream, a node, a certificate",
    "Note: no logs are connected",
  ]);
});
