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
  const [, buckets] = quantileArguments(left, expr);
  const threshold = Number(textOf(inside(right), expr));
  if (!/^(Gtr|Gte)$/.test(operator) || buckets === undefined || !isScalar(right, expr)) return [];
  if (!Number.isFinite(threshold)) return [];
  return [{ selectors: selectors(textOf(buckets, expr)), threshold, isReached: operator === "Gte" }];
};

const quantileArguments = (outer: Node, expr: string): Node[] => {
  const call = callOf(inside(outer), expr);
  return call?.name === "histogram_quantile" ? call.given : [];
};
