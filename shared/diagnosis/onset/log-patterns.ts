import type { Case, LogLine } from "../model.ts";

/** A kind of line that was not in the log before the onset. */
export type Pattern = {
  service: string;
  text: string;
  at: number;
  count: number;
  level: string;
  trace: string;
  /** The line's other fields, as `name=value`. */
  fields?: string;
};

const maxLines = 20_000;
const maxPatterns = 30;
/** Lines count as new from a little before the onset: alerts wait, and metrics are sampled. */
const markers =
  /\(?\b(?:request|req|trace|span|correlation)[_-]?id[=:]\s*[\w-]+\)?|\[[\w.:#/-]{1,40}\]|\b\d{4}-\d\d-\d\d[T ][\d:.,]+Z?/gi;
const shape = (text: string): string =>
  text
    .slice(0, 300)
    .replace(markers, " ")
    .replace(/\b[0-9a-f]{8,}(-[0-9a-f]{4,}){0,4}\b/gi, "*")
    .replace(/\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{5,7}\b/gi, "*")
    .replace(/\d+/g, "#")
    .replace(/(?<![\w.])\/[\w./-]+/g, "/*")
    .replace(/"[^"]{20,}"/g, '"…"')
    .replace(/\s+/g, " ")
    .trim();
const errorLevel = /^(error|err|fatal|critical|panic|warn|warning|severe)/i;

/** Patterns of lines that appear only from `since` on, the gravest and earliest first. */
export const newPatterns = (logs: LogLine[], since: number): Pattern[] => {
  const lines = logs.length > maxLines ? logs.toSorted((a, b) => a.at - b.at).slice(-maxLines) : logs;
  const usual = lines.filter(({ at }) => at < since);
  const before = new Set(usual.map(({ service, text }) => `${service} ${shape(text)}`));
  const machines = machinesOf(usual);
  const found = new Map<string, Pattern>();
  for (const { service, text, at, level, trace, fields: all } of lines) {
    const fields = all
      ?.split(" ")
      .filter((field) => !machines.has(field))
      .join(" ");
    const key = `${service} ${shape(text)}`;
    if (at < since || before.has(key)) continue;
    const pattern = found.get(key);
    found.set(key, {
      service,
      text: pattern === undefined ? text.slice(0, 1000) : common(pattern, text),
      at: Math.min(at, pattern?.at ?? at),
      count: (pattern?.count ?? 0) + 1,
      level,
      ...commonFields(pattern, fields),
      trace: pattern?.trace || (trace ?? "").slice(0, 4000),
    });
  }
  const score = ({ level }: Pattern): number => (errorLevel.test(level) ? 0 : 1);
  return [...found.values()]
    .sort((a, b) => score(a) - score(b) || a.at - b.at || (a.text < b.text ? -1 : 1))
    .slice(0, maxPatterns);
};
/** The machines that wrote lines before the trouble, as `host=…`: a host that is new there is one that was called. */
const machinesOf = (usual: LogLine[]): Set<string> =>
  new Set(
    usual.flatMap(({ fields = "" }) => fields.split(" ").filter((field) => /^host(name)?=/i.test(field))),
  );

/** The fields that every line of a kind has with the same value. */
const commonFields = (pattern: Pattern | undefined, fields = ""): Pick<Pattern, "fields"> => {
  if (pattern === undefined) return fields === "" ? {} : { fields };
  const now = new Set(fields.split(" "));
  const left = (pattern.fields ?? "").split(" ").filter((field) => now.has(field));
  return left.length === 0 ? {} : { fields: left.join(" ") };
};

/** Lines read word by word for what they have in common; more of a kind tell no more. */
const compared = 20;
/** The words that all lines of a kind share: a path or name that varies is not the failing part. */
const common = ({ text, count }: Pattern, other: string): string => {
  if (text === other || count > compared) return text;
  const words = new Set(other.slice(0, 1000).split(/\s+/));
  return text
    .split(/\s+/)
    .filter((word) => words.has(word))
    .join(" ");
};

/** The patterns that came often enough, or with a stack trace, to be the trouble itself and not the usual noise of a log. */
export const frequentErrors = (patterns: Pattern[]): Pattern[] => {
  const found = patterns.filter(isErrorLevel);
  const most = found.reduce((top, { count }) => Math.max(top, count), 0);
  return found.filter(({ count, trace }) => trace !== "" || count * frequencyFactor >= most);
};
const frequencyFactor = 4;
export const isErrorLevel = ({ level }: { level: string }): boolean => errorLevel.test(level);

/** Services of the system other than the one that alerts. */
export const othersOf = ({ service, dependsOn = [], deploys }: Case): string[] =>
  [...new Set([...dependsOn, ...deploys.map((deploy) => deploy.service)])].filter(
    (other) => other !== service,
  );

/** The services whose own trouble a line of `service` may tell. Another service that cannot reach the alerting one is its victim. */
export const knownTo = (service: string, given: Case): string[] => {
  const others = othersOf(given);
  return service === given.service ? others : [...others, given.service];
};
