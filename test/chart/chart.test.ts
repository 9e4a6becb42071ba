import assert from "node:assert/strict";
import { test } from "node:test";
import { describe, type Mark } from "../../shared/chart/layout.ts";
import { chartSvg } from "../../shared/chart/svg.ts";
import { courseOf } from "../../shared/diagnosis/course.ts";
import type { Chart } from "../../shared/incident/model.ts";

const at = Date.UTC(2026, 10, 28, 12);
const minute = 60_000;
const chart = (over: Partial<Chart> = {}): Chart => ({
  ...{ alert: "PaymentErrorsHigh", at, threshold: 0.05, above: true, isShare: true },
  points: [
    [0, 0.001],
    [60, 0.001],
    [120, null],
    [180, 0.2],
    [240, 0.22],
  ],
  ...over,
});
const marks: Mark[] = [
  { at: at + minute, kind: "deploy", label: "deploy" },
  { at: at + 2 * minute, kind: "onset", label: "trouble" },
];
const drawn = (over: Partial<Chart> = {}, some = marks) =>
  chartSvg({ chart: chart(over), marks: some, width: 760, height: 230, id: "c", isCalm: false });

test("the line breaks where data is missing, and the same input gives the same bytes", () => {
  const [, path = ""] = /<path class="series" d="([^"]+)"/.exec(drawn()) ?? [];
  assert.equal(path.match(/M/g)?.length, 2);
  assert.equal(drawn(), drawn());
});

test("the threshold is drawn with its words, and the alarm fills the side on which the alert fires", () => {
  assert.match(drawn(), /<path class="limit" [^>]*\/><text class="limit-text"[^>]*>alert above 5 %<\/text>/);
  assert.match(drawn({ above: false }), /alert below 5 %/);
  const { threshold: _, above: __, ...free } = chart();
  assert.doesNotMatch(
    chartSvg({ chart: free, marks, width: 358, height: 180, id: "c", isCalm: false }),
    /class="(limit|over)"/,
  );
});

test("labels of marks at one instant stand in rows of their own, and none leaves the picture", () => {
  const many = ["deploy", "merge", "live", "verdict"].map((kind) => ({
    ...{ at: at + 4 * minute, kind: kind as Mark["kind"], label: `${kind} of this` },
  }));
  const rows = [
    ...drawn({}, many).matchAll(/<text class="mark-text" x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)"/g),
  ];
  assert.equal(new Set(rows.map(([, , y]) => y)).size, 4);
  for (const [, x, , anchor] of rows) assert.ok(anchor === "end" || Number(x) < 700);
});

test("words in a chart are text", () => {
  assert.doesNotMatch(drawn({ alert: `<script>"&'` }), /<script/);
  assert.equal(
    describe(chart(), marks),
    "PaymentErrorsHigh: from 0.1 % to 22 %; the alert's threshold is 5 %. deploy 12:01 UTC, trouble 12:02 UTC",
  );
});

test("a share never has a scale beyond 100 %, and one value or none is drawn all the same", () => {
  assert.doesNotMatch(
    drawn({
      points: [
        [0, 0],
        [60, 1],
      ],
    }),
    />1[1-9]\d %</,
  );
  assert.doesNotMatch(drawn({ points: [[0, 5]] }) + drawn({ points: [] }), /NaN|Infinity/);
});

const points = (values: (number | undefined)[], stepMs = 15_000): [number, number][] =>
  values.flatMap((value, index): [number, number][] =>
    value === undefined ? [] : [[at + index * stepMs, value]],
  );
const compared = () => ({ threshold: 5, above: true });

test("a stored course has at most 90 points, keeps the peak and the ends, and notes gaps", () => {
  const values = Array.from({ length: 1500 }, (_, index) => (index === 1234 ? 99 : index === 1499 ? 7 : 1));
  const long = courseOf({
    series: [{ alert: "A", metric: "A's value", points: points(values, 1000) }],
    onsetAt: at + 1_200_000,
    compared,
  });
  assert.ok((long?.points.length ?? 0) <= 90 && JSON.stringify(long).length < 2500);
  assert.equal(Math.max(...(long?.points ?? []).map(([, value]) => value ?? 0)), 99);
  assert.deepEqual(long?.points.at(-1)?.[1], 7);
  const holed = courseOf({
    ...{ onsetAt: at + 60_000, compared },
    series: [
      { alert: "A", metric: "A's value", points: points([1, 1, 1, undefined, undefined, undefined, 2, 2]) },
    ],
  });
  assert.deepEqual(holed?.points.filter(([, value]) => value === null).length, 1);
});

test("the course is that of the alert that fired first, of its worst series, and of no version alone", () => {
  const series = [
    { alert: "A", metric: "A's ratio", points: points([0, 0.1]) },
    { alert: "A", metric: "A's ratio", points: points([0, 0.4]) },
    { alert: "A", metric: "A's ratio", points: points([0, 0.9]), versions: { version: "2" } },
    { alert: "B", metric: "B's value", points: points([0, 77]) },
  ];
  const found = courseOf({ series, onsetAt: at, compared });
  assert.deepEqual([found?.alert, found?.points.at(-1)?.[1], found?.isShare], ["A", 0.4, true]);
  assert.equal(
    courseOf({ series: [{ metric: "traffic", points: points([1, 2]) }], onsetAt: at, compared }),
    undefined,
  );
});
