import { isLabelName } from "./labels.ts";
import { quoted, unquoted } from "./quoted.ts";
import {
  callOf,
  child,
  childrenOf,
  inside,
  isScalar,
  type Node,
  type Operation,
  operationOf,
  parsed,
  textOf,
} from "./tree.ts";

export type Matcher = { label: string; op: string; value: string };

/**
 * A vector selector that an expression depends on. Sides of one `group` stand for each other (`new_name or old_name`).
 * `counted`: it is read through `rate` or a like function. `range`: the time that it is read over, as in `[5m]`. `optional`:
 * a constant stands for it where it is absent. `alternative`: it is in one of several conditions, as in `a > 1 or b > 1`.
 */
export type Side = {
  text: string;
  metric: string;
  matchers: Matcher[];
  group: number;
  counted: boolean;
  range?: string;
  optional?: true;
  alternative?: true;
};

export const maxSelectors = 20;

/** The vector selectors of an expression, without ranges, offsets and `@`, each once. Empty when there are none, or it cannot be parsed. */
export const selectors = (expr: string): string[] => {
  const top = parsed(expr);
  const found = new Set<string>();
  top?.cursor().iterate(({ name, from, to }) => {
    if (name === "VectorSelector") found.add(expr.slice(from, to));
  });
  return [...found];
};

/** The names of the metrics that an expression reads, each once. */
export const metricsIn = (expr: string): string[] => {
  const top = parsed(expr);
  const found = new Set<string>();
  top?.cursor().iterate(({ name, from, to, node }) => {
    if (name === "Identifier" && node.parent?.name === "VectorSelector") found.add(expr.slice(from, to));
  });
  return [...found];
};

/**
 * The selectors whose data the verdict on an expression depends on. Left out: the right side of `unless` and the argument
 * of `absent`, for their absence is a value.
 */
export const sidesOf = (expr: string): Side[] => {
  const top = parsed(expr);
  if (top === undefined) return [];
  const sides = new Map<string, Side>();
  for (const [group, alternatives] of groupsIn(top, expr, false).entries())
    for (const side of alternatives) if (!sides.has(side.text)) sides.set(side.text, { ...side, group });
  return sides.size > maxSelectors ? [] : [...sides.values()];
};

/** The selectors of `up` whose absence the expression asks for. */
export const absentTargets = (expr: string): string[] => {
  const top = parsed(expr);
  return top === undefined ? [] : absentIn(top, expr);
};

/** The selectors of `absent_over_time(a[5m])`: one sample makes it quiet for 5 min, whether another one follows or not. */
export const absentOverTime = (expr: string): string[] => {
  const top = parsed(expr);
  return top === undefined ? [] : absentOver(top, expr);
};

const absentOver = (node: Node, expr: string): string[] => {
  const call = callOf(node, expr);
  const [range] = call?.name === "absent_over_time" ? call.given : [];
  const [given] = range?.name === "MatrixSelector" ? childrenOf(range) : [];
  if (given !== undefined) return [textOf(given, expr)];
  return childrenOf(node).flatMap((one) => absentOver(one, expr));
};

const absentIn = (node: Node, expr: string): string[] => {
  const call = callOf(node, expr);
  const [given] = call?.name === "absent" ? call.given.map(inside) : [];
  const isUp = given?.name === "VectorSelector" && sideOf(given, expr, false).metric === "up";
  if (given !== undefined && isUp) return [textOf(given, expr)];
  return childrenOf(node).flatMap((one) => absentIn(one, expr));
};

type Ungrouped = Omit<Side, "group">;

const groupsIn = (outer: Node, expr: string, counted: boolean): Ungrouped[][] => {
  const node = inside(outer);
  if (node.name === "VectorSelector") return [[sideOf(node, expr, counted)]];
  if (node.name === "MatrixSelector") return [[rangeSide(node, expr, counted)]];
  const call = callOf(node, expr);
  if (call !== undefined && /^absent/.test(call.name)) return [];
  const operation = operationOf(node);
  if (operation?.operator === "Unless") return groupsIn(operation.left, expr, counted);
  if (operation?.operator === "Or") return alternatives(operation, expr, counted);
  const isCounted = counted || (call !== undefined && /^(i?rate|increase)$/.test(call.name));
  return childrenOf(node).flatMap((one) => groupsIn(one, expr, isCounted));
};

/** Both sides of an `or` of conditions are needed; of an `or` of values one is enough. */
const alternatives = ({ left, right }: Operation, expr: string, counted: boolean): Ungrouped[][] => {
  if (isConstant(right, expr))
    return groupsIn(left, expr, counted).map((group) => group.map((side) => ({ ...side, optional: true })));
  const groups = [left, right].flatMap((side) => groupsIn(side, expr, counted));
  if (!compares(left) && !compares(right)) return [groups.flat()];
  return groups.map((group) => group.map((side) => ({ ...side, alternative: true })));
};

/** `vector(0)`, or a number. */
const isConstant = (outer: Node, expr: string): boolean => {
  const node = inside(outer);
  return callOf(node, expr)?.name === "vector" || isScalar(node, expr);
};

const compares = (node: Node): boolean => {
  let found = false;
  node.cursor().iterate(({ name }) => {
    if (/^(Gtr|Gte|Lss|Lte|Eql|Neq)$/.test(name)) found = true;
  });
  return found;
};

const rangeSide = (node: Node, expr: string, counted: boolean): Ungrouped => {
  const [selector = node, range] = childrenOf(node);
  return {
    ...sideOf(selector, expr, counted),
    ...(range?.name === "DurationExpr" && { range: textOf(range, expr) }),
  };
};

const sideOf = (node: Node, expr: string, counted: boolean): Ungrouped => {
  const matchers = matchersOf(node, expr);
  const named = child(node, "Identifier");
  const metric = named === undefined ? matchers.find(({ label }) => label === "__name__")?.value : undefined;
  return {
    counted,
    text: textOf(node, expr),
    metric: named ? textOf(named, expr) : (metric ?? ""),
    matchers,
  };
};

const matchersOf = (selector: Node, expr: string): Matcher[] => {
  const list = child(selector, "LabelMatchers");
  if (list === undefined) return [];
  return childrenOf(list).flatMap((one) => {
    const [label, op, value] = childrenOf(one);
    if (label === undefined || op === undefined || value === undefined) return [];
    return [
      { label: unquoted(textOf(label, expr)), op: textOf(op, expr), value: unquoted(textOf(value, expr)) },
    ];
  });
};

/** A selector in PromQL. Returns undefined where a label's name needs quotes. */
export const selectorText = ({ metric, matchers }: Pick<Side, "metric" | "matchers">): string | undefined => {
  const named = matchers.some(({ label }) => label === "__name__");
  if (matchers.some(({ label }) => !isLabelName(label))) return undefined;
  const list = matchers.map(({ label, op, value }) => `${label}${op}${quoted(value)}`).join(",");
  const name = named ? "" : metric;
  return list === "" ? name : `${name}{${list}}`;
};

/** A query that counts the series of a selector by the labels. */
export const countBy = (selector: string, labels: string[]): string =>
  `count by (${labels.filter(isLabelName).join(", ")}) (${selector})`;
