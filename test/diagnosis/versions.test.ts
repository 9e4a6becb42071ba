import assert from "node:assert/strict";
import { test } from "node:test";
import { readForm } from "../../infra/train/case-format.ts";
import { judge } from "../../shared/diagnosis/judge.ts";
import type { Series } from "../../shared/diagnosis/model.ts";
import { merge, splitsOf, worseOf } from "../../shared/diagnosis/onset/by-version.ts";
import { deployOfVersion } from "../../shared/diagnosis/onset/version-deploy.ts";
import { readMetric, replicaSetOf, versionsIn } from "../../shared/diagnosis/onset/version-labels.ts";
import { rank } from "../../shared/diagnosis/rank.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import { amounts } from "../../shared/text/format.ts";

const minute = 60_000;
const alertAt = Date.parse("2026-11-22T12:09:00Z");
const begun = Date.parse("2026-11-22T12:03:40Z");
const deployedAt = begun - 3 * minute;

test("a metric may carry its labels: those that tell versions are taken off its name, with those of copies", () => {
  assert.deepEqual(readMetric('http_errors_total{version="v42",code="5xx",instance="10.0.0.7:80"}'), {
    metric: 'http_errors_total{code="5xx"}',
    versions: { version: "v42" },
  });
  assert.deepEqual(readMetric('errors{pod="checkout-7d9f8b6c5d-x2x4z"}'), {
    metric: "errors",
    versions: { pod: "checkout-7d9f8b6c5d" },
  });
  const plain = [
    'errors{code="5xx"}',
    'errors{pod="db-0"}',
    "errors",
    "errors{",
    '{a="b"',
    'errors{version="}',
  ];
  for (const text of [...plain, 'errors{version="1" code="2"}', `errors{version="${"x".repeat(5000)}"}`])
    assert.deepEqual(readMetric(text), { metric: text });
});

