import type { Alert } from "../incident/model.ts";

/** One Alertmanager label matcher: `label="v"`, `label!="v"`, `label=~"re"` or `label!~"re"`, anchored as Prometheus anchors. */
export type Matcher = { label: string; matches: (value: string) => boolean };

const syntax =
  /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^"{},\s=~!][^"{},\s]*))\s*$/;

/** Undefined when the text is no matcher. */
export const parseMatcher = (text: string): Matcher | undefined => {
  const found = syntax.exec(text);
  if (found === null) return undefined;
  const [, label, operator, quoted, bare] = found;
  const value = quoted === undefined ? bare! : quoted.replace(/\\(.)/g, "$1");
  if (operator === "=") return { label: label!, matches: (actual) => actual === value };
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

/** The first service whose matchers all hold, and the environment the alert names. A label can only select among what is configured. */
export const select = <S extends Selector>(
  services: S[],
  alert: Pick<Alert, "labels">,
): Selected<S> | Unselected => {
  const service = services.find(({ match }) =>
    match.every(({ label, matches }) => matches(alert.labels[label] ?? "")),
  );
  if (service === undefined) return { left: "unknown_service" };
  const [only, ...others] = service.environments;
  const named = alert.labels[service.environmentLabel];
  if (named === undefined && only !== undefined && others.length === 0) return { service, environment: only };
  if (named === undefined || !service.environments.includes(named)) return { left: "unknown_environment" };
  return { service, environment: named };
};
