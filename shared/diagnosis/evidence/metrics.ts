import type { Commit } from "../../ports.ts";
import type { Evidence } from "../case.ts";
import { words } from "../tokens.ts";
import { generic, type Link, ordinary, read, toEvidence, weights } from "./sharing.ts";

/** What names of metrics say of any metric. */
const units = new Set(
  words(
    `http grpc request requests response duration second seconds millisecond ms latency p50 p90 p95 p99 ratio rate total count sum bucket
    bytes avg average max min quantile per minute minutes used usage current size number failed failures operations container kube pod
    status errors error`,
  ),
);
const maxMetrics = 10;

/** What each commit shares with the names of the metrics that moved. */
export const metricLinks = (
  commits: Commit[],
  shifts: { metric: string; load: boolean }[],
  service: string,
): Map<string, Evidence> => {
  const names = [...new Set(shifts.filter(({ load }) => !load).map(({ metric }) => metric))].slice(
    0,
    maxMetrics,
  );
  const own = new Set(words(service));
  const sought = [...new Set(words(names.join("\n")))].filter(
    (word) => !own.has(word) && word.length > 2 && !units.has(word) && !generic.has(word),
  );
  if (sought.length === 0) return new Map();
  const texts = commits.map((commit) => read(commit));
  const links = new Map<string, Link[]>();
  for (const word of sought) {
    const holders = texts.filter(({ all }) => all.has(word));
    const rarity = Math.log(20 / holders.length);
    if (holders.length === 0 || rarity <= 0) continue;
    for (const text of holders) {
      const where = text.lines.has(word) ? "lines" : text.path.has(word) ? "path" : "message";
      const weight = rarity * ordinary * weights[where];
      links.set(text.sha, [...(links.get(text.sha) ?? []), { word, where, weight }]);
    }
  }
  return new Map([...links].map(([sha, found]) => [sha, toEvidence(found, "the metrics that moved")]));
};
