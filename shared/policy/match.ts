import { RE2JS } from "re2js";
import type { Alert } from "../incident/model.ts";
import { ownValue } from "../records.ts";

/** One Alertmanager label matcher: `label="v"`, `label!="v"`, `label=~"re"` or `label!~"re"`, anchored as Prometheus anchors. */
export type Matcher = {
  label: string;
  matches: (value: string) => boolean;
  /** The one value it holds for, of a plain `=`. */
  equals?: string;
};

/** Alertmanager's UTF-8 syntax: a name or a value with other characters stands in double quotes. */
const quoted = String.raw`"((?:[^"\\]|\\.)*)"`;
const bareName = "([a-zA-Z_][a-zA-Z0-9_]*)";
const bareValue = String.raw`([^"{},\s=~!][^"{},\s]*)`;
const syntax = new RegExp(
  String.raw`^\s*(?:${bareName}|${quoted})\s*(=~|!~|!=|=)\s*(?:${quoted}|${bareValue})\s*$`,
);

/** Undefined when the text is not a matcher. Expressions are RE2's, as in Alertmanager: linear in the length of the value. */
export const parseMatcher = (text: string): Matcher | undefined => {
  const [, name, quotedName, operator, quotedValue, bare = ""] = syntax.exec(text) ?? [];
  const label = name ?? unescaped(quotedName ?? "");
  if (operator === undefined || label === "") return undefined;
  const value = quotedValue === undefined ? bare : unescaped(quotedValue);
  if (operator === "=") return { label, matches: (actual) => actual === value, equals: value };
  if (operator === "!=") return { label, matches: (actual) => actual !== value };
  const pattern = compiled(value);
  if (pattern === undefined) return undefined;
  return { label, matches: (actual) => pattern.testExact(actual) === (operator === "=~") };
};

/** The sentence about a text that is not a matcher. */
export const matcherProblem = (text: string): string => {
  const usual = `an Alertmanager matcher such as service="checkout" or team=~"a|b", not ${JSON.stringify(text)}`;
  if (/^\s*\{|",/.test(text)) return `${usual}: write each matcher as an entry of its own, without braces`;
  if (text.includes("==")) return `${usual}: one = compares`;
  const meant = meantBy(text);
  if (meant !== undefined) return `${usual}: write ${meant}`;
  const [, , , , quotedValue, bare = ""] = syntax.exec(text) ?? [];
  const pattern = quotedValue === undefined ? bare : unescaped(quotedValue);
  const fault = pattern === "" ? undefined : faultOf(pattern);
  return fault === undefined
    ? usual
    : `${JSON.stringify(pattern)} is not an expression that RE2 reads (${fault}): ${mending(fault)}`;
};

/** A matcher with a colon, spaces without quotes, or a dash in its label, written rightly. */
const meantBy = (text: string): string | undefined => {
  const [, label, operator = "", value = ""] = /^\s*([\w.-]+)\s*(=~|!~|!=|=|:)\s*(.+?)\s*$/.exec(text) ?? [];
  if (label === undefined || syntax.test(text)) return undefined;
  const sign = operator === ":" ? "=" : operator;
  const quotedValue = `"${value.replace(/^(["'])(.*)\1$/, "$2").replaceAll('"', "")}"`;
  if (/^[a-zA-Z_]\w*$/.test(label)) return `${label}${sign}${quotedValue}`;
  return `${label.replaceAll(/[.-]/g, "_")}${sign}${quotedValue}, or "${label}" in quotes where the label has that very name`;
};

/** Tells how a fault is mended, which RE2 names in its own words. */
const mending = (fault: string): string => {
  if (/\(\?[=!<]/.test(fault)) return "RE2 looks neither ahead nor behind, so write a second matcher with !~";
  if (/repetition/.test(fault))
    return "any characters are .* there, and a * alone repeats what stands before it";
  if (/missing closing|unexpected \)/.test(fault))
    return "close the bracket, or write a backslash before one that is meant as it is";
  return "a backslash goes before a character that is meant as it is";
};

const faultOf = (pattern: string): string | undefined => {
  try {
    RE2JS.compile(pattern, RE2JS.DOTALL);
    return undefined;
  } catch (error) {
    return error instanceof Error
      ? error.message.replace(/^error parsing regexp: /, "").replace("(?s)", "")
      : "";
  }
};

/** Alertmanager knows three escapes, and leaves every other backslash to the expression. */
const unescaped = (text: string): string =>
  text.replace(/\\([\\"n])/g, (_, character: string) => (character === "n" ? "\n" : character));

const compiled = (pattern: string): RE2JS | undefined =>
  faultOf(pattern) === undefined ? RE2JS.compile(pattern, RE2JS.DOTALL) : undefined;

/** A service as far as alerts select it. */
export type Selector = { match: Matcher[]; environments: string[]; environmentLabel: string };
type Selected<S> = { service: S; environment: string };
type Unselected<S> = { left: "unknown_service" } | { left: "unknown_environment"; service: S };

/**
 * Tells of each alert the first service whose matchers all hold, and the environment the alert names. A label can only select among
 * what is configured. Services are found by one label they equal, so that an alert is not held against every one of them.
 */
export const selector = <S extends Selector>(
  services: S[],
): ((alert: Pick<Alert, "labels">) => Selected<S> | Unselected<S>) => {
  const byLabel = new Map<string, Map<string, number[]>>();
  const others: number[] = [];
  for (const [place, { match }] of services.entries()) {
    const plain = match.find(({ equals }) => equals !== undefined && equals !== "");
    if (plain?.equals === undefined) {
      others.push(place);
      continue;
    }
    const byValue = byLabel.get(plain.label) ?? new Map<string, number[]>();
    byLabel.set(plain.label, byValue);
    byValue.set(plain.equals, [...(byValue.get(plain.equals) ?? []), place]);
  }
  return ({ labels }) => {
    const holds = (place: number): boolean =>
      services[place]!.match.every(({ label, matches }) => matches(ownValue(labels, label) ?? ""));
    let first = others.find(holds) ?? services.length;
    for (const [label, byValue] of byLabel) {
      const found = byValue.get(ownValue(labels, label) ?? "")?.find(holds);
      if (found !== undefined && found < first) first = found;
    }
    const service = services[first];
    return service === undefined ? { left: "unknown_service" } : inEnvironment(service, labels);
  };
};

const inEnvironment = <S extends Selector>(
  service: S,
  labels: Alert["labels"],
): Selected<S> | Unselected<S> => {
  const [only, ...others] = service.environments;
  const named = ownValue(labels, service.environmentLabel);
  if (named === undefined && only !== undefined && others.length === 0) return { service, environment: only };
  if (named === undefined || !service.environments.includes(named))
    return { left: "unknown_environment", service };
  return { service, environment: named };
};
