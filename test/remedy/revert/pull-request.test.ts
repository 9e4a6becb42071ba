import assert from "node:assert/strict";
import { test } from "node:test";
import type { In } from "../../../shared/incident/model.ts";
import type { Guard } from "../../../shared/policy/guarded-paths.ts";
import { pullBody } from "../../../shared/remedy/revert/pull-request.ts";
import { alert, diagnosed, opened, past, revertOf, suspect } from "../../support/incident.ts";
import { culprit, service } from "../../support/world.ts";

const page = "http://countersteer.test/incidents/payment-gateway/production";
const incident = past(opened(), diagnosed()) as In<"diagnosed">;
const body = (over: Partial<In<"diagnosed">> = {}, guards: Guard[] = []): string =>
  pullBody(
    { ...incident, ...over },
    { service: service(), remedy: revertOf(), commit: culprit, guards, page },
  );

test("the body tells the alert, the suspect, why, who else, and how to approve", () => {
  const text = body({
    diagnosis: {
      suspects: [suspect(), suspect({ sha: "b".repeat(40), score: 0.05, title: "bump the base image" })],
      none: 0.05,
      onsetAt: 10,
      remedies: [revertOf()],
    },
  });
  assert.deepEqual(
    text.split("\n").filter((line) => line.startsWith("### ")),
    ["### Alerts", "### Why this change (90 %)", "### Other candidates", "### How to approve"],
  );
  assert.match(
    text,
    /PaymentErrorsHigh\*\* since 1970-01-01T00:00:00Z: payments fail `service="payment-gateway"`/,
  );
  assert.match(text, /bbbbbbbbbbbb bump the base image: 5 %/);
  assert.match(text, /none of these: 5 %/);
});

test("a fact of the first suspect is not told again of the others", () => {
  const shipped = "shipped in the deploy of 12:02, together with 1 other change";
  const suspects = [
    suspect({ reasons: [shipped, "says what the alert says"] }),
    suspect({ sha: "b".repeat(40), title: "bump", score: 0.05, reasons: [shipped, "touches a.js"] }),
    suspect({ sha: "d".repeat(40), title: "docs", score: 0.01, reasons: [shipped] }),
  ];
  const text = body({ diagnosis: { ...incident.diagnosis, suspects } });
  assert.equal(text.match(/shipped in the deploy/g)?.length, 1);
  assert.match(text, /- bbbbbbbbbbbb bump: 5 %, touches a\.js\n- dddddddddddd docs: 1 %\n/);
});

test("what may be done instead is said", () => {
  const other = revertOf({ sha: "b".repeat(40), title: "bump the base image", score: 0.05 });
  assert.match(
    body({ diagnosis: { ...incident.diagnosis, remedies: [revertOf(), other] } }),
    /### Options\n- revert bbbbbbbbbbbb “bump the base image”: 5 %/,
  );
});

test("the body of a rollback is about the commit behind it, which is not among the other candidates", () => {
  const remedy = {
    ...revertOf({ sha: "f".repeat(40), score: 0.95 }),
    behind: { sha: suspect().sha, title: "round" },
  };
  const text = pullBody(incident, { service: service(), remedy, commit: culprit, guards: [], page });
  assert.match(
    text,
    /### Why this rollback \(95 %\): cccccccccccc .* is the likeliest change of it \(90 %\)\n- /,
  );
  assert.match(text, /### Other candidates\n\n?- none of these/);
});

test("guarded files are listed with why, and what is about all of them", () => {
  const guards = [
    { path: "db/migrations/1.sql", reason: "data may have been migrated already" },
    { reason: "it touches 51 files" },
  ];
  assert.match(
    body({}, guards),
    /\n- `db\/migrations\/1\.sql`: data may have been migrated already\n- it touches 51 files\n/,
  );
});

test("however much an alert brings, the body stays below GitHub's cap", () => {
  const long = "x[](`|\n@all".repeat(1000);
  const labels = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`label${index}`, long]));
  const alerts = Array.from({ length: 100 }, () =>
    alert({ name: long, labels, annotations: { summary: long } }),
  );
  const text = body(
    {
      alerts,
      diagnosis: {
        suspects: Array.from({ length: 10 }, () =>
          suspect({ title: long, reasons: [long, long, long, long, long] }),
        ),
        none: 0,
        onsetAt: 0,
        flags: Array.from({ length: 3 }, () => ({ flag: long, score: 0.2, reason: long })),
        notes: Array.from({ length: 9 }, () => `${long}.`),
        remedies: Array.from({ length: 5 }, () => revertOf({ title: long })),
      },
    },
    Array.from({ length: 500 }, () => ({ path: long, reason: long })),
  );
  assert.ok(text.length < 65_536, `${text.length} characters`);
});
