import {
  aggregateOf,
  comparisons,
  inside,
  isScalar,
  type Node,
  operationOf,
  parsed,
  textOf,
} from "./tree.ts";

/** `min by (topic) (in_sync) < 3`: the series that are compared, and the query for those of them that are over the threshold. */
export type Extreme = { selector: string; bad: string };

/** The conditions on the least or the greatest of several series: it is better also when the worst series is simply gone. */
export const extremesIn = (expr: string): Extreme[] => {
  const top = parsed(expr);
  return top === undefined ? [] : conditions(top, expr);
};

const conditions = (outer: Node, expr: string): Extreme[] => {
  const operation = operationOf(inside(outer));
  if (operation === undefined) return [];
  const { left, operator, right } = operation;
  if (operator === "Unless") return conditions(left, expr);
  if (operator === "And" || operator === "Or") return [...conditions(left, expr), ...conditions(right, expr)];
  const aggregate = aggregateOf(inside(left), expr);
  const [given] = aggregate?.given ?? [];
  if (given === undefined || !comparisons.has(operator) || !isScalar(right, expr)) return [];
  if (!/^(min|max)$/i.test(aggregate?.name ?? "") || inside(given).name !== "VectorSelector") return [];
  const selector = textOf(inside(given), expr);
  return [{ selector, bad: `${selector}${expr.slice(left.to, right.to)}` }];
};
