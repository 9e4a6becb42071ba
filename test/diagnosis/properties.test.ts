import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { judge } from "../../shared/diagnosis/judge.ts";
import type { Case } from "../../shared/diagnosis/model.ts";
import type { Verdict } from "../../shared/diagnosis/verdict.ts";
import { make } from "./incidents.ts";

const minute = 60_000;
const seed = fc.integer({ min: 0, max: 500 });
const told = ({ ranked, noSuspect: none }: Verdict) => [
  ...ranked.map(({ commit, p }) => [commit.sha, p]),
  none,
];
/** The alert alone, on what landed. */
const bare = ({ given }: ReturnType<typeof make>): Case => {
  const { logs: _, series: __, flags: ___, ...rest } = given;
  return { ...rest, deploys: [] };
};

test("the order of the candidates changes nothing", () => {
  fc.assert(
    fc.property(seed, fc.infiniteStream(fc.nat()), (n, keys) => {
      const given = bare(make(n));
      const commits = given.commits
        .map((commit) => ({ commit, key: keys.next().value }))
        .sort((a, b) => a.key - b.key);
      assert.deepEqual(
        told(judge({ ...given, commits: commits.map(({ commit }) => commit) })),
        told(judge(given)),
      );
    }),
    { numRuns: 50 },
  );
});

test("repeated alerts change nothing", () => {
  fc.assert(
    fc.property(seed, fc.integer({ min: 2, max: 15 }), (n, times) => {
      const { given } = make(n);
      const alerts = Array.from({ length: times }, () => given.alerts[0]!);
      assert.deepEqual(told(judge({ ...given, alerts })), told(judge(given)));
    }),
    { numRuns: 50 },
  );
});

test("labels that no commit says change nothing", () => {
  fc.assert(
    fc.property(
      seed,
      fc.stringMatching(/^[xyzqw]{6,12}$/),
      fc.stringMatching(/^[xyzqw]{6,12}$/),
      (n, name, value) => {
        const { given } = make(n);
        const alerts = given.alerts.map((alert) => ({
          ...alert,
          labels: { ...alert.labels, [name]: value, pod: "checkout-7" },
        }));
        assert.deepEqual(told(judge({ ...given, alerts })), told(judge(given)));
      },
    ),
    { numRuns: 50 },
  );
});

test("the author changes nothing", () => {
  fc.assert(
    fc.property(seed, fc.string(), (n, author) => {
      const { given } = make(n);
      const commits = given.commits.map((commit) => ({ ...commit, author }));
      assert.deepEqual(told(judge({ ...given, commits })), told(judge(given)));
    }),
    { numRuns: 30 },
  );
});

test("one more commit that has nothing to do with the alert never raises the confidence", () => {
  fc.assert(
    fc.property(seed, fc.integer({ min: 0, max: 900 }), fc.integer({ min: 1, max: 30 }), (n, ago, size) => {
      const given = bare(make(n));
      const commits = given.commits.slice(0, size);
      const before = judge({ ...given, commits });
      const at = given.onsetAt - ago * minute;
      const odd = {
        ...given.commits[0]!,
        sha: "f".repeat(40),
        at,
        title: "qqqq",
        message: "qqqq",
        paths: ["zz/qqqq.zz"],
        patch: "+qqqq",
      };
      const after = judge({ ...given, commits: [...commits, odd], history: [odd.sha, ...given.history] });
      assert.ok(after.ranked[0]!.p <= before.ranked[0]!.p + 1e-12 || after.ranked[0]!.commit.sha === odd.sha);
      for (const { commit, p } of before.ranked)
        assert.ok(after.ranked.find((one) => one.commit.sha === commit.sha)!.p <= p + 1e-12);
    }),
    { numRuns: 100 },
  );
});

test("the probabilities of all and of none sum to 1", () => {
  fc.assert(
    fc.property(seed, (n) => {
      const { ranked, noSuspect: none } = judge(make(n).given);
      assert.ok(Math.abs(ranked.reduce((sum, { p }) => sum + p, none) - 1) < 1e-9);
    }),
    { numRuns: 50 },
  );
});
