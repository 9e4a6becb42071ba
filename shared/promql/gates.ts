import { isGuard, withoutBadBound } from "./guards.ts";
import { selectors, sidesOf } from "./selectors.ts";
import { asksForState, isSwitch } from "./state-gates.ts";
import {
  callOf,
  childrenOf,
  comparisons,
  inside,
  isScalar,
  type Node,
  type Operation,
  operationOf,
  parsed,
  textOf,
} from "./tree.ts";
import { asksForVolume } from "./volume.ts";

const clock = /^(hour|minute|day_of_week|day_of_month|day_of_year|days_in_month|month|year)$/;
const quietening = /^(changes|resets)$/;

/**
 * The expression without the conditions that can mute it whatever its values are: a clock (`hour() > 8`), a rollout
 * (`changes(x[10m]) == 0`), a state (`maintenance == 0`), a time to warm up (`uptime > 600`), its own past (`up == 0 and up offset 5m == 1`), too few requests (`errors / requests > 0.1 and requests > 5`),
 * and every right side of `unless`. A forecast that has come true counts as well: a full disk fills up no more. The same
 * text when it has none.
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
  // `vector(1) unless ok == 1` has its symptom on the right.
  if (operator === "Unless")
    return selectors(textOf(left, expr)).length === 0 ? textOf(outer, expr) : ungated(left, expr);
  if (operator === "And" && mutes(right, left, expr)) return ungated(left, expr);
  if (operator === "And" && mutes(left, right, expr)) return ungated(right, expr);
  if (operator !== "And" && operator !== "Or")
    return (
      withoutFactors(outer, expr) ??
      withoutBadBound(outer, expr) ??
      withoutInnerGate(operation, expr) ??
      orCameTrue(outer, expr)
    );
  const between = expr.slice(left.to, right.from);
  return `(${ungated(left, expr)})${between}(${ungated(right, expr)})`;
};

/** Whether a condition can keep an expression quiet while the other one, the trouble, goes on. */
export const mutes = (condition: Node, other: Node, expr: string, isInner = false): boolean =>
  isGate(condition, expr) ||
  asksForState(condition, other, expr) ||
  asksForVolume(condition, other, expr) ||
  isGuard(condition, other, { expr, isInner }) ||
  isOwnPast(condition, other, expr);

/** `(lag and on (instance) leader_id > 0) > 30` as `lag > 30`. Undefined where a comparison has no such gate. */
const withoutInnerGate = ({ left: outer, operator, right }: Operation, expr: string): string | undefined => {
  const inner = operationOf(inside(outer));
  if (inner === undefined || !comparisons.has(operator) || !isScalar(right, expr)) return undefined;
  const comparison = expr.slice(outer.to, right.to);
  const compared = (node: Node): string => `(${textOf(node, expr)})${comparison}`;
  if (inner.operator === "Unless") return withoutGates(compared(inner.left));
  if (inner.operator !== "And") return undefined;
  // The values are those of the left side.
  return mutes(inner.right, inner.left, expr, true) ? withoutGates(compared(inner.left)) : undefined;
};

/** `up offset 5m == 1` beside `up == 0`: once the trouble is its past, nothing fires any more. */
const isOwnPast = (condition: Node, other: Node, expr: string): boolean => {
  const operation = operationOf(inside(condition));
  if (operation === undefined || !comparisons.has(operation.operator)) return false;
  const past = selectors(textOf(condition, expr));
  const now = new Set(readsOfNow(other, expr));
  return past.length > 0 && readsOfNow(condition, expr).length === 0 && past.every((one) => now.has(one));
};

/** The selectors that are read without an offset. */
const readsOfNow = (node: Node, expr: string): string[] => {
  if (node.name === "OffsetExpr" || node.name === "StepInvariantExpr") return [];
  if (node.name === "VectorSelector") return [textOf(node, expr)];
  return childrenOf(node).flatMap((one) => readsOfNow(one, expr));
};

