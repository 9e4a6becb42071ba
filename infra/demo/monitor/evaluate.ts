import type { Sample } from "./exposition.ts";
import type { Expr, Selector } from "./promql.ts";
import { keyOf, type Series } from "./series.ts";

export type Value = { type: "scalar"; value: number } | { type: "vector"; samples: Sample[] };

/** How far back an instant selector looks: Prometheus' default. */
const lookbackMs = 5 * 60_000;

/** The expression's value at one instant. Throws where the expression asks for more than this monitor can do. */
export const evaluate = (expr: Expr, series: Series, at: number): Value => {
  switch (expr.kind) {
    case "number":
      return { type: "scalar", value: expr.value };
    case "selector":
      return vector(instant(expr, series, at));
    case "call":
      return call(expr, series, at);
    case "aggregate":
      return aggregate(expr, samplesOf(evaluate(expr.of, series, at)));
    case "binary":
      return binary(expr, evaluate(expr.left, series, at), evaluate(expr.right, series, at));
    case "range":
      throw new Error('invalid expression type "range vector" for instant query');
  }
};

const vector = (samples: Sample[]): Value => ({ type: "vector", samples });

const samplesOf = (value: Value): Sample[] => {
  if (value.type === "scalar") throw new Error("expected type instant vector, got scalar");
  return value.samples;
};

const instant = ({ matchers }: Selector, series: Series, at: number): Sample[] =>
  series.select(matchers).flatMap(({ labels, points }) => {
    const last = points.findLast((point) => point.at <= at);
    return last?.value === undefined || last.at <= at - lookbackMs ? [] : [{ labels, value: last.value }];
  });

const call = ({ name, args }: Extract<Expr, { kind: "call" }>, series: Series, at: number): Value => {
  const [of] = args;
  if (name === "vector" && of?.kind === "number") return vector([{ labels: {}, value: of.value }]);
  const over = overTime[name];
  if (!over || of?.kind !== "range") throw new Error(`parse error: ${name}() is not supported here`);
  const samples = series.select(of.selector.matchers).flatMap(({ labels, points }) => {
    const inside = points.filter(
      (point): point is Known => point.value !== undefined && point.at >= at - of.ms && point.at <= at,
    );
    const value = over(inside, at - of.ms, at);
    return value === undefined ? [] : [{ labels: unnamed(labels), value }];
  });
  return vector(samples);
};

type Known = { at: number; value: number };

/** How much a counter grew in the window, resets counted, extrapolated to its edges as Prometheus' `extrapolatedRate` does. */
const increase = (points: Known[], from: number, to: number): number | undefined => {
  const [first] = points;
  const last = points.at(-1);
  if (!first || !last || points.length < 2) return undefined;
  const resets = points
    .slice(1)
    .reduce((sum, { value }, index) => sum + (value < points[index]!.value ? points[index]!.value : 0), 0);
  const grown = last.value - first.value + resets;
  const sampled = last.at - first.at;
  const average = sampled / (points.length - 1);
  const toZero = grown > 0 && first.value >= 0 ? sampled * (first.value / grown) : Number.POSITIVE_INFINITY;
  const edge = (gap: number) => (gap < average * 1.1 ? gap : average / 2);
  const covered = sampled + edge(Math.min(first.at - from, toZero)) + edge(to - last.at);
  return grown * (covered / sampled);
};

const overTime: Record<string, (points: Known[], from: number, to: number) => number | undefined> = {
  increase,
  rate: (points, from, to) => {
    const grown = increase(points, from, to);
    return grown === undefined ? undefined : grown / ((to - from) / 1000);
  },
  count_over_time: ({ length }) => (length > 0 ? length : undefined),
};

const reducers: Record<string, (values: number[]) => number> = {
  sum: (values) => values.reduce((sum, value) => sum + value, 0),
  count: ({ length }) => length,
  min: (values) => Math.min(...values),
  max: (values) => Math.max(...values),
  avg: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  group: () => 1,
};

