import assert from "node:assert/strict";
import { test } from "node:test";
import type { Case } from "./case.ts";
import { mended } from "./commits.ts";
import { pairOf, plots, stories } from "./index.ts";

const pairs = Array.from({ length: 60 }, (_, seed) => pairOf(seed));
const cases = pairs.flatMap(({ guilty, twin }) => [guilty, twin]);

const times = (one: Case): number[] => [
  ...one.candidates.map(({ at }) => at),
  ...(one.deploys ?? []).map(({ at }) => at),
  ...(one.logs ?? []).map(({ at }) => at),
  ...(one.flags ?? []).map(({ at }) => at),
  ...(one.series ?? []).flatMap(({ points }) => points.map(([at]) => at)),
];

test("the same seed gives the same pair", () => {
  for (const seed of [0, 7, 31]) assert.deepEqual(pairOf(seed), pairs[seed]);
});

test("there are at least 20 stories, each with its own name", () => {
  assert.ok(stories.length >= 20);
  assert.equal(new Set(stories).size, stories.length);
});

test("every mend changes the culprit's diff", () => {
  for (const story of plots) {
    const text = story.culprit.diffs.map(([, lines]) => lines).join("");
    for (const [from] of story.mend) assert.ok(text.includes(from), `${story.name}: ${from}`);
    assert.notDeepEqual(mended(story), story.culprit);
  }
});

test("every case has the form", () => {
  for (const one of cases) {
    const shas = one.candidates.map(({ sha }) => sha);
    assert.equal(new Set(shas).size, shas.length);
    assert.ok(shas.length >= 10 && shas.length <= 40, `${one.id}: ${shas.length} candidates`);
    for (const sha of shas) assert.match(sha, /^[0-9a-f]{40}$/);
    const landings = one.candidates.map(({ at }) => at);
    assert.deepEqual(
      landings,
      landings.toSorted((left, right) => right - left),
    );
    for (const at of times(one)) assert.ok(Number.isInteger(at) && at < one.at, `${one.id}: ${at}`);
    for (const { points } of one.series ?? []) assert.ok(points.length > 0);
    if (one.series) assert.ok(one.series.length >= 4 && one.series.length <= 14, `${one.id}: series`);
    assert.doesNotMatch(JSON.stringify([one.candidates, one.logs, one.symptom]), /%[a-zA-Z]{2,}%/, one.id);
  }
});

test("a deploy holds a candidate that had landed, or an older commit", () => {
  for (const one of cases)
    for (const deploy of one.deploys ?? []) {
      const candidate = one.candidates.find(({ sha }) => sha === deploy.sha);
      assert.ok(candidate ? candidate.at < deploy.at : /^[0-9a-f]{40}$/.test(deploy.sha));
    }
});

test("the culprit is a candidate in the guilty case only", () => {
  for (const { guilty, twin } of pairs) {
    assert.ok(guilty.candidates.some(({ sha }) => sha === guilty.culprit));
    assert.equal(twin.culprit, null);
    assert.ok(twin.candidates.every(({ sha }) => sha !== guilty.culprit));
    assert.equal(guilty.candidates.length, twin.candidates.length);
  }
});

test("the culprit's place among the candidates varies", () => {
  const places = pairs.map(
    ({ guilty }) =>
      guilty.candidates.findIndex(({ sha }) => sha === guilty.culprit) / (guilty.candidates.length - 1),
  );
  assert.ok(new Set(places.map((place) => place.toFixed(2))).size >= 15);
  assert.ok(places.filter((place) => place === 0).length < pairs.length / 3);
  assert.ok(places.filter((place) => place > 0.25).length >= 5);
});
