import { RE2JS } from "re2js";
import { nearest } from "../../../shared/policy/nearest.ts";
import {
  aggregateOf,
  callOf,
  childrenOf,
  faultAt,
  inside,
  type Node,
  parsed,
} from "../../../shared/promql/tree.ts";

/** The fault of a query. A broken one can never work; the rest may be right for another server than Prometheus. */
export type Fault = { message: string; isBroken: boolean };

/** The fault of a query of PromQL; undefined where none is seen. */
export const faultOfPromql = (text: string): Fault | undefined => {
  const open = unclosed(text);
  if (open !== undefined) return { message: `is not a query: ${open}`, isBroken: true };
  const tree = parsed(text);
  if (tree === undefined) return { message: unparsed(text), isBroken: false };
  const message = rangeFault(tree, text) ?? templateIn(text);
  return message === undefined ? undefined : { message, isBroken: false };
};

const unparsed = (text: string): string => {
  const [variable] = /\$(__\w+|\{\w+\}|\w+)/.exec(text) ?? [];
  if (variable !== undefined)
    return `is not a query: ${variable} is a variable of Grafana, which nobody fills in here; write its value, such as [5m]`;
  const at = faultAt(text);
  const rest = at === undefined ? "" : text.slice(at).trim();
  const place = at === undefined ? "" : rest === "" ? " at its end" : ` from “${rest.slice(0, 30)}” on`;
  return `is not a query of PromQL as this program reads it${place}: ask your Prometheus whether it is right (it may be MetricsQL)`;
};

/** A template inside a value of a label is valid PromQL that selects nothing. */
const templateIn = (text: string): string | undefined => {
  const [template] = /\{\{.*?\}\}/.exec(text) ?? [];
  return (
    template &&
    `${template} is not filled in here, so no series has it: write the value, or {name} in an entry with each`
  );
};

/** Functions of a range such as x[5m], after https://prometheus.io/docs/prometheus/latest/querying/functions/. */
const ofRange =
  /^(i?rate|increase|i?delta|deriv|changes|resets|predict_linear|double_exponential_smoothing|holt_winters|\w+_over_time)$/i;
const ranges = ["MatrixSelector", "SubqueryExpr"];
const shifted = ["OffsetExpr", "StepInvariantExpr"];
const isRange = (node: Node): boolean => {
  const bare = inside(node);
  const [of] = shifted.includes(bare.name) ? childrenOf(bare) : [];
  return of === undefined ? ranges.includes(bare.name) : isRange(of);
};

/** A range where Prometheus takes none, or none where it needs one. */
const rangeFault = (node: Node, text: string): string | undefined => {
  const call = callOf(node, text);
  const given = call?.given ?? aggregateOf(node, text)?.given ?? childrenOf(node);
  if (call !== undefined && ofRange.test(call.name)) {
    if (!given.some(isRange)) return `${call.name} reads a range: write ${call.name}(…[5m])`;
  } else if (given.some(isRange) && !["ParenExpr", ...shifted, ...ranges].includes(node.name))
    return "a range such as x[5m] stands only in a function such as rate(x[5m])";
  return given.map((one) => rangeFault(one, text)).find((fault) => fault !== undefined);
};

const label = String.raw`[a-zA-Z_]\w*\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|`;
const selector = new RegExp(`^\\s*\\{\\s*${label}\`[^\`]*\`)\\s*(,\\s*${label}\`[^\`]*\`)\\s*)*,?\\s*\\}`);
const filter = /[|!]~\s*(?:"((?:[^"\\]|\\.)*)"|`([^`]*)`)/g;

/** The fault of a query of Loki. */
export const faultOfLogql = (text: string): Fault | undefined => {
  const message =
    unclosed(text) ?? (selector.test(text) ? brokenFilter(text) : `${selectorFault(text)}{app="checkout"}`);
  if (message !== undefined) return { message: `is not a query of Loki: ${message}`, isBroken: true };
  const stage = unknownStage(text);
  return stage === undefined ? undefined : { message: stage, isBroken: false };
};

const selectorFault = (text: string): string => {
  if (/^\s*[a-z_]+\s*(by|without)?\s*\(/.test(text))
    return "lines are read and not a metric, so leave the function around it and its range out: it begins with a selector such as ";
  if (/^\s*\{\s*\}/.test(text))
    return "it selects by nothing, and at least one label must be named, such as ";
  if (/[=~]\s*[^"`\s=~]/.test(text.split("}")[0] ?? ""))
    return "a value stands without quotes: it begins with a selector such as ";
  return "it begins with a selector such as ";
};

/** After https://grafana.com/docs/loki/latest/query/log_queries/. */
const stages = [
  ...["json", "logfmt", "pattern", "regexp", "unpack", "decolorize", "line_format", "label_format"],
  ...["drop", "keep", "unwrap", "distinct"],
];

/** A word after a bar that is neither a stage nor compared with a value. */
const unknownStage = (text: string): string | undefined => {
  const bare = text.replaceAll(/"(?:[^"\\]|\\.)*"|`[^`]*`|#.*/g, '""');
  const [, word] =
    [...bare.matchAll(/\|\s*([A-Za-z_]\w*)\s*(?=$|\||[^\s=!<>|~(,A-Za-z_])/g)].find(
      ([, one = ""]) => !stages.includes(one),
    ) ?? [];
  if (word === undefined) return undefined;
  const near = nearest(word, stages);
  return `${word} is not a stage of Loki's queries as this program knows them${near === undefined ? `: they are ${stages.join(", ")}` : `: did you mean ${near}?`}`;
};

/** The fault of a query of Tempo. */
export const faultOfTraceql = (text: string): Fault | undefined => {
  const message =
    unclosed(text) ??
    (/^\s*[({]/.test(text)
      ? undefined
      : 'it begins with a selector such as { resource.service.name = "checkout" && status = error }');
  return message === undefined
    ? undefined
    : { message: `is not a query of Tempo: ${message}`, isBroken: true };
};

/** The first expression of a line filter that RE2 does not read. */
const brokenFilter = (text: string): string | undefined =>
  [...text.matchAll(filter)]
    .map(([, quoted, bare = ""]) => quoted?.replace(/\\(["\\])/g, "$1") ?? bare)
    .map(fault)
    .find((message) => message !== undefined);

const fault = (pattern: string): string | undefined => {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^error parsing regexp: /, "") : "";
    return `${JSON.stringify(pattern)} is not an expression that RE2 reads (${why})`;
  }
};

const closing: Record<string, string> = { "(": ")", "[": "]", "{": "}" };

/** The bracket or quote that has no partner, whatever the language of the query. */
const unclosed = (text: string): string | undefined => {
  const open: string[] = [];
  const withoutTexts = text.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|#.*/g, "");
  for (const character of withoutTexts) {
    if (/["'`]/.test(character)) return `a ${character} is not closed: write it at the end of the text, too`;
    if (character in closing) open.push(character);
    else if (Object.values(closing).includes(character)) {
      const last = open.pop();
      if (last === undefined) return `a ${character} closes nothing: leave it out, or write what it closes`;
      if (closing[last] !== character)
        return `a ${character} stands where a ${closing[last]} must close the ${last} before it`;
    }
  }
  const last = open.pop();
  return last === undefined
    ? undefined
    : `a ${last} is not closed: write the ${closing[last]} that closes it`;
};
