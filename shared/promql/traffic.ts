import { comparedIn } from "./compared.ts";
import { numberOf } from "./number.ts";
import { selectors, sidesOf } from "./selectors.ts";
import {
  callOf,
  childrenOf,
  comparisons,
  inside,
  isScalar,
  type Node,
  operationOf,
  parsed,
  textOf,
} from "./tree.ts";
import { namesTrouble } from "./trouble.ts";

/**
 * Queries whose value is NaN, 0 or missing when there is nothing to judge by: the denominators of the compared ratios,
 * and quantiles.
 */
export const trafficQueries = (expr: string): string[] => {
  const top = parsed(expr);
  if (top === undefined) return [];
  const found = new Set<string>();
  for (const value of conditionsIn(top)) collect(value, expr, found);
  for (const value of yardsticksIn(top, expr)) found.add(textOf(value, expr));
  return [...found];
};

const order = /^(Gtr|Gte|Lss|Lte)$/;

/** The right sides of comparisons that count what comes now, such as `rate(orders[5m]) < 0.5 * rate(visits[5m])`: no visits, no finding. */
const yardsticksIn = (outer: Node, expr: string): Node[] => {
  const operation = operationOf(inside(outer));
  if (operation === undefined) return [];
  const { left, operator, right } = operation;
  if (operator === "Unless") return yardsticksIn(left, expr);
  if (operator === "And" || operator === "Or")
    return [...yardsticksIn(left, expr), ...yardsticksIn(right, expr)];
  return order.test(operator) && countsTraffic(right, expr) ? [right] : [];
};

const countsTraffic = (node: Node, expr: string): boolean => {
  const text = textOf(node, expr);
  const sides = sidesOf(text);
  // A rate of a week ago tells nothing about today, and a rate of failures nothing about traffic.
  if (sides.length === 0 || /\boffset\b|@/.test(text)) return false;
  return sides.every((side) => side.counted && !namesTrouble(side));
};

/** Queries for the compared values themselves: one that is NaN is quiet without being over. */
export const comparedValues = (expr: string): string[] => {
  const top = parsed(expr);
  if (top === undefined) return [];
  const values = conditionsIn(top).flatMap((node) => [node, ...comparedWithin(node)]);
  return [...new Set(values.map((node) => textOf(node, expr)))].filter((text) => selectors(text).length > 0);
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

/** The values that are compared within another one, as in `max by (a) (b > 1)`. */
const comparedWithin = (node: Node): Node[] =>
  childrenOf(node).flatMap((one) => {
    const operation = operationOf(one);
    const own = operation !== undefined && comparisons.has(operation.operator) ? comparedIn(one) : [];
    return [...own, ...comparedWithin(one)];
  });

const collect = (outer: Node, expr: string, found: Set<string>): void => {
  const node = inside(outer);
  const call = callOf(node, expr);
  if (call !== undefined && /^histogram_(quantile|avg|fraction)$/.test(call.name)) {
    found.add(textOf(node, expr));
    return;
  }
  const operation = operationOf(node);
  if (operation?.operator === "Div" && !isScalar(operation.right, expr))
    found.add(orEither(unguarded(operation.right, expr), expr));
  for (const one of childrenOf(node)) collect(one, expr, found);
};

/** The denominator without what keeps it from being 0: `clamp_min(a, 1)`, `a + 1`, `a or vector(1)`. */
const unguarded = (outer: Node, expr: string): Node => {
  const node = inside(outer);
  const call = callOf(node, expr);
  const [first] = call?.given ?? [];
  if (first !== undefined && /^clamp(_min)?$/.test(call?.name ?? "")) return unguarded(first, expr);
  const operation = operationOf(node);
  if (operation === undefined) return outer;
  const { left, operator, right } = operation;
  const isAdded = operator === "Add" && numberOf(right, expr) !== undefined;
  const isDefault =
    operator === "Or" && (callOf(inside(right), expr)?.name === "vector" || isScalar(right, expr));
  if (isAdded || isDefault) return unguarded(left, expr);
  return operator === "Add" && numberOf(left, expr) !== undefined ? unguarded(right, expr) : outer;
};

/** A sum, or one of its parts where another is absent: a counter of failures may exist only since the first one. */
const orEither = (outer: Node, expr: string): string => {
  const parts = addends(outer, expr);
  const whole = textOf(outer, expr);
  return parts.length < 2 ? whole : [whole, ...parts.map((part) => textOf(part, expr))].join(" or ");
};

const addends = (outer: Node, expr: string): Node[] => {
  const operation = operationOf(inside(outer));
  if (operation?.operator !== "Add" || !operation.isPlain) return [outer];
  return [...addends(operation.left, expr), ...addends(operation.right, expr)];
};
