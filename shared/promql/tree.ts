import { parser } from "@prometheus-io/lezer-promql";

export type Node = ReturnType<typeof parser.parse>["topNode"];

/** Longer or deeper than any rule that people write. The readers of a tree visit its nodes again and again. */
const most = { length: 10_000, depth: 100 };
/** It ends at the first error: looking for a tree all the same takes seconds for some texts. */
const strict = parser.configure({ strict: true });
/** The grammar looks names up in a plain object, in lower case, and takes these for keywords. A name as long stands in for each. */
const inherited = Object.getOwnPropertyNames(Object.prototype).filter((name) => name === name.toLowerCase());
const inheritedNames = new RegExp(inherited.join("|"), "gi");

/** Trees of the expressions that were read last: each look at an incident reads its rule's several times. */
const latest = new Map<string, Node | undefined>();
const kept = 100;

/** The outermost node of an expression; undefined when it cannot be parsed, or is too long or too deep to be understood. */
export const parsed = (expr: string): Node | undefined => {
  if (expr.length > most.length) return undefined;
  const node = latest.has(expr) ? latest.get(expr) : parse(expr);
  latest.delete(expr);
  latest.set(expr, node);
  const [oldest] = latest.keys();
  if (latest.size > kept && oldest !== undefined) latest.delete(oldest);
  return node;
};

const parse = (expr: string): Node | undefined => {
  try {
    const { topNode } = strict.parse(expr.replace(inheritedNames, (name) => "x".repeat(name.length)));
    return isDeep(topNode) ? undefined : childrenOf(topNode)[0];
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/** The offset at which an expression that cannot be parsed stops to be one. */
export const faultAt = (expr: string): number | undefined => {
  try {
    strict.parse(expr);
    return undefined;
  } catch (error) {
    const [, at] = / at (\d+)/.exec(String(error)) ?? [];
    return at === undefined ? undefined : Number(at);
  }
};

const isDeep = (top: Node): boolean => {
  let [depth, deepest] = [0, 0];
  top.cursor().iterate(
    () => {
      depth += 1;
      deepest = Math.max(deepest, depth);
    },
    () => {
      depth -= 1;
    },
  );
  return deepest > most.depth;
};

export const childrenOf = (node: Node): Node[] => {
  const children: Node[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling)
    if (child.name !== "LineComment") children.push(child);
  return children;
};

export const textOf = (node: Node, expr: string): string => expr.slice(node.from, node.to);

/** The expression inside any parentheses. */
export const inside = (node: Node): Node => {
  const [only] = node.name === "ParenExpr" ? childrenOf(node) : [];
  return only === undefined ? node : inside(only);
};

export const child = (node: Node, name: string): Node | undefined =>
  childrenOf(node).find((one) => one.name === name);

/** The name and the arguments of a function call; undefined for any other node. */
export const callOf = (node: Node, expr: string): { name: string; given: Node[] } | undefined => {
  if (node.name !== "FunctionCall") return undefined;
  const [called, body] = childrenOf(node);
  if (called === undefined) return undefined;
  return { name: textOf(called, expr), given: body === undefined ? [] : childrenOf(body) };
};

/** The operator and the arguments of an aggregation such as `max by (a) (b)`; undefined for any other node. */
export const aggregateOf = (node: Node, expr: string): { name: string; given: Node[] } | undefined => {
  if (node.name !== "AggregateExpr") return undefined;
  const [operator, body] = [child(node, "AggregateOp"), child(node, "FunctionCallBody")];
  if (operator === undefined || body === undefined) return undefined;
  return { name: textOf(operator, expr), given: childrenOf(body) };
};

export type Operation = { left: Node; operator: string; right: Node; isPlain: boolean };

/** The sides of a binary operation. `isPlain`: the operation has no `on`, `ignoring` or `bool`. */
export const operationOf = (node: Node): Operation | undefined => {
  if (node.name !== "BinaryExpr") return undefined;
  const parts = childrenOf(node);
  const [left, operator] = parts;
  const right = parts.at(-1);
  if (left === undefined || operator === undefined || right === undefined) return undefined;
  return { left, operator: operator.name, right, isPlain: parts.length === 3 };
};

export const comparisons: ReadonlySet<string> = new Set(["Gtr", "Gte", "Lss", "Lte", "Eql", "Neq"]);

/** Whether the expression is a number, or a function that returns one. */
export const isScalar = (outer: Node, expr: string): boolean => {
  const node = inside(outer);
  if (node.name === "NumberDurationLiteral") return true;
  if (node.name === "UnaryExpr")
    return childrenOf(node)
      .slice(1)
      .every((one) => isScalar(one, expr));
  const call = callOf(node, expr);
  if (call !== undefined) return /^(scalar|time|pi)$/.test(call.name);
  const operation = operationOf(node);
  return operation !== undefined && isScalar(operation.left, expr) && isScalar(operation.right, expr);
};
