import { numberOf } from "./number.ts";
import { selectors, sidesOf } from "./selectors.ts";
import { childrenOf, comparisons, inside, isScalar, type Node, operationOf, textOf } from "./tree.ts";
import { namesTrouble } from "./trouble.ts";

/** Numbers that are a symptom when they are more than 0, and work that is over when it is 0. */
const symptom =
  /wait|pending|queue|backlog|lag|depth|unassigned|remaining|in_?flight|(^|[_:])(active|running|processing|executing|stuck|stale|missing|offline|down|slow)([_:]|$)|outstanding|unprocessed|un_?healthy|unavailable|degraded|under_?replicated|alert|firing|throttl|evict|restart|retr(y|ies)|conflict|warn|burn|saturat|overload|unschedulable|fail|err(or)?s?([_:]|$)|crash|reject|drop|time_?out|lost|dead|oom|panic|denied|exceed|abort/i;

/**
 * Whether a condition only asks that a rule makes sense at all: that something is there (`errors / total > 0.1 and total > 0`, `up == 0 and configured != 0`),
 * that a part of what the other one compares is large enough (`in_use / size < 0.5 and in_use > 1e8`), or that a value has not left a band on its bad side
 * (`days_left < 20 and days_left > 3`).
 */
export const isGuard = (condition: Node, other: Node, { expr, isInner = false }: Around): boolean =>
  asksForExistence(condition, other, { expr, isInner }) ||
  asksForPart(condition, other, expr) ||
  isBadBound(condition, other, expr);

/** `isInner`: the two are a part of a condition. */
type Around = { expr: string; isInner?: boolean };

const asksForExistence = (condition: Node, other: Node, { expr, isInner }: Around): boolean => {
  const operation = operationOf(inside(condition));
  if (operation === undefined || !isExistence(condition, expr)) return false;
  const compared = comparisonsIn(other);
  const isPlain = (one: Node): boolean => isExistence(one, expr) && !namesSymptom(one, expr);
  // `a and b > 0` may be about b; within a condition, as in `(a and b > 0) > 30`, it is about a.
  if (compared.length === 0 && !isInner) return false;
  if (compared.length > 0 && compared.every(isPlain)) return false;
  return sidesOf(textOf(operation.left, expr)).length > 0 && !namesSymptom(operation.left, expr);
};

const namesSymptom = (node: Node, expr: string): boolean =>
  sidesOf(textOf(node, expr)).some((side) => namesTrouble(side) || symptom.test(side.metric));

/** `x > 0`, `x >= 1` or `x != 0`, or several of them. */
const isExistence = (outer: Node, expr: string): boolean => {
  const operation = operationOf(inside(outer));
  if (operation === undefined) return false;
  const { left, operator, right } = operation;
  if (operator === "And" || operator === "Or") return isExistence(left, expr) && isExistence(right, expr);
  const limit = numberOf(right, expr);
  return limit === 0 ? operator === "Gtr" || operator === "Neq" : limit === 1 && operator === "Gte";
};

const comparisonsIn = (outer: Node): Node[] => {
  const node = inside(outer);
  const operation = operationOf(node);
  if (operation === undefined) return [];
  const { left, operator, right } = operation;
  if (operator === "And" || operator === "Or") return [...comparisonsIn(left), ...comparisonsIn(right)];
  if (operator === "Unless") return comparisonsIn(left);
  return comparisons.has(operator) ? [node] : [];
};

const asksForPart = (condition: Node, other: Node, expr: string): boolean => {
  const operation = operationOf(inside(condition));
  if (operation === undefined || !/^(Gtr|Gte)$/.test(operation.operator)) return false;
  if (numberOf(operation.right, expr) === undefined) return false;
  const asked = selectors(textOf(operation.left, expr));
  const parts = new Set(comparisonsIn(other).flatMap((one) => partsIn(one, expr)));
  return asked.length > 0 && asked.every((one) => parts.has(one));
};

const arithmetic = /^(Add|Sub|Mul|Div)$/;

/** The selectors that are reckoned with others. */
const partsIn = (node: Node, expr: string): string[] => {
  const operation = operationOf(node);
  const below = childrenOf(node).flatMap((one) => partsIn(one, expr));
  if (operation === undefined || !arithmetic.test(operation.operator)) return below;
  const sides = [operation.left, operation.right].map((one) => selectors(textOf(one, expr)));
  // Growth (`a - a offset 1h`) is not a part of anything.
  const isGrowth = sides[0]?.join() === sides[1]?.join();
  return sides.every((one) => one.length > 0) && !isGrowth ? [...below, ...sides.flat()] : below;
};

type Bound = { value: string; isUpper: boolean };

/** A comparison of a value with a number, on either side. */
export const boundOf = (outer: Node, expr: string): Bound | undefined => {
  const operation = operationOf(inside(outer));
  if (operation === undefined || !/^(Gtr|Gte|Lss|Lte)$/.test(operation.operator)) return undefined;
  const { left, operator, right } = operation;
  const isLess = /^Ls|^Lt/.test(operator);
  if (isScalar(right, expr)) return { value: textOf(inside(left), expr), isUpper: isLess };
  return isScalar(left, expr) ? { value: textOf(inside(right), expr), isUpper: !isLess } : undefined;
};

/** Values of which too little is bad. */
const scarce =
  /free|avail|remain|expir|ttl|left|balance|headroom|budget|idle|success|healthy|ready|not_after|- *time\(\)/i;

/** Whether the bad side of a band of the value is below it. */
export const isBadWhenLow = (value: string): boolean => scarce.test(value);

const isBadBound = (condition: Node, other: Node, expr: string): boolean => {
  const [own, beside] = [boundOf(condition, expr), boundOf(other, expr)];
  if (own === undefined || own.value !== beside?.value || own.isUpper === beside.isUpper) return false;
  return own.isUpper !== isBadWhenLow(own.value);
};

/** `3 <= days_left < 20` without the bound on its bad side. Undefined where there is no band. */
export const withoutBadBound = (outer: Node, expr: string): string | undefined => {
  const operation = operationOf(inside(outer));
  const within = operation === undefined ? undefined : boundOf(operation.left, expr);
  if (operation === undefined || within === undefined || !isScalar(operation.right, expr)) return undefined;
  const isUpper = /^Ls|^Lt/.test(operation.operator);
  if (!/^(Gtr|Gte|Lss|Lte)$/.test(operation.operator) || isUpper === within.isUpper) return undefined;
  if (within.isUpper === isBadWhenLow(within.value)) return textOf(operation.left, expr);
  return `(${within.value})${expr.slice(operation.left.to, operation.right.to)}`;
};

/** The filters such as `(last_success > 0)` among the operands of a reckoning: the value of such a series is not there while its filter hides it. */
export const filtersIn = (node: Node, expr: string): Node[] => {
  const operation = operationOf(node);
  const below = childrenOf(node).flatMap((one) => filtersIn(one, expr));
  if (operation === undefined || !arithmetic.test(operation.operator)) return below;
  return [...below, ...[operation.left, operation.right].map(inside).filter((one) => isFilter(one, expr))];
};

const isFilter = (node: Node, expr: string): boolean => {
  const operation = operationOf(node);
  if (operation === undefined || !operation.isPlain || !/^(Gtr|Neq)$/.test(operation.operator)) return false;
  return numberOf(operation.right, expr) === 0 && sidesOf(textOf(operation.left, expr)).length > 0;
};
