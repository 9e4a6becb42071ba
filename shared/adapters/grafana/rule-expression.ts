import { array, boolean, lazy, nullish, number, object, string } from "zod";
import { parsed } from "../../promql/tree.ts";
import { ownValue } from "../../records.ts";

const evaluator = object({ type: string(), params: nullish(array(number())) });
const condition = object({
  evaluator: nullish(evaluator),
  unloadEvaluator: nullish(evaluator),
  query: nullish(object({ params: nullish(array(string())) })),
  reducer: nullish(object({ type: nullish(string()) })),
});
/** A query of a rule, or an expression over others (grafana, pkg/expr). */
export const stage = lazy(() =>
  object({
    refId: string(),
    datasourceUid: nullish(string()),
    relativeTimeRange: nullish(object({ from: nullish(number()), to: nullish(number()) })),
    model: object({
      ...{ type: nullish(string()), expression: nullish(string()), reducer: nullish(string()) },
      ...{ expr: nullish(string()), instant: nullish(boolean()), range: nullish(boolean()) },
      ...{ intervalMs: nullish(number()), datasource: nullish(object({ type: nullish(string()) })) },
      conditions: nullish(array(condition)),
    }),
  }),
);
type Stage = ReturnType<typeof stage.parse>;
type Rule = { condition: string; data: Stage[] };
/** `overMs` is the window of a query for many instants. `isTruth`: it is true or false, and not a value. */
type Term = { expr: string; overMs?: number; isTruth?: boolean };

const expressions = "__expr__";
const maxDepth = 10;

/**
 * The condition of a rule in PromQL; undefined for a rule that PromQL cannot say: of other data sources, of two queries in one formula, or with
 * a threshold of its own for recovery.
 */
export const expressionOf = ({ condition: last, data }: Rule): string | undefined => {
  const stages = new Map(data.map((one) => [one.refId, one]));
  const term = termOf(stages, last, maxDepth);
  if (term === undefined || term.overMs !== undefined) return undefined;
  // A value counts as firing unless it is 0.
  const expr = term.isTruth ? term.expr : `(${term.expr}) != 0`;
  return parsed(expr) === undefined ? undefined : expr;
};

const termOf = (stages: Map<string, Stage>, refId: string, depth: number): Term | undefined => {
  const found = stages.get(refId);
  if (found === undefined || depth === 0) return undefined;
  const { model } = found;
  if (found.datasourceUid !== expressions && found.datasourceUid !== "-100") return queried(found);
  const [first, ...others] = model.conditions ?? [];
  const of = (name: string | null | undefined) => (name ? termOf(stages, name, depth - 1) : undefined);
  switch (model.type) {
    case "reduce":
      return reduced(of(model.expression), model.reducer);
    case "threshold":
      return first?.unloadEvaluator ? undefined : held(of(model.expression), first?.evaluator);
    case "classic_conditions":
      return others.length > 0
        ? undefined
        : held(reduced(of(first?.query?.params?.[0]), first?.reducer?.type), first?.evaluator);
    case "math":
      return formula(model.expression ?? "", of);
    default:
      return undefined;
  }
};

/** A query of Prometheus. Rules of Loki have the same field. */
const queried = ({ model, relativeTimeRange }: Stage): Term | undefined => {
  if (!model.expr || (model.datasource?.type ?? "prometheus") !== "prometheus") return undefined;
  const seconds = (relativeTimeRange?.from ?? 600) - (relativeTimeRange?.to ?? 0);
  const step = `${Math.max(1, Math.round((model.intervalMs ?? 15_000) / 1000))}s`;
  const expr = model.expr
    .replaceAll(/\$(?:__rate_interval|\{__rate_interval\})/g, "1m")
    .replaceAll(/\$(?:__interval|\{__interval\})/g, step)
    .replaceAll(/\$(?:__range|\{__range\})/g, `${seconds}s`);
  if (expr.includes("$__")) return undefined;
  return model.instant === true && model.range !== true ? { expr } : { expr, overMs: seconds * 1000 };
};

const overTime: Record<string, string> = {
  ...{ mean: "avg", avg: "avg", max: "max", min: "min", sum: "sum", count: "count" },
};

/** The one value of a window. */
const reduced = (of: Term | undefined, reducer: string | null | undefined): Term | undefined => {
  if (of === undefined || of.isTruth) return undefined;
  if (reducer === "last" || (of.overMs === undefined && reducer !== "count")) return { expr: of.expr };
  const name = ownValue(overTime, reducer ?? "");
  if (name === undefined || of.overMs === undefined) return undefined;
  return { expr: `${name}_over_time((${of.expr})[${of.overMs / 1000}s:15s])` };
};

const comparing: Record<string, string> = {
  ...{ gt: ">", lt: "<", gte: ">=", lte: "<=", eq: "==", ne: "!=" },
};

const held = (
  of: Term | undefined,
  evaluator: { type: string; params?: number[] | null | undefined } | null | undefined,
): Term | undefined => {
  const [low, high] = evaluator?.params ?? [];
  if (of === undefined || of.overMs !== undefined || of.isTruth || low === undefined) return undefined;
  const isTruth = true;
  const { type = "" } = evaluator ?? {};
  if (type === "within_range" && high !== undefined)
    return { expr: `(${of.expr}) > ${low} and (${of.expr}) < ${high}`, isTruth };
  if (type === "outside_range" && high !== undefined)
    return { expr: `(${of.expr}) < ${low} or (${of.expr}) > ${high}`, isTruth };
  const operator = ownValue(comparing, type);
  return operator === undefined ? undefined : { expr: `(${of.expr}) ${operator} ${low}`, isTruth };
};

/** `$B > 0.05`: a comparison of one value with a number. */
const formula = (text: string, of: (name: string | undefined) => Term | undefined): Term | undefined => {
  const [, braced, name = braced, operator, number] =
    /^\s*\$(?:\{([^}]{1,100})\}|(\w{1,100}))\s*(>=?|<=?|==|!=)\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*$/i.exec(
      text,
    ) ?? [];
  const term = of(name);
  if (operator === undefined || term === undefined || term.overMs !== undefined || term.isTruth)
    return undefined;
  return { expr: `(${term.expr}) ${operator} ${number}`, isTruth: true };
};
