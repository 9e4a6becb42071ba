import { childrenOf, type Node, parsed } from "./tree.ts";

/** The result of an expression: series that carry the label where their data do, series without labels, or a number or text. */
type Kind = "labelled" | "bare" | "plain";
type Rewriting = { query: string; label: string; inserts: { at: number; text: string }[] };

/**
 * The same query with its series kept apart by `label`: aggregations keep it, and sides that are matched are matched by it too. A query
 * that keeps them apart already is returned unchanged. Undefined when that cannot be done with certainty.
 */
export const keptApart = (query: string, label: string): string | undefined => {
  const top = parsed(query);
  const rewriting: Rewriting = { query, label, inserts: [] };
  if (top === undefined || kindOf(top, rewriting) !== "labelled") return undefined;
  const { inserts } = rewriting;
  const rewritten = inserts
    .toSorted((a, b) => b.at - a.at)
    .reduce((text, insert) => text.slice(0, insert.at) + insert.text + text.slice(insert.at), query);
  return parsed(rewritten) === undefined ? undefined : rewritten;
};

const textOf = ({ query }: Rewriting, { from, to }: Node): string => query.slice(from, to);

const firstKind = (node: Node | undefined, rewriting: Rewriting): Kind | undefined =>
  node === undefined ? undefined : kindOf(node, rewriting);

/** Undefined where nothing is certain; then the inserts so far are of no use. */
const kindOf = (node: Node, rewriting: Rewriting): Kind | undefined => {
  const parts = childrenOf(node);
  switch (node.name) {
    case "VectorSelector":
      return "labelled";
    case "NumberDurationLiteral":
    case "StringLiteral":
      return "plain";
    case "ParenExpr":
    case "MatrixSelector":
    case "SubqueryExpr":
    case "OffsetExpr":
    case "StepInvariantExpr":
      return firstKind(parts[0], rewriting);
    case "UnaryExpr":
      return firstKind(parts[1], rewriting);
    case "AggregateExpr":
      return ofAggregation(parts, rewriting);
    case "FunctionCall":
      return ofCall(parts, rewriting);
    case "BinaryExpr":
      return ofOperation(parts, rewriting);
    default:
      return undefined;
  }
};

const aggregations = /^(sum|avg|min|max|count|group|stddev|stdvar|quantile)$/i;

const ofAggregation = (parts: Node[], rewriting: Rewriting): Kind | undefined => {
  const part = (name: string): Node | undefined => parts.find((one) => one.name === name);
  const [operator, body, modifier] = [
    part("AggregateOp"),
    part("FunctionCallBody"),
    part("AggregateModifier"),
  ];
  const over = body === undefined ? undefined : childrenOf(body).at(-1);
  if (over === undefined || operator === undefined || !aggregations.test(textOf(rewriting, operator)))
    return undefined;
  const kind = kindOf(over, rewriting);
  if (kind !== "labelled") return kind;
  if (modifier === undefined) {
    rewriting.inserts.push({ at: operator.to, text: ` by (${rewriting.label})` });
    return "labelled";
  }
  const [how, labels] = childrenOf(modifier);
  if (how === undefined || labels === undefined) return undefined;
  if (how.name === "By") keep(labels, rewriting);
  else if (names(labels, rewriting).includes(rewriting.label)) return undefined;
  return "labelled";
};

/** The labels of `(a, b)`. */
const names = (labels: Node, rewriting: Rewriting): string[] =>
  childrenOf(labels).map((one) => textOf(rewriting, one).replace(/^["'`]|["'`]$/g, ""));

const keep = (labels: Node, rewriting: Rewriting): void => {
  const known = names(labels, rewriting);
  if (known.includes(rewriting.label)) return;
  rewriting.inserts.push({
    at: labels.from + 1,
    text: `${rewriting.label}${known.length === 0 ? "" : ", "}`,
  });
};

/** Functions that leave the labels of the series they are given. */
const leaving = new RegExp(
  `^(${[
    "rate|irate|increase|delta|idelta|deriv|predict_linear|holt_winters|double_exponential_smoothing|resets|changes",
    "\\w+_over_time|abs|ceil|floor|round|clamp|clamp_min|clamp_max|exp|ln|log2|log10|sqrt|sgn|timestamp",
    "histogram_(quantile|avg|count|sum|fraction|stddev|stdvar)|sort|sort_desc|sort_by_label|sort_by_label_desc",
    "label_replace|label_join",
  ].join("|")})$`,
);
const numbers = /^(time|pi|scalar)$/;

const ofCall = ([called, body]: Node[], rewriting: Rewriting): Kind | undefined => {
  const name = called === undefined ? "" : textOf(rewriting, called);
  const given = body === undefined ? [] : childrenOf(body);
  if (numbers.test(name)) return "plain";
  if (name === "vector") return "bare";
  if (!leaving.test(name) || name === "absent_over_time") return undefined;
  const writes = name.startsWith("label_") && given[1] !== undefined ? textOf(rewriting, given[1]) : "";
  if (writes.slice(1, -1) === rewriting.label) return undefined;
  const kinds = given.map((one) => kindOf(one, rewriting));
  if (kinds.includes(undefined)) return undefined;
  return kinds.find((kind) => kind !== "plain") ?? "plain";
};

const ofOperation = (parts: Node[], rewriting: Rewriting): Kind | undefined => {
  const [left, { name: operator } = { name: "" }] = parts;
  const right = parts.at(-1);
  if (left === undefined || right === undefined) return undefined;
  const clause = parts.find((one) => one.name === "MatchingModifierClause");
  const matching = clause === undefined ? unmatched : matchingOf(clause);
  // The label comes from the one side already.
  if (matching.included !== undefined && names(matching.included, rewriting).includes(rewriting.label))
    return "labelled";
  const isCondition = operator === "And" || operator === "Unless";
  // A condition on a group holds for each of its versions.
  if (isCondition && matching.on !== undefined) return kindOf(left, rewriting);
  const kinds = [kindOf(left, rewriting), kindOf(right, rewriting)];
  if (kinds.includes(undefined)) return undefined;
  if (kinds[0] === kinds[1]) {
    if (kinds[0] !== "labelled") return kinds[0];
    if (matching.on !== undefined) keep(matching.on, rewriting);
    const ignored = matching.ignoring === undefined ? [] : names(matching.ignoring, rewriting);
    return ignored.includes(rewriting.label) ? undefined : "labelled";
  }
  if (kinds.includes("plain")) return kinds.find((kind) => kind !== "plain");
  // `sum(x) or vector(0)`: a side without the label tells nothing about versions.
  return operator === "Or" ? "labelled" : undefined;
};

type Matching = { on: Node | undefined; ignoring: Node | undefined; included: Node | undefined };
const unmatched: Matching = { on: undefined, ignoring: undefined, included: undefined };
const matchingOf = (clause: Node): Matching => {
  const parts = childrenOf(clause);
  const after = (...named: string[]): Node | undefined => {
    const index = parts.findIndex(({ name }) => named.includes(name));
    const next = parts[index + 1];
    return index >= 0 && next?.name === "GroupingLabels" ? next : undefined;
  };
  return { on: after("On"), ignoring: after("Ignoring"), included: after("GroupLeft", "GroupRight") };
};
