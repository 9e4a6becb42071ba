import type { Case, LogLine } from "../case.ts";

/** A kind of line that was not in the log before the onset. */
export type Pattern = {
  service: string;
  text: string;
  at: number;
  count: number;
  level: string;
  trace: string;
};

const maxLines = 20_000;
const maxPatterns = 30;
/** Lines count as new from a little before the onset: alerts wait, and metrics are sampled. */
const shape = (text: string): string =>
  text
    .slice(0, 300)
    .replace(/\b[0-9a-f]{8,}(-[0-9a-f]{4,}){0,4}\b/gi, "*")
    .replace(/\d+/g, "#")
    .replace(/"[^"]{20,}"/g, '"…"');
const grave = /^(error|err|fatal|critical|panic|warn|warning|severe)/i;

/** Patterns of lines that appear only from `since` on, the gravest and earliest first. */
export const newPatterns = (logs: LogLine[], since: number): Pattern[] => {
  const lines = logs.length > maxLines ? logs.toSorted((a, b) => a.at - b.at).slice(-maxLines) : logs;
  const before = new Set(
    lines.filter(({ at }) => at < since).map(({ service, text }) => `${service} ${shape(text)}`),
  );
  const found = new Map<string, Pattern>();
  for (const { service, text, at, level, trace } of lines) {
    const key = `${service} ${shape(text)}`;
    if (at < since || before.has(key)) continue;
    const known = found.get(key);
    found.set(key, {
      service,
      text: known?.text ?? text.slice(0, 1000),
      at: Math.min(at, known?.at ?? at),
      count: (known?.count ?? 0) + 1,
      level,
      trace: known?.trace || (trace ?? "").slice(0, 4000),
    });
  }
  const score = ({ level }: Pattern): number => (grave.test(level) ? 0 : 1);
  return [...found.values()]
    .sort((a, b) => score(a) - score(b) || a.at - b.at || (a.text < b.text ? -1 : 1))
    .slice(0, maxPatterns);
};
export const isGrave = ({ level }: { level: string }): boolean => grave.test(level);

/** Services of the system other than the one that alerts. */
export const othersOf = ({ service, dependsOn = [], deploys }: Case): string[] =>
  [...new Set([...dependsOn, ...deploys.map((deploy) => deploy.service)])].filter((one) => one !== service);
