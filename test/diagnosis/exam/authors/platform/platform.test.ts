import assert from "node:assert/strict";
import { test } from "node:test";
import type { Case } from "./case.ts";
import { pairOf, stories } from "./index.ts";

const seeds = Array.from({ length: 60 }, (_, seed) => seed);
const pairs = seeds.map(pairOf);

const checkTimes = (one: Case) => {
  const times = one.candidates.map((each) => each.at);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => b - a),
  );
  const told = [...(one.deploys ?? []), ...(one.logs ?? []), ...(one.flags ?? [])].map((each) => each.at);
  const measured = (one.series ?? []).flatMap((each) => each.points.map(([at]) => at));
  for (const at of [...times, ...told, ...measured]) assert.ok(at <= one.at && at > 1_767_000_000_000);
};

const checkDeploys = (one: Case) => {
  const shas = new Set(one.candidates.map((each) => each.sha));
  const rolled = one.deploys ?? [];
  const first = new Set<string>();
  for (const { service, sha, at } of rolled) {
    const known = one.candidates.find((each) => each.sha === sha);
    assert.ok(
      known ? known.at < at : !first.has(service),
      "only the first deploy is older than the candidates",
    );
    first.add(service);
    assert.match(sha, /^[0-9a-f]{40}$/);
  }
  assert.equal(shas.size, one.candidates.length);
};

test("the same seed gives the same pair", () => {
  for (const seed of [0, 7, 31]) assert.deepEqual(pairOf(seed), pairs[seed]);
});

test("each case has the form", () => {
  for (const { story, guilty, twin } of pairs) {
    assert.ok(stories.includes(story));
    for (const one of [guilty, twin]) {
      checkTimes(one);
      checkDeploys(one);
      assert.ok(one.candidates.length >= 8 && one.candidates.length <= 42);
      for (const each of one.candidates)
        assert.ok(each.files.length > 0 && each.patch.startsWith("diff --git"));
    }
    assert.equal(twin.culprit, null);
    assert.ok(guilty.candidates.some((each) => each.sha === guilty.culprit));
    assert.ok(!twin.candidates.some((each) => each.sha === guilty.culprit));
    assert.ok(!JSON.stringify(twin).includes(guilty.culprit!.slice(0, 8)));
    assert.equal(guilty.candidates.length, twin.candidates.length);
  }
});

test("the culprit's place varies", () => {
  const places = pairs.map(({ guilty }) => {
    const index = guilty.candidates.findIndex((each) => each.sha === guilty.culprit);
    return index / guilty.candidates.length;
  });
  for (const [from, to] of [
    [0, 0.25],
    [0.25, 0.5],
    [0.5, 1],
  ] as const) {
    const share = places.filter((place) => place >= from && place < to).length / places.length;
    assert.ok(share > 0.1 && share < 0.75, `${share} of the culprits lie in ${from} to ${to}`);
  }
});
