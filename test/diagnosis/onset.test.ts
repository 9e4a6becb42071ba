import assert from "node:assert/strict";
import { test } from "node:test";
import { measure } from "../../functions/diagnose/measure.ts";
import { departurePoint } from "../../shared/diagnosis/onset/change-point.ts";
import { rank } from "../../shared/diagnosis/rank.ts";
import type { Metrics } from "../../shared/ports/metrics.ts";
import { alert, sha } from "../support/incident.ts";
import { world } from "../support/world.ts";

const second = 1000;
const minute = 60 * second;
const heldAt = Date.parse("2026-11-22T12:04:00Z");
const points = (value: (at: number) => number, from = heldAt - 60 * minute, to = heldAt + 7 * minute) =>
  Array.from({ length: (to - from) / (20 * second) + 1 }, (_, n): [number, number] => {
    const at = from + n * 20 * second;
    return [at, value(at)];
  });
const series = (value: (at: number) => number) => ({
  ...{ service: "checkout", metric: "ErrorsHigh's ratio", alert: "ErrorsHigh" },
  points: points(value),
});
const begun = Date.parse("2026-11-22T12:03:40Z");
const noise = (at: number) => ((at / second) % 7) / 10_000;

test("a metric left the usual where it began to rise, with its values before and after", () => {
  const shift = departurePoint(
    series((at) => (at < begun ? 0.001 : 0.073)),
    heldAt,
  );
  assert.deepEqual([shift?.at, shift?.before, shift?.after], [begun, 0.001, 0.073]);
});

test("a slow rise counts from its beginning, an earlier spike does not", () => {
  const start = heldAt - 5 * minute;
  const rise = (at: number) => 0.001 + noise(at) + (at < start ? 0 : (at - start) / minute / 50);
  const spiked = (at: number) => (at === heldAt - 40 * minute ? 0.9 : rise(at));
  const at = departurePoint(series(spiked), heldAt)?.at ?? 0;
  assert.ok(at >= start && at <= start + minute, new Date(at).toISOString());
});

test("a metric that did not move, that has no past, or that is no number tells nothing", () => {
  assert.equal(departurePoint(series(noise), heldAt), undefined);
  assert.equal(
    departurePoint({ ...series(noise), points: points(noise, heldAt - 20 * second) }, heldAt),
    undefined,
  );
  assert.equal(
    departurePoint(
      series(() => Number.NaN),
      heldAt,
    ),
    undefined,
  );
  assert.equal(departurePoint({ ...series(noise), points: [] }, heldAt), undefined);
});

const commit = (letter: string, at: number) => ({
  ...{ sha: sha(letter), parents: [sha("0")], title: `change ${letter}`, message: `change ${letter}` },
  ...{ author: "Ann", url: "http://github.test/x", paths: ["src/a.js"], at },
});
const alerts = [
  alert({ name: "ErrorsHigh", labels: { service: "checkout" }, startsAt: heldAt + 5 * minute }),
];

test("the likeliest change is told with the metric's values and when they moved; what landed after that is hardly one", () => {
  const { suspects, onsetAt } = rank({
    ...{ service: "checkout", alerts, onsetAt: heldAt + 5 * minute, deploys: [], history: [] },
    commits: [commit("b", begun + 4 * minute), commit("a", begun - 4 * minute)],
    series: [series((at) => (at < begun ? 0.001 : 0.073))],
  });
  assert.equal(onsetAt, begun);
  assert.equal(suspects[0]!.sha, sha("a"));
  assert.ok(
    suspects[0]!.reasons.includes("ErrorsHigh's ratio 0.1 % → 7.3 % at 12:03:40, 4 min after it landed"),
    suspects[0]!.reasons.join("\n"),
  );
  assert.match(suspects[1]!.reasons.join("\n"), /at 12:03:40, 4 min before it landed/);
});

const measured = (course: Metrics["course"], of = alerts) => {
  const { work } = world();
  const asked: string[] = [];
  const counting: Metrics["course"] = (service, one, now) => {
    asked.push(`${one.name} ${one.startsAt}`);
    return course(service, one, now);
  };
  return measure(
    { ...work, clock: () => heldAt + 6 * minute, metrics: { ...work.metrics, course: counting } },
    { service: "checkout", environment: "production", alerts: of, onsetAt: heldAt + 5 * minute },
  ).then((found) => ({ ...found, asked }));
};

test("without values the onset is the alert's start less the time its rule waits", async () => {
  const found = await measured(async () => ({ forMs: 5 * minute, series: [] }));
  assert.deepEqual([found.onsetAt, found.series], [heldAt, []]);
});

test("one query an alert name, at most three, those that fired first; no clock is believed past its bounds", async () => {
  const fire = (name: string, startsAt: number) =>
    alert({ name, fingerprint: `${name}${startsAt}`, startsAt });
  const some = [fire("D", 9e12), fire("A", 1), fire("A", -62135596800000), fire("B", 2), fire("C", 3)];
  const found = await measured(async () => ({ forMs: 1e15, series: [], unread: "no" }), some);
  const start = heldAt + 5 * minute;
  assert.deepEqual(found.asked, [`A ${start}`, `B ${start}`, `C ${start}`]);
  assert.equal(found.onsetAt, start - 24 * 60 * minute);
  assert.deepEqual(found.unread, ["no", "no", "no"]);
});
