import assert from "node:assert/strict";
import { test } from "node:test";
import { array, boolean, constantFrom, assert as holds, integer, property, record } from "fast-check";
import { judge } from "../../shared/diagnosis/judge.ts";
import type { Case, Series } from "../../shared/diagnosis/model.ts";
import { caseOf, css, hour, type Landing, minute, now, type Ordinary, step } from "../ordinary/weigh.ts";

// The moment of a deploy alone may propose a change. To convict it (.7) takes a second kind of evidence, or a single change, a measured step
// and nothing that contradicts.

const convicted = 0.7;
const alert = { name: "BudgetBurns", annotations: { summary: "burnRate of the shop is high" }, ago: minute };
const part = (index: number): Landing => [
  `part ${index}: tidy`,
  { [`src/part${index}.js`]: `+exports.part${index} = ${index};` },
  (5 + index) * hour,
];
/** A deploy of `count` changes that say nothing, `gap` before a step of the alert's own metric, or before its start. */
const deployed = (count: number, gap: number, { isMeasured = false, over = {} } = {}): Ordinary => {
  const commits = Array.from({ length: count }, (_, index) => part(count - index));
  return {
    ...{ commits, deploys: [[commits.at(-1)![0], 4 * minute + gap]], alert: { ...alert, ago: 3 * minute } },
    ...(isMeasured && {
      series: [step(4 * minute, 0.002, 0.3, { metric: "BudgetBurns's ratio", alert: alert.name })],
    }),
    over,
  };
};
const most = (given: Ordinary): number => {
  const { ranked } = judge(caseOf(given));
  return ranked.reduce((top, { p }) => Math.max(top, p), 0);
};
const mailer = (metric: string): Series[] => [
  step(4 * minute, 0.002, 0.5, { service: "mailer", metric }),
  step(4 * minute, 0.002, 0.3, { service: "shop", metric }),
];

test("the moment alone convicts no change, whatever the gap and the number of changes", () => {
  const arbitrary = record({ count: integer({ min: 1, max: 6 }), gap: integer({ min: 1, max: 240 * 60 }) });
  holds(
    property(arbitrary, ({ count, gap }) => most(deployed(count, gap * 1000)) < convicted),
    { numRuns: 150 },
  );
});

test("it still proposes", () => {
  assert.ok(most(deployed(1, 20_000)) >= 0.5);
});

test("a step of the alert's metric convicts no change that another of the deploy may share it with", () => {
  const arbitrary = record({ count: integer({ min: 2, max: 6 }), gap: integer({ min: 1, max: 600 }) });
  holds(
    property(
      arbitrary,
      ({ count, gap }) => most(deployed(count, gap * 1000, { isMeasured: true })) < convicted,
    ),
    { numRuns: 60 },
  );
});

test("a step right after the single change of a deploy convicts it, with what cannot do it beside it or not", () => {
  holds(
    property(integer({ min: 1, max: 300 }), boolean(), (gap, hasStyle) => {
      const given = deployed(1, gap * 1000, { isMeasured: true });
      const commits = hasStyle ? [part(1), css] : given.commits;
      const deploys: Ordinary["deploys"] = [[commits.at(-1)![0], 4 * minute + gap * 1000]];
      return most({ ...given, commits, deploys }) >= convicted;
    }),
    { numRuns: 40 },
  );
});

const logging = (text: string) => ({
  logs: Array.from({ length: 60 }, (_, index) => ({
    ...{ at: now - 4 * minute + index * 1000, service: "shop", level: "error", text },
  })),
});

test("new log lines that hardly say what it changes leave a single change beside a step unconvicted, and it is still proposed", () => {
  const given = { ...deployed(1, 30_000, { isMeasured: true }), ...logging("parts are late today") };
  const p = most(given);
  assert.ok(p >= 0.5 && p < convicted, `${p}`);
});

test("new log lines with a name of code that only this change has convict it", () => {
  const given = deployed(1, 30_000, { isMeasured: true });
  const commits: Landing[] = [["part 1: tidy", { "src/part1.js": "+const parcelLimit = 3;" }, 5 * hour]];
  assert.ok(most({ ...given, commits, ...logging("parcelLimit reached") }) >= convicted);
});

