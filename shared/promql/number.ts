import { inside, type Node, operationOf, textOf } from "./tree.ts";

/** The number that `1.6 * 1024` stands for. */
export const numberOf = (outer: Node, expr: string): number | undefined => {
  const node = inside(outer);
  if (node.name === "NumberDurationLiteral") return Number(textOf(node, expr));
  const operation = operationOf(node);
  if (operation === undefined) return undefined;
  const [left, right] = [operation.left, operation.right].map((side) => numberOf(side, expr));
  if (left === undefined || right === undefined) return undefined;
  return { Mul: left * right, Div: left / right, Add: left + right, Sub: left - right }[operation.operator];
};
