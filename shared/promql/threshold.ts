import { callOf, childrenOf, inside, type Node, operationOf, parsed, textOf } from "./tree.ts";

type Threshold = { query: string; threshold: number; above: boolean };

const upwards = new Set(["Gtr", "Gte"]);
const downwards = new Set(["Lss", "Lte"]);

/**
 * The value of `value > number` and its threshold, where the value is a gauge. Undefined for every other expression: a
 * rate does not leak.
 */
export const thresholdOf = (expr: string): Threshold | undefined => {
  const top = parsed(expr);
  const operation = top === undefined ? undefined : operationOf(inside(top));
  if (operation === undefined) return undefined;
  const { left, operator, right } = operation;
  const number = inside(right);
  if (number.name !== "NumberDurationLiteral" || hasCall(left, expr)) return undefined;
  if (!upwards.has(operator) && !downwards.has(operator)) return undefined;
  return {
    query: textOf(left, expr),
    threshold: Number(textOf(number, expr)),
    above: upwards.has(operator),
  };
};

const hasCall = (node: Node, expr: string): boolean =>
  callOf(node, expr) !== undefined || childrenOf(node).some((one) => hasCall(one, expr));