test("a pod's name tells its ReplicaSet when it has the form of one, and labels of objects' own names tell nothing", () => {
  assert.equal(replicaSetOf("checkout-7d9f8b6c5d-x2x4z"), "checkout-7d9f8b6c5d");
  assert.deepEqual(["checkout-0", "checkout", "a".repeat(300), ""].map(replicaSetOf), [
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  assert.equal(versionsIn({ constructor: "x", code: "500" }), undefined);
  assert.deepEqual(versionsIn({ track: "canary", pod: "db-0" }, "track"), { track: "canary" });
});

const deploy = (letter: string, at: number, more: Partial<DeployRecord> = {}): DeployRecord => ({
  ...{ service: "checkout", environment: "", sha: letter.repeat(40), status: "succeeded", at },
  ...more,
});

test("a version belongs to the deploy of its name, else of its sha, else to the only one about which it was first seen", () => {
  const [a, b] = [deploy("a", 0, { version: "1.41.3" }), deploy("b", deployedAt, { version: "1.42.0" })];
  const of = (version: string, since?: number) => deployOfVersion(version, [a, b], since)?.sha[0];
  assert.equal(of("v1.42.0"), "b");
  assert.equal(of("main-bbbbbbb"), "b");
  assert.equal(of("1.40.0-5-gbbbbbbbb"), "b");
  assert.equal(of("bbbbbb"), undefined);
  assert.equal(of("7d9f8b6c5d", deployedAt + minute), "b");
  assert.equal(of("7d9f8b6c5d", deployedAt + 20 * minute), undefined);
  assert.equal(of("7d9f8b6c5d"), undefined);
  const both = [b, deploy("c", deployedAt + minute, { version: "1.42.0" })];
  assert.equal(deployOfVersion("1.42.0", both, undefined), undefined);
  assert.equal(deployOfVersion("7d9f8b6c5d", both, deployedAt + minute), undefined);
  assert.equal(
    deployOfVersion("1.42.0", [deploy("b", 9, { version: "1.42.0", status: "failed" })], 9),
    undefined,
  );
});

test("what makes a metric worse is in its name, or unknown", () => {
  const names = [
    "http_5xx_ratio",
    "checkout_success_ratio",
    'up{job="x"}',
    "requestErrors",
    "cpu_usage",
    "groups",
  ];
  assert.deepEqual(names.map(worseOf), [1, -1, -1, 1, undefined, undefined]);
});

test("two values of a metric are told in one unit, and only shares as percentages", () => {
  const told = (metric: string, a: number, b: number) => amounts([a, b], metric).join(" → ");
  assert.equal(told("error_ratio", 0.001, 0.0734), "0.1 % → 7.3 %");
  assert.equal(told("error_rate", 0.1, 9.12345), "0.1 → 9.12");
  assert.equal(told('http_errors_total{code="5xx"}', 0.1, 0.5), "0.1 → 0.5");
  assert.equal(told("http_request_duration_seconds_p95", 0.08, 0.3), "0.08 → 0.3");
  assert.equal(told("ErrorsHigh's ratio", 0.1, 0.5), "10 % → 50 %");
  assert.equal(told("ErrorRateHigh's value", 0.1, 0.5), "0.1 → 0.5");
});

const from = begun - 60 * minute;
const points = (value: (at: number) => number, first = from, last = alertAt): [number, number][] =>
  Array.from({ length: Math.floor((last - first) / (20 * 1000)) + 1 }, (_, n) => {
    const at = first + n * 20_000;
    return [at, value(at)];
  });
const calm = (at: number) => 0.001 + ((at / 20_000) % 5) / 50_000;
const broken = (at: number) => (at < begun ? calm(at) : 0.073 + ((at / 20_000) % 3) / 1000);
const versionSeries = (version: string, course: [number, number][], metric = "error_ratio"): Series => ({
  ...{ service: "checkout", metric, versions: { version }, points: course },
});

test("several courses are one, moment by moment; a moment that one of them misses is held", () => {
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const a: [number, number][] = [
    [0, 1],
    [10, 1],
    [20, 1],
    [30, 1],
  ];
  const b: [number, number][] = [
    [1, 2],
    [21, 4],
    [31, 4],
    [41, 4],
  ];
  assert.deepEqual(merge([a, b], sum), [
    [0, 3],
    [10, 3],
    [20, 5],
    [30, 5],
    [41, 4],
  ]);
  assert.deepEqual(merge([a], sum), a);
  assert.deepEqual(merge([], sum), []);
});

test("what is only there by version is put together once: amounts are added up, of shares the worst counts", () => {
  const old = points(() => 0.01);
  const fresh = points(() => 0.2, deployedAt);
  const put = (metric: string) => {
    const { whole, splits } = splitsOf([versionSeries("1", old, metric), versionSeries("2", fresh, metric)]);
    return [whole.length, splits.length, ...new Set(whole[0]!.points.map(([, value]) => value))];
  };
  assert.deepEqual(put("errors_total"), [1, 1, 0.01, 0.01 + 0.2]);
  assert.deepEqual(put("error_ratio"), [1, 1, 0.01, 0.2]);
  assert.deepEqual(put("success_ratio"), [1, 1, 0.01]);
  assert.deepEqual(put("requests_per_second"), [1, 0, 0.01, 0.01 + 0.2]);
  const all = { ...versionSeries("1", old), versions: undefined };
  const { whole } = splitsOf([all as unknown as Series, versionSeries("2", fresh)]);
  assert.deepEqual(whole, [all]);
});

/** Two deploys: `1.41.3` long ago, and `1.42.0` three minutes before the onset with two changes. */
const given = (series: object[], deploys: object[] = known) =>
  readForm({
    ...{
      id: "x",
      at: alertAt,
      service: "checkout",
      symptom: "checkout answers with errors",
      series,
      deploys,
    },
    candidates: [
      ["c", deployedAt - 10 * minute],
      ["b", deployedAt - 20 * minute],
      ["a", from - 48 * 60 * minute],
      ["9", from - 72 * 60 * minute],
    ].map(([letter, at]) => ({
      ...{ sha: `${letter}`.repeat(40), at, subject: `change ${letter}`, files: [`src/${letter}.ts`] },
    })),
  }).given;
const known = [
  { at: from - 71 * 60 * minute, service: "checkout", sha: "9".repeat(40), version: "1.41.2" },
  { at: from - 47 * 60 * minute, service: "checkout", sha: "a".repeat(40), version: "1.41.3" },
  { at: deployedAt, service: "checkout", sha: "c".repeat(40), version: "1.42.0" },
];
const written = (version: string, course: [number, number][], metric = "error_ratio") => ({
  ...{ service: "checkout", metric: `${metric}{version="${version}"}`, points: course },
});
const worse = "error_ratio of version 1.42.0 7.4 %, of version 1.41.3 beside it 0.1 %";
const weighed = (one: ReturnType<typeof given>) => {
  const { ranked, noSuspect: none, against } = judge(one);
  const evidence = Object.fromEntries(
    ranked.map(({ commit, evidence }) => [
      commit.sha[0],
      evidence
        .filter(({ reason }) => / of (the former|version|ReplicaSet)/.test(reason))
        .map(({ weight }) => weight),
    ]),
  );
  return { evidence, none, notes: against.map(({ reason }) => reason), first: ranked[0]!.commit.sha[0] };
};

test("only the new version is bad beside the old one: it was in what its deploy brought, and the numbers are told", () => {
  const split = [written("1.41.3", points(calm)), written("1.42.0", points(broken, deployedAt))];
  const found = weighed(given(split));
  assert.deepEqual(found.evidence, { a: [], b: [3], c: [3], 9: [] });
  const whole = { service: "checkout", metric: "error_ratio", points: points(broken) };
  assert.ok(found.none < weighed(given([whole])).none);
  const { suspects } = rank(given(split));
  assert.ok(suspects[0]!.reasons.includes(worse), suspects[0]!.reasons.join("\n"));
  assert.ok(
    suspects[0]!.reasons.some((reason) => reason.startsWith("error_ratio 0.1 % → 7.")),
    suspects[0]!.reasons.join("\n"),
  );
});

test("the former version has it too: it was not in what the new deploy brought, and that is told", () => {
  const split = [written("1.41.3", points(broken)), written("1.42.0", points(broken, deployedAt))];
  const found = weighed(given(split));
  assert.deepEqual(found.evidence, { a: [], b: [-2.5], c: [-2.5], 9: [] });
  assert.deepEqual(found.notes.slice(0, 1), [
    "error_ratio of version 1.42.0 7.4 %, and the former, version 1.41.3 beside it, has it too: 7.4 %",
  ]);
  const whole = { service: "checkout", metric: "error_ratio", points: points(broken) };
  assert.ok(found.none > weighed(given([whole])).none);
});

test("only the former version is bad: what is new has it not", () => {
  const split = [written("1.41.3", points(broken)), written("1.42.0", points(calm, deployedAt))];
  const found = weighed(given(split));
  assert.deepEqual(found.evidence.c, [-2.5]);
  assert.equal(
    found.notes[0],
    "error_ratio of the former, version 1.41.3, 7.4 %, of version 1.42.0 beside it only 0.1 %",
  );
});

test("a metric that is low when things are bad is worse when it falls; one that got better convicts nobody", () => {
  const good = (at: number) => 1 - broken(at);
  const well = (at: number) => 1 - calm(at);
  const falling = [
    written("1.41.3", points(well), "success_ratio"),
    written("1.42.0", points(good, deployedAt), "success_ratio"),
  ];
  assert.deepEqual(weighed(given(falling)).evidence.c, [3]);
  const mended = [
    written(
      "1.41.3",
      points(() => 0.07),
    ),
    written(
      "1.42.0",
      points(() => 0.001, deployedAt),
    ),
  ];
  assert.deepEqual(weighed(given(mended)).evidence.c, []);
});

test("one version at a time, too few points beside each other, load, and one version alone tell nothing", () => {
  const none = (series: object[]) =>
    assert.deepEqual(weighed(given(series)).evidence, { a: [], b: [], c: [], 9: [] });
  const after = points(broken, begun);
  none([written("1.41.3", points(calm, from, begun - 1)), written("1.42.0", after)]);
  none([written("1.41.3", points(calm, from, begun + 30_000)), written("1.42.0", after)]);
  none([
    written(
      "1.41.3",
      points(() => 100),
      "requests_per_second",
    ),
    written(
      "1.42.0",
      points((at) => (at < begun ? 100 : 900), deployedAt),
      "requests_per_second",
    ),
  ]);
  none([written("1.42.0", points(broken))]);
});

test("ReplicaSets are versions, and each is what the only deploy near its beginning brought", () => {
  const pod = (name: string, course: [number, number][]) => ({
    ...{ service: "checkout", metric: `error_ratio{pod="checkout-${name}"}`, points: course },
  });
  const split = [
    ...["x2x4z", "b7b7b"].map((copy) => pod(`7d9f8b6c5d-${copy}`, points(calm))),
    ...["c4c4c", "d5d5d"].map((copy) => pod(`5c4f9b8d7f-${copy}`, points(broken, deployedAt + minute))),
  ];
  const { evidence } = weighed(given(split));
  assert.deepEqual(evidence, { a: [], b: [3], c: [3], 9: [] });
  const two = [...known, { at: deployedAt + 2 * minute, service: "checkout", sha: "b".repeat(40) }];
  const found = weighed(given(split, two));
  assert.deepEqual(found.evidence, { a: [], b: [], c: [], 9: [] });
  assert.ok(
    found.notes.some((note) =>
      /^error_ratio of ReplicaSet checkout-5c4f9b8d7f 7.* no deploy on record tells/.test(note),
    ),
    found.notes.join("\n"),
  );
});

test("a bad version whose deploy is the only one on record is told, though nobody knows what came with it", () => {
  const split = [written("1.41.3", points(calm)), written("1.42.0", points(broken, deployedAt))];
  const unknownSha = known.slice(2).map((deploy) => ({ ...deploy, sha: "8".repeat(40) }));
  const { evidence, notes } = weighed(given(split, unknownSha));
  assert.deepEqual(evidence, { a: [], b: [], c: [], 9: [] });
  assert.ok(notes.includes(`${worse}; no deploy on record tells what came with it`), notes.join("\n"));
});

test("split series are one shift, and the whole beside them is the one that is told", () => {
  const whole = { service: "checkout", metric: "error_ratio", points: points(broken) };
  const split = [written("1.41.3", points(calm)), written("1.42.0", points(broken, deployedAt))];
  const shifts = (series: object[]) =>
    judge(given(series)).onset.shifts.map(({ metric, at }) => [metric, new Date(at).toISOString()]);
  assert.deepEqual(shifts(split), [["error_ratio", "2026-11-22T12:03:40.000Z"]]);
  assert.deepEqual(shifts([...split, whole]), [["error_ratio", "2026-11-22T12:03:40.000Z"]]);
});

test("a version born bad moves the metric when it is born, not never", () => {
  const split = [
    written("1.41.3", points(calm)),
    written(
      "1.42.0",
      points(() => 0.073, begun),
    ),
  ];
  const [shift] = judge(given(split)).onset.shifts;
  assert.deepEqual([shift?.at, shift?.after.toFixed(3)], [begun, "0.073"]);
});

test("the order in which series come changes nothing", () => {
  const split = [written("1.41.3", points(calm)), written("1.42.0", points(broken, deployedAt))];
  assert.deepEqual(judge(given(split)).ranked, judge(given(split.toReversed())).ranked);
});

test("of very many series fewer points are looked at, the newest", () => {
  const course = points(calm, alertAt - 1000 * 20_000);
  const many = Array.from({ length: 1200 }, (_, n) => versionSeries(`${n % 600}`, course, `m${n % 2}_ratio`));
  const { whole, splits } = splitsOf(many);
  assert.deepEqual([whole.length, splits.map(({ versions }) => versions.length)], [2, [8, 8]]);
  const looked = splits.flatMap(({ versions }) => versions.map(({ points }) => points.length));
  assert.deepEqual([...new Set(looked)], [250]);
});

test("broken labels, no numbers, years 1 and 9999, and thousands of versions are bounded and harm nothing", () => {
  const odd: [number, number | null][] = [
    [-62135596800000, 1],
    [253402300799000, 2],
    [begun, null],
    [1e300, 1e308],
    [-1e300, -1e308],
  ];
  const forged = ["__proto__", "constructor", "", "\u0000", "x".repeat(300)].flatMap((version) => [
    { service: "checkout", metric: `errors{version="${version}"}`, points: odd },
    { service: "", metric: `errors{version="${version}",version="2"}`, points: [] },
  ]);
  const many = Array.from({ length: 1500 }, (_, n) =>
    written(`9.${n}`, points(n % 2 === 0 ? calm : broken, alertAt - 10 * minute), `m${n % 7}_ratio`),
  );
  const { ranked, noSuspect: none } = judge(given([...forged, ...many]));
  const total = ranked.reduce((sum, { p }) => sum + p, none);
  assert.ok(Math.abs(total - 1) < 1e-9, String(total));
});
