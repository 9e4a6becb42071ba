import { selectors } from "./selectors.ts";
import { callOf, childrenOf, comparisons, inside, type Node, operationOf, parsed, textOf } from "./tree.ts";

const clock = /^(hour|minute|day_of_week|day_of_month|day_of_year|days_in_month|month|year)$/;
const quietening = /^(changes|resets)$/;

/**
 * The expression without the conditions that can mute it whatever its values are: a clock (`hour() > 8`), a rollout
 * (`changes(x[10m]) == 0`), too few requests (`errors / requests > 0.1 and requests > 5`), and every right side of
 * `unless`. The same text when it has none.
 */
export const withoutGates = (expr: string): string => {
  const top = parsed(expr);
  return top === undefined ? expr : ungated(top, expr);
};

const ungated = (outer: Node, expr: string): string => {
  const node = inside(outer);
  const operation = operationOf(node);
  if (operation === undefined) return textOf(outer, expr);
  const { left, operator, right } = operation;
  if (operator === "Unless") return ungated(left, expr);
  if (operator === "And" && (isGate(right, expr) || countsWhatDivides(right, left, expr)))
    return ungated(left, expr);
  if (operator === "And" && isGate(left, expr)) return ungated(right, expr);
  if (operator !== "And" && operator !== "Or") return textOf(outer, expr);
  const between = expr.slice(left.to, right.from);
  return `(${ungated(left, expr)})${between}(${ungated(right, expr)})`;
};

/** Whether the condition depends on the clock or on a rollout only. */
const isGate = (outer: Node, expr: string): boolean => {
  const node = inside(outer);
  const operation = operationOf(node);
  if (operation !== undefined && /^(And|Or|Unless)$/.test(operation.operator))
    return isGate(operation.left, expr) && isGate(operation.right, expr);
  const calls = callsIn(node, expr);
  if (calls.some((name) => clock.test(name)))
    return calls.every((name) => clock.test(name) || /^(vector|time|timestamp)$/.test(name));
  if (operation === undefined || !comparisons.has(operation.operator)) return false;
  const tells = calls.some((name) => quietening.test(name));
  return (
    tells && (operation.operator === "Eql" || operation.operator === "Lss" || operation.operator === "Lte")
  );
};

/** Whether a condition only asks for enough of what the other one divides by. */
const countsWhatDivides = (condition: Node, other: Node, expr: string): boolean => {
  const operation = operationOf(inside(condition));
  if (operation === undefined || !/^(Gtr|Gte)$/.test(operation.operator)) return false;
  const counted = selectors(textOf(condition, expr));
  const divisors = new Set(divisorsIn(other, expr).flatMap(selectors));
  return counted.length > 0 && counted.every((one) => divisors.has(one));
};

const divisorsIn = (outer: Node, expr: string): string[] => {
  const node = inside(outer);
  const operation = operationOf(node);
  const own = operation?.operator === "Div" ? [textOf(operation.right, expr)] : [];
  return [...own, ...childrenOf(node).flatMap((one) => divisorsIn(one, expr))];
};

const callsIn = (node: Node, expr: string): string[] => {
  const call = callOf(node, expr);
  return [
    ...(call === undefined ? [] : [call.name]),
    ...childrenOf(node).flatMap((one) => callsIn(one, expr)),
  ];
};
