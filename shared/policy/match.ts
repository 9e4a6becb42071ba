import type { Alert } from "../incident/model.ts";

/** One Alertmanager label matcher: `label="v"`, `label!="v"`, `label=~"re"` or `label!~"re"`, anchored as Prometheus anchors. */
export type Matcher = {
  label: string;
  matches: (value: string) => boolean;
  /** The one value it holds for, of a plain `=`. */
  equals?: string;
};

const syntax =
  /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^"{},\s=~!][^"{},\s]*))\s*$/;

/** Undefined when the text is no matcher. */
export const parseMatcher = (text: string): Matcher | undefined => {
  const found = syntax.exec(text);
  if (found === null) return undefined;
  const [, label, operator, quoted, bare] = found;
  const value = quoted === undefined ? bare! : quoted.replace(/\\(.)/g, "$1");
  if (operator === "=") return { label: label!, matches: (actual) => actual === value, equals: value };
  if (operator === "!=") return { label: label!, matches: (actual) => actual !== value };
  const pattern = anchored(quoted ?? bare!);
  if (pattern === undefined) return undefined;
  return { label: label!, matches: (actual) => pattern.test(actual) === (operator === "=~") };
};

const anchored = (pattern: string): RegExp | undefined => {
  try {
    return new RegExp(`^(?:${pattern})$`, "s");
  } catch {
    return undefined;
  }
};

/** A service as far as alerts select it. */
export type Selector = { match: Matcher[]; environments: string[]; environmentLabel: string };
export type Selected<S> = { service: S; environment: string };
export type Unselected = { left: "unknown_service" | "unknown_environment" };

/**
 * Tells of each alert the first service whose matchers all hold, and the environment the alert names. A label can only select among
 * what is configured. Services are found by one label they equal, so that an alert is not held against every one of them.
 */
export const selector = <S extends Selector>(
  services: S[],
): ((alert: Pick<Alert, "labels">) => Selected<S> | Unselected) => {
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
      services[place]!.match.every(({ label, matches }) => matches(labels[label] ?? ""));
    let first = others.find(holds) ?? services.length;
    for (const [label, byValue] of byLabel) {
      const found = byValue.get(labels[label] ?? "")?.find(holds);
      if (found !== undefined && found < first) first = found;
    }
    const service = services[first];
    return service === undefined ? { left: "unknown_service" } : inEnvironment(service, labels);
  };
};

const inEnvironment = <S extends Selector>(service: S, labels: Alert["labels"]): Selected<S> | Unselected => {
  const [only, ...others] = service.environments;
  const named = labels[service.environmentLabel];
  if (named === undefined && only !== undefined && others.length === 0) return { service, environment: only };
  if (named === undefined || !service.environments.includes(named)) return { left: "unknown_environment" };
  return { service, environment: named };
};
