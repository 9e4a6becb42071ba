import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command } from "../../shared/incident/commands.ts";
import { awaitedDeploy } from "../../shared/incident/diagnosis/undeployed.ts";
import type { Diagnosis, Suspect } from "../../shared/incident/model.ts";
import type { Policy } from "../../shared/incident/policy.ts";
import { given, opened, propose, revertOf, sha, suspect } from "../support/incident.ts";

const minute = 60_000;
/** The onset: everything is told in minutes before it. */
const onset = 1_000 * minute;
const before = (minutes: number): number => onset - minutes * minute;

const live = (landed: number, deployed: number, over: Partial<Suspect> = {}): Suspect =>
  suspect({
    at: before(landed),
    change: {
      kind: "commit",
      commits: [sha("c")],
      deploy: { sha: sha("c"), at: before(deployed), status: "succeeded" },
    },
    ...over,
  });
const diagnosis = (first: Suspect, landings: number[], over: Partial<Diagnosis> = {}): Diagnosis => ({
  ...{ suspects: [first], none: 0.1, onsetAt: onset, remedies: [revertOf()] },
  undeployed: landings.map((minutes, index) => ({
    ...{ sha: sha(String(index)), title: `change ${index}`, at: before(minutes) },
  })),
  ...over,
});

const rules: [string, Diagnosis, "waits" | "waits briefly" | "does not wait"][] = [
  ["a change that was live for a day", diagnosis(live(1500, 1440), [2]), "waits"],
  ["a change that was live for 31 minutes", diagnosis(live(40, 31), [50]), "waits"],
  [
    "an older change that measurements convict",
    diagnosis(live(1500, 1440, { measured: true }), [2]),
    "does not wait",
  ],
  [
    "an older change that measurements also clear",
    diagnosis(live(1500, 1440, { measured: true, contradicted: true }), [2]),
    "waits",
  ],
  ["a change of a train that went live minutes before", diagnosis(live(600, 4), [2, 3]), "does not wait"],
  [
    "a change that took two minutes, beside one that landed three before",
    diagnosis(live(6, 4), [3]),
    "waits briefly",
  ],
  [
    "a change that took two minutes, beside one that landed one before",
    diagnosis(live(6, 4), [1]),
    "does not wait",
  ],
  [
    "measured evidence that is near, beside a change that would be live too",
    diagnosis(live(5, 4, { measured: true }), [3]),
    "waits briefly",
  ],
  ["a change with nothing newer", diagnosis(live(1500, 1440), []), "does not wait"],
  [
    "a change of scale",
    diagnosis(live(1500, 1440), [2], {
      remedies: [
        {
          kind: "scale",
          target: "Deployment/a/b",
          field: "max",
          to: "9",
          reasons: [],
          title: "t",
          score: 0.9,
        },
      ],
    }),
    "does not wait",
  ],
];
for (const [what, found, expected] of rules)
  test(`while a deploy may be told late, ${what} ${expected}`, () => {
    const awaited = awaitedDeploy(found);
    const is = awaited === undefined ? "does not wait" : awaited.briefly ? "waits briefly" : "waits";
    assert.equal(is, expected);
  });

const looks = { lookAgainMs: [2 * minute, 5 * minute], minConfidence: 0.5 };
const recorded = (found: Diagnosis, at: number): Command => ({
  ...{ type: "RecordDiagnosis", at, round: 1, diagnosis: found },
});
const near = diagnosis(live(6, 4), [3]);
const far = diagnosis(live(1500, 1440), [3]);
for (const [what, found, minutes, expected] of [
  ["an older change, first look", far, 0, "LookPostponed"],
  ["an older change, second look", far, 2, "LookPostponed"],
  ["an older change, last look", far, 5, "IncidentDiagnosed"],
  ["a change near the onset, first look", near, 0, "LookPostponed"],
  ["a change near the onset, news before the second look", near, 1, "LookPostponed"],
  ["a change near the onset, second look", near, 2, "IncidentDiagnosed"],
] as const)
  test(`${what}: ${expected}`, () => {
    const start = opened({ at: onset, onsetAt: onset, due: onset + 60 * minute });
    given(start)
      .when(recorded(found, onset + minutes * minute), looks)
      .thenIncident((incident) =>
        assert.equal(incident.status, expected === "LookPostponed" ? "opened" : "diagnosed"),
      );
  });

for (const [what, landings, status] of [
  ["nothing newer landed", [], "approved"],
  ["a newer change may be live as well", [3], "proposed"],
  ["a newer change cannot be live yet", [1], "approved"],
] as const)
  test(`mode auto, ${what}: ${status}`, () => {
    const found = diagnosis(live(6, 4, { measured: true }), [...landings]);
    const auto: Partial<Policy> = { mode: "auto", lookAgainMs: [], autoConfidence: 0.8 };
    given(opened({ onsetAt: onset }), { type: "IncidentDiagnosed", at: 30, diagnosis: found, due: 130 })
      .when(propose(), auto)
      .thenStatus(status);
  });
