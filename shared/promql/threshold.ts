import { grouped } from "./grouped.ts";
import { callOf, childrenOf, inside, type Node, operationOf, parsed, textOf } from "./tree.ts";

export type Threshold = { query: string; threshold: number; above: boolean };

const upwards = new Set(["Gtr", "Gte"]);
const downwards = new Set(["Lss", "Lte"]);

/**
 * The value of `value > threshold` and that threshold, where the value is a gauge. Of `a > b` it is their difference,
 * with the threshold 0. Undefined for every other expression: a rate does not leak.
 */
export const thresholdOf = (given: string): Threshold | undefined => {
  const expr = grouped(given);
  const operation = conditionOf(expr);
  if (operation === undefined || hasCall(operation.left, expr) || hasCall(operation.right, expr))
    return undefined;
  return comparisonOf(expr);
};

const conditionOf = (expr: string) => {
  const top = parsed(expr);
  const condition = top === undefined ? undefined : firstOf(top);
  return condition === undefined ? undefined : operationOf(condition);
};

/** The same of any value, a rate too. */
export const comparisonOf = (given: string): Threshold | undefined => {
  const expr = grouped(given);
  const operation = conditionOf(expr);
  if (operation === undefined) return undefined;
  const { left, operator, right } = operation;
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

/** The number that `1.6 * 1024` stands for. */
const numberOf = (outer: Node, expr: string): number | undefined => {
  const node = inside(outer);
  if (node.name === "NumberDurationLiteral") return Number(textOf(node, expr));
  const operation = operationOf(node);
  if (operation === undefined) return undefined;
  const [left, right] = [operation.left, operation.right].map((side) => numberOf(side, expr));
  if (left === undefined || right === undefined) return undefined;
  return { Mul: left * right, Div: left / right, Add: left + right, Sub: left - right }[operation.operator];
};

const hasCall = (node: Node, expr: string): boolean =>
  callOf(node, expr) !== undefined || childrenOf(node).some((one) => hasCall(one, expr));
