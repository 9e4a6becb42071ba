import type { Commit } from "../../ports/history.ts";
import type { Evidence } from "../model.ts";
import { words } from "../ranking/tokens.ts";
import { evidenceOfLinks, generic, ordinary, readTerms, termLinks } from "./shared-terms.ts";

/** Words that occur in the names of all kinds of metrics. */
const units = new Set(
  words(
    `http grpc request requests response duration second seconds millisecond ms latency p50 p90 p95 p99 ratio rate total count sum bucket
    bytes avg average max min quantile per minute minutes used usage current size number failed failures operations container kube pod
    status errors error`,
  ),
);
const maxMetrics = 10;
/** A metric's name says what the trouble is about, as the alert and the log do: it counts less beside them. */
const again = 0.85;

/** Links each commit to the names of the metrics that moved. `said`: the names of the service and of the alerts, which tell nothing new. */
export const metricLinks = (
  commits: Commit[],
  shifts: { metric: string; load: boolean }[],
  said: string,
): Map<string, Evidence> => {
  const names = [...new Set(shifts.filter(({ load }) => !load).map(({ metric }) => metric))].slice(
    0,
    maxMetrics,
  );
  const own = new Set(words(said));
  const sought = [...new Set(words(names.join("\n")))].filter(
    (word) => !own.has(word) && word.length > 2 && !units.has(word) && !generic.has(word),
  );
  if (sought.length === 0) return new Map();
  const texts = commits.map((commit) => readTerms(commit));
  const links = sought.flatMap((word) =>
    termLinks(texts, word, { part: false, wordWeight: ordinary * again }),
  );
  return evidenceOfLinks(links, { subject: "the metrics that moved", words: "about" });
};