/** `errors * on (service) alerting_enabled > 5` without the factor. Undefined where a comparison has none. */
const withoutFactors = (outer: Node, expr: string): string | undefined => {
  const operation = operationOf(inside(outer));
  if (operation === undefined || !comparisons.has(operation.operator)) return undefined;
  const { left } = operation;
  const rest = factorsIn(left, expr);
  return rest === undefined
    ? undefined
    : expr.slice(outer.from, left.from) + rest + expr.slice(left.to, outer.to);
};

const factorsIn = (outer: Node, expr: string): string | undefined => {
  const operation = operationOf(inside(outer));
  if (operation?.operator !== "Mul") return undefined;
  const { left, right } = operation;
  if (isSwitch(right, left, expr)) return factorsIn(left, expr) ?? textOf(left, expr);
  return isSwitch(left, right, expr) ? (factorsIn(right, expr) ?? textOf(right, expr)) : undefined;
};

/** `predict_linear(free[1h], 3600) < 0`, or what it foretells: `free <= 0`. */
const orCameTrue = (outer: Node, expr: string): string => {
  const text = textOf(outer, expr);
  const operation = operationOf(inside(outer));
  if (operation === undefined) return text;
  const call = callOf(inside(operation.left), expr);
  const sign = { Lss: "<=", Lte: "<=", Gtr: ">=", Gte: ">=" }[operation.operator];
  const [range] = call?.given ?? [];
  const [selector] = range === undefined ? [] : childrenOf(range);
  if (call?.name !== "predict_linear" || selector === undefined || sign === undefined) return text;
  const matching = expr.slice(operation.left.to, operation.right.from).replace(/[<>]=?/, sign);
  return `(${text} or ${textOf(selector, expr)}${matching}${textOf(operation.right, expr)})`;
};

/** Whether the condition depends on the clock, a rollout or an age only. */
const isGate = (outer: Node, expr: string): boolean => {
  const node = inside(outer);
  const operation = operationOf(node);
  if (operation !== undefined && /^(And|Or|Unless)$/.test(operation.operator))
    return isGate(operation.left, expr) && isGate(operation.right, expr);
  const calls = callsIn(node, expr);
  if (calls.some((name) => clock.test(name)))
    return calls.every((name) => clock.test(name) || /^(vector|time|timestamp)$/.test(name));
  if (operation === undefined || !comparisons.has(operation.operator)) return false;
  if (asksForAge(operation, expr)) return true;
  const tells = calls.some((name) => quietening.test(name));
  return (
    tells && (operation.operator === "Eql" || operation.operator === "Lss" || operation.operator === "Lte")
  );
};

/** Metrics of a start, a deploy or an uptime. A job that runs for too long is a symptom. */
const age =
  /(^|[_:])(start(ed)?|boot(ed)?|created|creation|launched|uptime|deploy(ed|ment)?|released?|rollout)([_:](time|timestamp|at|seconds|milliseconds|ms))*$/i;

/** A time to warm up: `time() - process_start_time_seconds > 600`, `uptime_seconds > 600`, `created_at < time() - 600`. */
const asksForAge = ({ left, operator, right }: Operation, expr: string): boolean => {
  const metrics = [left, right].flatMap((side) => sidesOf(textOf(side, expr))).map(({ metric }) => metric);
  if (metrics.length === 0 || !metrics.every((metric) => age.test(metric) && !/job/i.test(metric)))
    return false;
  if (/^(Gtr|Gte)$/.test(operator)) return isScalar(right, expr);
  const isBefore = callsIn(right, expr).includes("time") && sidesOf(textOf(right, expr)).length === 0;
  return /^(Lss|Lte)$/.test(operator) && isBefore;
};

const callsIn = (node: Node, expr: string): string[] => {
  const call = callOf(node, expr);
  return [
    ...(call === undefined ? [] : [call.name]),
    ...childrenOf(node).flatMap((one) => callsIn(one, expr)),
  ];
};
