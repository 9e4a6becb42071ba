import type { Expected, Past } from "./past.ts";

type World = [after: string[] | undefined, expected: Expected];
type Rule = { expr: string; good: string[]; bad: string[]; worlds: Record<string, World> };
const down: World = [undefined, "telemetry_gone"];
/** One native histogram: fast, slow, and without any observation. */
const ends = (metric: string): Omit<Rule, "expr"> => ({
  good: [`${metric}{} h+9/+0`],
  bad: [`${metric}{} h+3/+6`],
  worlds: {
    fixed: [[`${metric}{} h+9/+0`], "verified"],
    lasts: [[`${metric}{} h+2/+7`], "firing"],
    idle: [[`${metric}{} h+0/+0`], "no_traffic"],
    gone: [["other{} 1"], "telemetry_gone"],
    down,
  },
});

/** Rules about native histograms. */
const rules: Record<string, Rule> = {
  nativequantile: {
    expr: "histogram_quantile(0.9, sum by (service) (rate(called_seconds{%}[2m]))) > 2",
    ...ends("called_seconds"),
  },
  nativemean: {
    expr: "histogram_sum(rate(asked_seconds{%}[2m])) / histogram_count(rate(asked_seconds{%}[2m])) > 2",
    ...ends("asked_seconds"),
  },
  nativefraction: {
    expr: "1 - histogram_fraction(0, 1, sum(rate(sold_seconds{%}[2m]))) > 0.2",
    ...ends("sold_seconds"),
  },
  nativeshare: {
    expr: 'histogram_count(sum(rate(paid_seconds{%,code="500"}[2m]))) / histogram_count(sum(rate(paid_seconds{%}[2m]))) > 0.1',
    good: ['paid_seconds{code="200"} h+9/+0'],
    bad: ['paid_seconds{code="200"} h+5/+0', 'paid_seconds{code="500"} h+5/+0'],
    worlds: {
      fixed: [['paid_seconds{code="200"} h+9/+0'], "verified"],
      lasts: [['paid_seconds{code="200"} h+5/+0', 'paid_seconds{code="500"} h+4/+0'], "firing"],
      idle: [['paid_seconds{code="200"} h+0/+0', 'paid_seconds{code="500"} h+0/+0'], "no_traffic"],
      down,
    },
  },
  nativefew: {
    expr: "histogram_count(sum(rate(bought_seconds{%}[2m]))) < 1",
    good: ["bought_seconds{} h+9/+0"],
    bad: ["bought_seconds{} h+0/+0"],
    worlds: {
      fixed: [["bought_seconds{} h+9/+0"], "verified"],
      lasts: [["bought_seconds{} h+0/+0"], "firing"],
      gone: [["other{} 1"], "telemetry_gone"],
    },
  },
  nativebeside: {
    expr: "histogram_quantile(0.9, rate(shown_seconds{%}[2m])) > 2 and on (service) shown_waiting{%} > 5",
    good: ["shown_seconds{} h+9/+0", "shown_waiting{} 0"],
    bad: ["shown_seconds{} h+1/+9", "shown_waiting{} 9"],
    worlds: {
      fixed: [["shown_seconds{} h+9/+0", "shown_waiting{} 0"], "verified"],
      lasts: [["shown_seconds{} h+1/+9", "shown_waiting{} 8"], "firing"],
      oneside: [["shown_seconds{} h+1/+9"], "telemetry_gone"],
      otherside: [["shown_waiting{} 9"], "telemetry_gone"],
      idle: [["shown_seconds{} h+0/+0", "shown_waiting{} 0"], "no_traffic"],
    },
  },
};

export const nativeRules: Record<string, Past> = Object.fromEntries(
  Object.entries(rules).flatMap(([name, { expr, good, bad, worlds }]) =>
    Object.entries(worlds).map(([world, [after, expected]]) => [
      `${name}${world}`,
      { expr, before: good, bad, after, expected },
    ]),
  ),
);
