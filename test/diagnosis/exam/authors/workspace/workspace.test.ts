import assert from "node:assert/strict";
import test from "node:test";
import { type Case, pairOf, stories } from "./index.ts";

const pairs = Array.from({ length: 60 }, (_, seed) => pairOf(seed));
const cases = pairs.flatMap(({ guilty, twin }) => [guilty, twin]);

const latest = ({ at, culprit, candidates, deploys = [] }: Case) => {
  const landed = candidates.find(({ sha }) => sha === culprit)!.at;
  const last = deploys.filter((each) => each.at < at).at(-1)!;
  const head = candidates.find(({ sha }) => sha === last.sha);
  return head !== undefined && head.at >= landed;
};

test("the same seed gives the same pair", () => {
  for (const seed of [0, 7, 31]) assert.deepEqual(pairOf(seed), pairOf(seed));
  assert.ok(stories.length >= 20);
  assert.equal(new Set(stories).size, stories.length);
});

test("candidates are unique and stand newest first", () => {
  for (const { candidates, at } of cases) {
    assert.ok(candidates.length >= 10 && candidates.length <= 40);
    assert.equal(new Set(candidates.map(({ sha }) => sha)).size, candidates.length);
    const times = candidates.map((each) => each.at);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => b - a),
    );
    assert.ok(times.every((time) => time < at));
    for (const { sha, files, patch } of candidates) {
      assert.match(sha, /^[0-9a-f]{40}$/);
      for (const file of files) assert.ok(patch.includes(`+++ b/${file}`));
      const changed = patch.split("\n").filter((line) => /^[+-](?![+-]{2} )/.test(line)).length;
      assert.ok(changed >= 5 && changed <= 60, `${changed} changed lines`);
    }
  }
});

test("only the guilty case has a culprit, and it is a candidate", () => {
  for (const { guilty, twin } of pairs) {
    assert.ok(guilty.candidates.some(({ sha }) => sha === guilty.culprit));
    assert.equal(twin.culprit, null);
    const culprit = guilty.candidates.find(({ sha }) => sha === guilty.culprit)!;
    assert.ok(twin.candidates.every(({ sha, patch }) => sha !== culprit.sha && patch !== culprit.patch));
  }
});

test("nothing is told or measured after the alert", () => {
  for (const { at, deploys = [], logs = [], series = [], flags = [] } of cases) {
    const points = series.flatMap((each) => each.points.map(([time]) => time));
    for (const time of [...deploys, ...logs, ...flags].map((each) => each.at)) assert.ok(time < at);
    assert.ok(points.every((time) => time <= at));
    assert.ok(series.every(({ points: { length } }) => length > 0));
  }
});

test("a deployed sha is a candidate or older than all of them", () => {
  for (const { candidates, deploys = [] } of cases) {
    const landed = new Map(candidates.map((each) => [each.sha, each.at]));
    for (const { sha, at } of deploys) {
      const oldest = candidates.at(-1)!.at;
      assert.ok((landed.get(sha) ?? 0) < at);
      if (!landed.has(sha)) assert.ok(at < oldest + 240_000);
    }
  }
});

test("no placeholder is left", () => {
  for (const each of cases) assert.doesNotMatch(JSON.stringify({ ...each, series: [] }), /%[a-z]+%/);
});

test("the culprit's place varies", () => {
  const places = pairs.map(({ guilty }) => {
    const index = guilty.candidates.findIndex(({ sha }) => sha === guilty.culprit);
    return index / guilty.candidates.length;
  });
  assert.ok(places.filter((place) => place < 0.1).length < 35);
  assert.ok(places.filter((place) => place > 0.2).length > 8);
  const deployed = pairs.filter(({ guilty }) => guilty.deploys);
  const share = deployed.filter(({ guilty }) => latest(guilty)).length / deployed.length;
  assert.ok(share > 0.4, `${share} in the latest deploy`);
});
