import { parser } from "@prometheus-io/lezer-promql";
import { durationMs } from "../../../shared/promql/lookback.ts";
import type { Matcher } from "./series.ts";

type Node = ReturnType<typeof parser.parse>["topNode"];
export type Selector = { kind: "selector"; matchers: Matcher[] };
export type Expr =
  | { kind: "number"; value: number }
  | Selector
  | { kind: "range"; selector: Selector; ms: number }
  | { kind: "call"; name: string; args: Expr[] }
  | { kind: "aggregate"; op: string; grouping?: { without: boolean; labels: string[] }; of: Expr }
  | {
      kind: "binary";
      op: string;
      bool: boolean;
      matching?: { on: boolean; labels: string[] };
      left: Expr;
      right: Expr;
    };

/** The part of PromQL that the demo's monitor understands. Throws on the rest with Prometheus' own kind of message. */
export const parsePromql = (query: string): Expr => {
  const top = parser.parse(query).topNode;
  const cursor = top.cursor();
  do if (cursor.type.isError) throw new Error(`1:${cursor.from + 1}: parse error: unexpected input`);
  while (cursor.next());
  return read(top.firstChild, (node) => query.slice(node.from, node.to));
};

type Text = (node: Node) => string;

const read = (node: Node | null, text: Text): Expr => {
  switch (node?.name) {
    case "ParenExpr":
      return read(expressions(node)[0] ?? null, text);
    case "NumberDurationLiteral":
      return { kind: "number", value: number(text(node)) };
    case "UnaryExpr":
      return {
        kind: "binary",
        op: "*",
        bool: false,
        left: { kind: "number", value: text(node).startsWith("-") ? -1 : 1 },
        right: read(node.lastChild, text),
      };
    case "VectorSelector":
      return selector(node, text);
    case "MatrixSelector":
      return {
        kind: "range",
        selector: selector(node.getChild("VectorSelector")!, text),
        ms: duration(text(node.getChild("DurationExpr")!)),
      };
    case "FunctionCall":
      return { kind: "call", name: text(node.getChild("FunctionIdentifier")!), args: args(node, text) };
    case "AggregateExpr":
      return aggregate(node, text);
    case "BinaryExpr":
      return binary(node, text);
    default:
      throw new Error(`parse error: ${node?.name ?? "an empty expression"} is not supported here`);
  }
};

const selector = (node: Node, text: Text): Selector => {
  const metric = node.getChild("Identifier");
  const matchers: Matcher[] = metric ? [{ name: "__name__", op: "=", value: text(metric) }] : [];
  for (const one of node.getChild("LabelMatchers")?.getChildren("UnquotedLabelMatcher") ?? []) {
    const op = text(one.getChild("MatchOp")!) as Matcher["op"];
    matchers.push({
      name: text(one.getChild("LabelName")!),
      op,
      value: unquote(text(one.getChild("StringLiteral")!)),
    });
  }
  if (matchers.length === 0)
    throw new Error("parse error: vector selector must contain at least one non-empty matcher");
  return { kind: "selector", matchers };
};

const aggregate = (node: Node, text: Text): Expr => {
  const modifier = node.getChild("AggregateModifier");
  const grouping = modifier && {
    without: modifier.getChild("Without") !== null,
    labels: labelsOf(modifier, text),
  };
  const of = args(node, text)[0];
  if (!of) throw new Error("parse error: wrong number of arguments for aggregate expression");
  return {
    kind: "aggregate",
    op: text(node.getChild("AggregateOp")!).toLowerCase(),
    of,
    ...(grouping && { grouping }),
  };
};

const modifiers = new Set(["BoolModifier", "MatchingModifierClause"]);

const binary = (node: Node, text: Text): Expr => {
  const [left, op, ...rest] = children(node);
  const clause = node.getChild("MatchingModifierClause");
  if (clause?.getChild("GroupLeft") || clause?.getChild("GroupRight"))
    throw new Error("parse error: grouping is not supported here");
  const bool = rest.some(({ name }) => name === "BoolModifier");
  const right = rest.find(({ name }) => !modifiers.has(name)) ?? null;
  const matching = clause && { on: clause.getChild("On") !== null, labels: labelsOf(clause, text) };
  return {
    kind: "binary",
    op: text(op!).toLowerCase(),
    bool,
    left: read(left!, text),
    right: read(right, text),
    ...(matching && { matching }),
  };
};

const labelsOf = (node: Node, text: Text): string[] =>
  node.getChild("GroupingLabels")?.getChildren("LabelName").map(text) ?? [];

const args = (node: Node, text: Text): Expr[] => {
  const body = node.getChild("FunctionCallBody");
  return body ? expressions(body).map((one) => read(one, text)) : [];
};

const children = (node: Node): Node[] => {
  const found: Node[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child);
  return found;
};

/** Children without punctuation, which the grammar names too. */
const expressions = (node: Node): Node[] => children(node).filter(({ name }) => /^[A-Z]/.test(name));

const number = (literal: string): number =>
  /[a-z]$/i.test(literal) && !/inf|nan/i.test(literal)
    ? duration(literal) / 1000
    : Number(literal.replace(/inf$/i, "Infinity"));

/** "1h30m" in milliseconds. Throws what Prometheus answers to another text. */
export const duration = (literal: string): number => {
  if (!/\d(ms|[smhdwy])/.test(literal))
    throw new Error(`parse error: not a valid duration string: ${JSON.stringify(literal)}`);
  return durationMs(literal);
};

const unquote = (literal: string): string => {
  const body = literal.slice(1, -1);
  return literal.startsWith("`")
    ? body
    : body.replace(/\\(.)/g, (_, escaped: string) => ({ n: "\n", t: "\t" })[escaped] ?? escaped);
};
