import { RE2JS } from "re2js";
import { aggregateOf, callOf, childrenOf, inside, type Node, parsed } from "../../../shared/promql/tree.ts";

/** The fault of a query. A broken one can never work; the rest may be right for another server than Prometheus. */
export type Fault = { message: string; isBroken: boolean };

/** The fault of a query of PromQL; undefined where none is seen. */
export const faultOfPromql = (text: string): Fault | undefined => {
  const open = unclosed(text);
  if (open !== undefined) return { message: `is not a query: ${open}`, isBroken: true };
  const tree = parsed(text);
  if (tree === undefined)
    return {
      message:
        "is not a query of PromQL as this program reads it: ask your Prometheus whether it is right (it may be MetricsQL)",
      isBroken: false,
    };
  const message = rangeFault(tree, text);
  return message === undefined ? undefined : { message, isBroken: false };
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
    unclosed(text) ??
    (selector.test(text) ? brokenFilter(text) : 'it begins with a selector such as {app="checkout"}');
  return message === undefined
    ? undefined
    : { message: `is not a query of Loki: ${message}`, isBroken: true };
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
    if (/["'`]/.test(character)) return `a ${character} is not closed`;
    if (character in closing) open.push(character);
    else if (Object.values(closing).includes(character)) {
      const last = open.pop();
      if (last === undefined || closing[last] !== character) return `a ${character} closes nothing`;
    }
  }
  const last = open.pop();
  return last === undefined ? undefined : `a ${last} is not closed`;
};
