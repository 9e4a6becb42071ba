import { childrenOf, comparisons, inside, isScalar, type Node, operationOf, parsed, textOf } from "./tree.ts";

const factors = new Set(["Mul", "Div", "ParenExpr", "BinaryExpr"]);

export type Compared = { query: string; isRatio: boolean };

/**
 * A query for the values that an alerting expression compares with its threshold. Where a ratio lacks its numerator
 * (nothing failed yet), it is 0. Undefined when the expression cannot be parsed. `isRatio`: the value is a share of 1.
 */
export const compared = (expr: string): Compared | undefined => {
  const top = parsed(expr);
  if (top === undefined) return undefined;
  const values = comparedIn(top);
  const [first] = values;
  return {
    query: values.map((node) => zeroed(node, expr)).join(" or "),
    isRatio: values.length === 1 && first !== undefined && isRatio(inside(first)),
  };
};

/** The compared values: of `a > 1 and b` it is a, of `a > 1 or b > 2` both. */
export const comparedIn = (outer: Node): Node[] => {
  const node = inside(outer);
  const operation = operationOf(node);
  if (operation === undefined) return [node];
  const { left, operator, right } = operation;
  if (operator === "Or") return [...comparedIn(left), ...comparedIn(right)];
  if (operator === "And" || operator === "Unless") return comparedIn(left);
  if (!comparisons.has(operator)) return [node];
  return inside(left).name === "NumberDurationLiteral" ? [right] : [left];
};

const zeroed = (outer: Node, expr: string): string => {
  const node = inside(outer);
  const text = textOf(node, expr);
  const operation = operationOf(node);
  if (!operation?.isPlain || operation.operator !== "Div" || isScalar(operation.right, expr))
    return `(${text})`;
  return `(${text}) or (${textOf(operation.right, expr)}) * 0`;
};

/** A division of series by series without a number among its factors. */
const isRatio = (node: Node): boolean => {
  const operation = operationOf(node);
  if (operation?.operator !== "Div") return false;
  const hasNumber = (part: Node): boolean =>
    part.name === "NumberDurationLiteral" || (factors.has(part.name) && childrenOf(part).some(hasNumber));
  return !childrenOf(node).some(hasNumber);
};
