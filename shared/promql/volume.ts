import { numberOf } from "./number.ts";
import { type Side, selectors, sidesOf } from "./selectors.ts";
import { callOf, childrenOf, comparisons, inside, type Node, operationOf, textOf } from "./tree.ts";
import { namesTrouble } from "./trouble.ts";

/** Recorded metrics, and gauges, that are a share of something or a time that it takes. */
const normalized =
  /ratio|share|percent|fraction|apdex|burn|quantile|latency|duration|(^|[_:])(p\d{2,3}|avg|mean)([_:]|$)|_(milli)?seconds(_|:|$)|_ms$/i;
const volume =
  /(^|[_:])(requests?|reqs?|rps|qps|rpm|calls?|queries|hits?|visits?|traffic|http|grpc|rpc|responses?|messages?|events?|transactions?|orders?|operations?|ops|throughput|samples?|invocations?)([_:]|$)/i;

/**
 * Whether a condition only asks for enough to judge by: `errors / requests > 0.1 and requests > 5`, `p99 > 1 and rate(calls[5m]) > 2`. A share,
 * or a time, is as bad while little comes, and so is work that is not done: `rate(done[5m]) == 0 and rate(asked[5m]) > 1`.
 */
export const asksForVolume = (condition: Node, other: Node, expr: string): boolean => {
  const operation = operationOf(inside(condition));
  if (operation === undefined || !/^(Gtr|Gte)$/.test(operation.operator)) return false;
  if (countsWhatDivides(operation.left, other, expr)) return true;
  const read = sidesOf(textOf(operation.left, expr));
  if (numberOf(operation.right, expr) === undefined || read.length === 0) return false;
  if (isNormalized(operation.left, expr)) return false;
  return isNormalized(other, expr) ? read.every(countsTraffic) : isUndone(other, expr) && read.every(isRate);
};

const isRate = (side: Side): boolean => side.counted && countsTraffic(side);

/** Whether a condition says that too little is done. */
const isUndone = (condition: Node, expr: string): boolean => {
  const operation = operationOf(inside(condition));
  if (operation === undefined || !/^(Lss|Lte|Eql)$/.test(operation.operator)) return false;
  const read = sidesOf(textOf(operation.left, expr));
  return numberOf(operation.right, expr) !== undefined && read.length > 0 && read.every(isRate);
};

const countsTraffic = (side: Side): boolean =>
  !namesTrouble(side) && (side.counted || volume.test(side.metric));

const countsWhatDivides = (condition: Node, other: Node, expr: string): boolean => {
  const counted = selectors(textOf(condition, expr));
  const wholes = [...divisorsIn(other, expr), ...sharesIn(other, expr)];
  const divisors = new Set(wholes.flatMap((one) => selectors(textOf(one, expr))));
  return counted.length > 0 && counted.every((one) => divisors.has(one));
};

/** Whether every value that a condition compares is a share, a quantile or a mean. */
const isNormalized = (outer: Node, expr: string): boolean => {
  const node = inside(outer);
  const operation = operationOf(node);
  if (operation !== undefined && /^(And|Or)$/.test(operation.operator))
    return isNormalized(operation.left, expr) && isNormalized(operation.right, expr);
  if (operation?.operator === "Unless") return isNormalized(operation.left, expr);
  if (divisorsIn(node, expr).some((one) => numberOf(one, expr) === undefined)) return true;
  if (hasQuantile(node, expr)) return true;
  const read = sidesOf(textOf(node, expr));
  return read.length > 0 && read.every(({ metric, counted }) => !counted && normalized.test(metric));
};

const divisorsIn = (outer: Node, expr: string): Node[] => {
  const node = inside(outer);
  const operation = operationOf(node);
  const own = operation?.operator === "Div" ? [operation.right] : [];
  return [...own, ...childrenOf(node).flatMap((one) => divisorsIn(one, expr))];
};

/** `failed > 0.1 * asked` asks for a share of what was asked. */
const sharesIn = (outer: Node, expr: string): Node[] => {
  const node = inside(outer);
  const operation = operationOf(node);
  const isShare = operation !== undefined && comparisons.has(operation.operator);
  const own = isShare && operationOf(inside(operation.right))?.operator === "Mul" ? [operation.right] : [];
  return [...own, ...childrenOf(node).flatMap((one) => sharesIn(one, expr))];
};

const hasQuantile = (node: Node, expr: string): boolean =>
  /^histogram_(quantile|avg|fraction)$/.test(callOf(node, expr)?.name ?? "") ||
  childrenOf(node).some((one) => hasQuantile(one, expr));
