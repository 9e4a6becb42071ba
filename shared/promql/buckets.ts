import { selectors } from "./selectors.ts";
import { callOf, inside, isScalar, type Node, operationOf, parsed, textOf } from "./tree.ts";

/** A quantile's selectors, and the value that it must be able to exceed. */
export type Quantile = { selectors: string[]; threshold: number; isReached: boolean };

/**
 * The conditions `histogram_quantile(…) > threshold` of an expression: a quantile is never above its largest finite bucket, so it is blind
 * where that one is too small. `isReached`: a bucket as large as the threshold is enough, as in `>=`.
 */
export const quantilesIn = (expr: string): Quantile[] => {
  const top = parsed(expr);
  return top === undefined ? [] : conditions(top, expr);
};

const conditions = (outer: Node, expr: string): Quantile[] => {
  const operation = operationOf(inside(outer));
  if (operation === undefined) return [];
  const { left, operator, right } = operation;
  if (/^(And|Or)$/.test(operator)) return [...conditions(left, expr), ...conditions(right, expr)];
  if (operator === "Unless") return conditions(left, expr);
  const scaled = quantileOf(left, expr);
  if (!/^(Gtr|Gte)$/.test(operator) || scaled === undefined || !isScalar(right, expr)) return [];
  const { buckets, factor } = scaled;
  const threshold = Number(textOf(inside(right), expr)) / factor;
  if (!Number.isFinite(threshold)) return [];
  return [{ selectors: selectors(textOf(buckets, expr)), threshold, isReached: operator === "Gte" }];
};

type Scaled = { buckets: Node; factor: number };

/** The buckets of a quantile, also of one in other units: `histogram_quantile(…) * 1000`. */
const quantileOf = (outer: Node, expr: string): Scaled | undefined => {
  const node = inside(outer);
  const call = callOf(node, expr);
  const buckets = call?.name === "histogram_quantile" ? call.given[1] : undefined;
  if (buckets !== undefined) return { buckets, factor: 1 };
  const operation = operationOf(node);
  if (operation === undefined || !/^(Mul|Div)$/.test(operation.operator)) return undefined;
  const { left, operator, right } = operation;
  const factor = Number(textOf(inside(right), expr));
  const found = quantileOf(left, expr);
  if (found === undefined || !(factor > 0)) return undefined;
  return { ...found, factor: operator === "Mul" ? found.factor * factor : found.factor / factor };
};
