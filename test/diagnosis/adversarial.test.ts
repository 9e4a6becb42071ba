import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "../../shared/diagnosis/judge.ts";
import type { Case } from "../../shared/diagnosis/model.ts";
import { type Made, make } from "./incidents.ts";
import { outage } from "./outages/make.ts";

const incidents = Array.from({ length: 180 }, (_, seed) => make(seed));
const told = incidents.map((made) => ({ made, verdict: judge(made.given) }));

test("most incidents made to mislead are told right: the guilty commit first, or none of them likeliest", () => {
  const right = told.filter(({ made, verdict }) =>
    made.culprit === undefined
      ? verdict.noSuspect > verdict.ranked[0]!.p
      : verdict.ranked[0]!.commit.sha === made.culprit && verdict.ranked[0]!.p > verdict.noSuspect,
  );
  assert.ok(right.length >= told.length / 2, `${right.length} of ${told.length}`);
});

test("an innocent commit is convicted in at most one of twenty", () => {
  const convicted = told.filter(
    ({ made, verdict }) => verdict.ranked[0]!.p >= 0.7 && verdict.ranked[0]!.commit.sha !== made.culprit,
  );
  assert.ok(convicted.length <= told.length / 20, `${convicted.length} of ${told.length}`);
});

test("an innocent deploy is hardly suspected when the former version, beside it, has the trouble too", () => {
  const some = incidents.slice(0, 45);
  const mean = (given: (made: Made) => Case) =>
    some.reduce((sum, made) => {
      const innocent = judge(given(made)).ranked.find(({ commit }) => commit.sha === made.innocent);
      return sum + innocent!.p / some.length;
    }, 0);
  const [whole, split] = [mean(({ given }) => given), mean(besideTheFormer)];
  assert.ok(split < whole / 4, `${split} of ${whole}`);
});

/** The metric that moved as the innocent deploy's version and the former one show it, every 15 s. */
const besideTheFormer = ({ given, innocent }: Made): Case => {
  const { at } = given.deploys.find(({ sha }) => sha === innocent)!;
  const [moved, ...others] = given.series!;
  const points = Array.from({ length: 720 }, (_, n): [number, number] => {
    const now = given.onsetAt - n * 15_000;
    return [now, moved!.points.findLast(([then]) => then <= now)?.[1] ?? moved!.points[0]![1]];
  });
  const of = (version: string, from: number) => ({
    ...{ service: given.service, metric: moved!.metric, versions: { version } },
    points: points.filter(([now]) => now >= from),
  });
  return { ...given, series: [of("former", 0), of(innocent.slice(0, 12), at), ...others] };
};

const outages = Array.from({ length: 136 }, (_, seed) => outage(seed)).map((one) => ({
  ...one,
  verdict: judge(one.read.given),
}));

test("in outages told by other words, with parts of the evidence missing, the guilty commit is first in more than half", () => {
  const guilty = outages.filter(({ culprit }) => culprit !== undefined);
  const named = guilty.filter(({ culprit, verdict }) => verdict.ranked[0]!.commit.sha === culprit);
  assert.ok(named.length > guilty.length / 2, `${named.length} of ${guilty.length}`);
});

test("of these outages an innocent commit is convicted in at most one of twenty", () => {
  const convicted = outages.filter(
    ({ culprit, verdict }) => verdict.ranked[0]!.p >= 0.7 && verdict.ranked[0]!.commit.sha !== culprit,
  );
  assert.ok(convicted.length <= outages.length / 20, `${convicted.length} of ${outages.length}`);
});