const aggregate = ({ op, grouping }: Extract<Expr, { kind: "aggregate" }>, samples: Sample[]): Value => {
  const reduce = reducers[op];
  if (!reduce) throw new Error(`parse error: ${op} is not supported here`);
  const groups = new Map<string, { labels: Record<string, string>; values: number[] }>();
  for (const { labels, value } of samples) {
    const kept = pick(unnamed(labels), { keep: !grouping?.without, names: grouping?.labels ?? [] });
    const group = groups.get(keyOf(kept)) ?? { labels: kept, values: [] };
    group.values.push(value);
    groups.set(keyOf(kept), group);
  }
  return vector([...groups.values()].map(({ labels, values }) => ({ labels, value: reduce(values) })));
};

const arithmetic: Record<string, (a: number, b: number) => number> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
};
const comparison: Record<string, (a: number, b: number) => boolean> = {
  ">": (a, b) => a > b,
  "<": (a, b) => a < b,
  ">=": (a, b) => a >= b,
  "<=": (a, b) => a <= b,
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
};

type Binary = Extract<Expr, { kind: "binary" }>;
const sets: Record<string, (expr: Binary, left: Sample[], right: Sample[]) => Sample[]> = {
  and: (expr, left, right) => left.filter(present(expr, right)),
  or: (expr, left, right) => [...left, ...right.filter((sample) => !present(expr, left)(sample))],
  unless: (expr, left, right) => left.filter((sample) => !present(expr, right)(sample)),
};

const present = (expr: Binary, samples: Sample[]): ((sample: Sample) => boolean) => {
  const keys = new Set(samples.map(({ labels }) => keyOf(matched(expr, labels))));
  return ({ labels }) => keys.has(keyOf(matched(expr, labels)));
};

const binary = (expr: Binary, left: Value, right: Value): Value => {
  const compare = comparison[expr.op];
  const calculate =
    arithmetic[expr.op] ??
    (expr.bool && compare ? (a: number, b: number) => Number(compare(a, b)) : undefined);
  if (left.type === "scalar" && right.type === "scalar") {
    if (!calculate) throw new Error("parse error: comparisons between scalars must use BOOL modifier");
    return { type: "scalar", value: calculate(left.value, right.value) };
  }
  const setOperation = sets[expr.op];
  if (setOperation) return vector(setOperation(expr, samplesOf(left), samplesOf(right)));
  return vector(
    pairs(expr, left, right).flatMap(({ sample, a, b }) => {
      if (calculate) return [{ labels: matched(expr, sample.labels), value: calculate(a, b) }];
      return comparison[expr.op]!(a, b) ? [sample] : [];
    }),
  );
};

/** The pairs of samples that are compared or calculated; `sample` lends its labels and, to a comparison, its value. */
const pairs = (expr: Binary, left: Value, right: Value): { sample: Sample; a: number; b: number }[] => {
  if (!arithmetic[expr.op] && !comparison[expr.op])
    throw new Error(`parse error: ${expr.op} is not supported here`);
  if (right.type === "scalar")
    return samplesOf(left).map((sample) => ({ sample, a: sample.value, b: right.value }));
  if (left.type === "scalar")
    return right.samples.map((sample) => ({ sample, a: left.value, b: sample.value }));
  const key = ({ labels }: Sample) => keyOf(matched(expr, labels));
  const others = new Map(right.samples.map((sample) => [key(sample), sample.value]));
  return left.samples.flatMap((sample) => {
    const other = others.get(key(sample));
    return other === undefined ? [] : [{ sample, a: sample.value, b: other }];
  });
};

/** The labels by which two sides find each other. */
const matched = ({ matching }: Binary, labels: Record<string, string>): Record<string, string> =>
  pick(unnamed(labels), { keep: matching?.on ?? false, names: matching?.labels ?? [] });

const unnamed = ({ __name__, ...labels }: Record<string, string>): Record<string, string> => labels;

const pick = (
  labels: Record<string, string>,
  { keep, names }: { keep: boolean; names: string[] },
): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => names.includes(name) === keep));
