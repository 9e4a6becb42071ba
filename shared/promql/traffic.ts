import { comparedIn } from "./compared.ts";
import { callOf, childrenOf, inside, isScalar, type Node, operationOf, parsed, textOf } from "./tree.ts";

/**
 * Queries whose value is NaN, 0 or missing when there is nothing to judge by: the denominators of the compared ratios,
 * and quantiles.
 */
export const trafficQueries = (expr: string): string[] => {
  const top = parsed(expr);
  if (top === undefined) return [];
  const found = new Set<string>();
  for (const value of conditionsIn(top)) collect(value, expr, found);
  return [...found];
};

/** Queries for the compared values themselves: one that is NaN is quiet without being over. */
export const comparedValues = (expr: string): string[] => {
  const top = parsed(expr);
  return top === undefined ? [] : [...new Set(conditionsIn(top).map((node) => textOf(node, expr)))];
};

/** Every compared value, those of both sides of `and` included. */
const conditionsIn = (outer: Node): Node[] => {
  const node = inside(outer);
  const operation = operationOf(node);
  if (operation === undefined) return [node];
  if (operation.operator === "And")
    return [...conditionsIn(operation.left), ...conditionsIn(operation.right)];
  if (operation.operator === "Unless") return conditionsIn(operation.left);
  if (operation.operator === "Or") return [...conditionsIn(operation.left), ...conditionsIn(operation.right)];
  return comparedIn(node);
};

const collect = (outer: Node, expr: string, found: Set<string>): void => {
  const node = inside(outer);
  const call = callOf(node, expr);
  if (call !== undefined && /^histogram_(quantile|avg|fraction)$/.test(call.name)) {
    found.add(textOf(node, expr));
    return;
  }
  const operation = operationOf(node);
  if (operation?.operator === "Div" && !isScalar(operation.right, expr))
    found.add(textOf(operation.right, expr));
  for (const one of childrenOf(node)) collect(one, expr, found);
};