test("where another service fares worse and nothing of it was changed, the step does not convict", () => {
  const given = deployed(1, 30_000, { isMeasured: true });
  const series = [...given.series!, ...mailer("http_errors_ratio")];
  assert.ok(most({ ...given, series, over: { dependsOn: ["mailer"] } }) < convicted);
});

test("a step that confirms lowers no change, however many went live with it and whosever the metric is", () => {
  const arbitrary = record({
    count: integer({ min: 1, max: 6 }),
    gap: integer({ min: 1, max: 600 }),
    service: constantFrom("shop", ""),
    isAlerts: boolean(),
  });
  holds(
    property(arbitrary, ({ count, gap, service, isAlerts }) => {
      const given = deployed(count, gap * 1000);
      const { alert: _, ...other } = step(4 * minute, 0.002, 0.3, { service, metric: "burn" });
      const own = step(4 * minute, 0.002, 0.3, { service, metric: "BudgetBurns's ratio", alert: alert.name });
      const confirmed = { ...given, series: [isAlerts ? own : other] };
      return most(confirmed) >= most(given);
    }),
    { numRuns: 60 },
  );
});

test("a step of a service that has nothing to do with it speaks for no deploy", () => {
  const given = deployed(1, 30_000);
  const foreign = step(4 * minute, 0.002, 0.5, { service: "search", metric: "index_depth" });
  const { alert: _, ...series } = foreign;
  const { ranked } = judge(caseOf({ ...given, series: [series] }));
  assert.deepEqual(
    ranked[0]!.evidence.filter(({ timing }) => timing === "step"),
    [],
  );
});

/** Every convicted change has a reason beside the time of its deploy, or stands alone. */
test("what is convicted has a second kind of evidence, or is a single change beside a step that nothing contradicts", () => {
  const change = record({ isTelling: boolean(), hours: integer({ min: 1, max: 40 }) });
  const arbitrary = record({
    changes: array(change, { minLength: 1, maxLength: 5 }),
    gaps: array(integer({ min: 10, max: 20_000 }), { minLength: 1, maxLength: 3 }),
    isMeasured: boolean(),
    hasLog: boolean(),
  });
  holds(
    property(arbitrary, ({ changes, gaps, isMeasured, hasLog }) => {
      const commits = changes
        .toSorted((a, b) => b.hours - a.hours)
        .map(({ isTelling, hours }, index): Landing => {
          const [title, files] = part(index);
          return isTelling
            ? [`burnRate ${index}`, { "src/burn.js": "+exports.burnRate = 3;" }, (6 + hours) * hour]
            : [title, files, (6 + hours) * hour];
        });
      const given: Ordinary = {
        ...{ commits, alert },
        deploys: gaps.map((gap, index) => [commits[Math.min(index, commits.length - 1)]![0], gap * 1000]),
        ...(isMeasured && {
          series: [step(4 * minute, 0.002, 0.3, { metric: "BudgetBurns's ratio", alert: alert.name })],
        }),
        ...(hasLog && {
          logs: Array.from({ length: 60 }, (_, index) => ({
            ...{ at: now - 4 * minute + index * 1000, service: "shop", level: "error" },
            text: "burnRate is not a number",
          })),
        }),
      };
      return isFair(caseOf(given));
    }),
    { numRuns: 150 },
  );
});

const isFair = (given: Case): boolean => {
  const { ranked } = judge(given);
  const [first] = ranked;
  if (first === undefined || first.p < convicted) return true;
  const isSecond = first.evidence.some(({ timing, weight }) => timing === undefined && weight >= 0.5);
  const together = ranked.filter(({ p, live }) => p > first.p / 10 && live?.at === first.live?.at);
  const hasStep = first.evidence.some(({ timing }) => timing === "step");
  return isSecond || (first.candidate?.mentions.length ?? 0) > 0 || (hasStep && together.length === 1);
};
