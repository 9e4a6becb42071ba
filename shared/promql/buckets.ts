import { numberOf } from "./number.ts";
import { selectors } from "./selectors.ts";
import { aggregateOf, callOf, childrenOf, inside, type Node, operationOf, parsed, textOf } from "./tree.ts";

/**
 * A quantile that must exceed a threshold: the text of `histogram_quantile(…)`, that of its buckets, and their selectors. `threshold`: a number,
 * or a query for it. `factor`: the quantile is compared in other units. `isReached`: being as large as the threshold is enough, as in `>=`.
 */
export type Quantile = {
  query: string;
  buckets: string;
  selectors: string[];
  threshold: number | string;
  factor: number;
  isReached: boolean;
};

/**
 * The conditions `histogram_quantile(…) > threshold` of an expression: a quantile is never above its largest finite bucket, so it is blind
 * where that one is too small.
 */
export const quantilesIn = (expr: string): Quantile[] => {
  const top = parsed(expr);
  return top === undefined ? [] : conditions(top, expr);
};

const conditions = (node: Node, expr: string): Quantile[] => {
  const operation = operationOf(node);
  if (operation?.operator === "Unless") return conditions(operation.left, expr);
  if (/^absent/.test(callOf(node, expr)?.name ?? "")) return [];
  const own = operation === undefined ? [] : conditionOf(operation, expr);
  return [...own, ...childrenOf(node).flatMap((one) => conditions(one, expr))];
};

type Operation = NonNullable<ReturnType<typeof operationOf>>;

const conditionOf = ({ left, operator, right }: Operation, expr: string): Quantile[] => {
  const isUpwards = /^(Gtr|Gte)$/.test(operator);
  if (!isUpwards && !/^(Lss|Lte)$/.test(operator)) return [];
  const [value, limit] = isUpwards ? [left, right] : [right, left];
  const scaled = quantileOf(value, expr);
  if (scaled === undefined) return [];
  const { call, buckets, factor } = scaled;
  if (quantileOf(limit, expr) !== undefined) return [];
  const threshold = numberOf(limit, expr) ?? textOf(limit, expr);
  const texts = { query: textOf(call, expr), buckets: textOf(buckets, expr) };
  return [
    { ...texts, selectors: selectors(texts.buckets), threshold, factor, isReached: operator.endsWith("e") },
  ];
};

type Scaled = { call: Node; buckets: Node; factor: number };

const keeping =
  /^((max|min|avg|last|quantile)_over_time|abs|ceil|floor|round|clamp_min|label_replace|label_join|sort(_desc)?)$/;
const choosing = /^(max|min|avg|topk|bottomk|quantile)$/i;

/**
 * The quantile among a value's parts, where the value can never be more than the quantile is: its maximum, its average, what is left of it, or
 * `histogram_quantile(…) * 1000`.
 */
const quantileOf = (outer: Node, expr: string): Scaled | undefined => {
  const node = inside(outer);
  const call = callOf(node, expr);
  const buckets = call?.name === "histogram_quantile" ? call.given[1] : undefined;
  if (buckets !== undefined) return { call: node, buckets, factor: 1 };
  if (call !== undefined) return keeping.test(call.name) ? firstIn(call.given, expr) : undefined;
  const aggregate = aggregateOf(node, expr);
  if (aggregate !== undefined)
    return choosing.test(aggregate.name) ? firstIn(aggregate.given, expr) : undefined;
  if (node.name === "SubqueryExpr") return firstIn(childrenOf(node), expr);
  const operation = operationOf(node);
  if (operation === undefined) return undefined;
  const { left, operator, right } = operation;
  if (/^(Or|And|Unless|Gtr|Gte|Lss|Lte|Neq)$/.test(operator)) return quantileOf(left, expr);
  if (operator === "Sub") return quantileOf(left, expr);
  const factor = /^(Mul|Div)$/.test(operator) ? numberOf(right, expr) : undefined;
  const found = quantileOf(left, expr);
  if (found === undefined || factor === undefined || !(factor > 0)) return undefined;
  return { ...found, factor: operator === "Mul" ? found.factor * factor : found.factor / factor };
};

const firstIn = (nodes: Node[], expr: string): Scaled | undefined =>
  nodes.map((one) => quantileOf(one, expr)).find((one) => one !== undefined);
