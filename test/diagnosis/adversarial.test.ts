import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "../../shared/diagnosis/judge.ts";
import { make } from "./incidents.ts";

const incidents = Array.from({ length: 180 }, (_, seed) => make(seed));
const told = incidents.map((made) => ({ made, verdict: judge(made.given) }));

test("most incidents made to mislead are told right: the guilty commit first, or none of them likeliest", () => {
  const right = told.filter(({ made, verdict }) =>
    made.culprit === undefined
      ? verdict.none > verdict.ranked[0]!.p
      : verdict.ranked[0]!.commit.sha === made.culprit && verdict.ranked[0]!.p > verdict.none,
  );
  assert.ok(right.length >= told.length / 2, `${right.length} of ${told.length}`);
});

test("an innocent commit is convicted in at most one of twenty", () => {
  const convicted = told.filter(
    ({ made, verdict }) => verdict.ranked[0]!.p >= 0.7 && verdict.ranked[0]!.commit.sha !== made.culprit,
  );
  assert.ok(convicted.length <= told.length / 20, `${convicted.length} of ${told.length}`);
});
