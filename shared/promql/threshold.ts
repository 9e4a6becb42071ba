import { grouped } from "./grouped.ts";
import { numberOf } from "./number.ts";
import {
  callOf,
  childrenOf,
  inside,
  type Node,
  type Operation,
  operationOf,
  parsed,
  textOf,
} from "./tree.ts";

export type Threshold = { query: string; threshold: number; above: boolean };

const upwards = new Set(["Gtr", "Gte"]);
const downwards = new Set(["Lss", "Lte"]);

/**
 * The values of an expression's conditions `value > threshold` and those thresholds, where the value is a gauge. Of `a > b` it is their
 * difference, with the threshold 0. Nothing of any other condition: a rate does not leak.
 */
export const thresholdsOf = (given: string): Threshold[] => {
  const expr = grouped(given);
  const top = parsed(expr);
  return top === undefined ? [] : conditionsIn(top).flatMap((one) => gaugeOf(one, expr) ?? []);
};

const gaugeOf = (operation: Operation, expr: string): Threshold | undefined =>
  isCounted(operation.left, expr) || isCounted(operation.right, expr) ? undefined : compare(operation, expr);

/** The same of the first condition, of any value, a rate too. */
export const comparisonOf = (given: string): Threshold | undefined => {
  const expr = grouped(given);
  const top = parsed(expr);
  const operation = top === undefined ? undefined : operationOf(firstOf(top));
  return operation === undefined ? undefined : compare(operation, expr);
};

const compare = ({ left, operator, right }: Operation, expr: string): Threshold | undefined => {
  if (!upwards.has(operator) && !downwards.has(operator)) return undefined;
  const above = upwards.has(operator);
  const threshold = numberOf(right, expr);
  if (threshold !== undefined) return { query: textOf(left, expr), threshold, above };
  const matched = expr.slice(left.to, right.from).replace(/[<>]=?/, "-");
  if (/\bbool\b/.test(matched)) return undefined;
  return { query: `${textOf(left, expr)}${matched}${textOf(right, expr)}`, threshold: 0, above };
};

/** `a > 1 and b > 2` has the threshold of its first condition. */
const firstOf = (outer: Node): Node => {
  const node = inside(outer);
  const operation = operationOf(node);
  if (operation?.operator === "And" || operation?.operator === "Unless") return firstOf(operation.left);
  return node;
};

const conditionsIn = (outer: Node): Operation[] => {
  const operation = operationOf(inside(outer));
  if (operation === undefined) return [];
  const { left, operator, right } = operation;
  if (operator === "Unless") return conditionsIn(left);
  return operator === "And" || operator === "Or"
    ? [...conditionsIn(left), ...conditionsIn(right)]
    : [operation];
};

/** Functions whose result rises with what they are given. */
const following =
  /^((avg|max|min|last|quantile)_over_time|abs|ceil|floor|round|clamp(_min|_max)?|label_replace|label_join|sort(_desc)?)$/;

const isCounted = (node: Node, expr: string): boolean => {
  const call = callOf(node, expr);
  if (call !== undefined && !following.test(call.name)) return true;
  return childrenOf(node).some((one) => isCounted(one, expr));
};
