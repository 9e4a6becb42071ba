import { type Case, isMeasured, locationLabels } from "./model.ts";
import { words } from "./ranking/tokens.ts";

/** Words that alerting rules are made of, whatever they watch. */
const everyAlert = `high low above below ratio minutes seconds last production prod staging service services alertname severity labels
  annotations summary description runbook dashboard firing resolved value namespace cluster environment request requests page critical info`;

/** Words of the rules that most teams have, and of their units. An account that a person wrote of trouble may mean them. */
const everyRule = `error errors rate rates latency latencies percent percentage percentile quantile p50 p90 p95 p99 5xx 4xx threshold
  thresholds exceeded exceeds more than less greater elevated increased degraded usual normal job instance target budget burn slo sli alert
  alerts response responses http status code ms average avg max min count total number current for over within longer than minute second`;

/** At least so many sibling rules must be known, and so large a part of them must hold a word, for it to belong to their template. */
const shared = { least: 3, part: 1 / 3 };

/** The words that tell nothing about this alert: those of the rule's template, its location, and its sibling rules. */
export const ignoredWords = (given: Case): string => {
  const { service, alerts, servicePaths } = given;
  const isAlert = alerts.some(({ name }) => name !== "");
  const usual = isAlert || servicePaths === undefined || isMeasured(given) ? everyAlert : "";
  if (!isAlert) return `${service} ${usual}`;
  const locations = alerts.flatMap(({ labels }) =>
    Object.entries(labels).flatMap(([key, value]) =>
      locationLabels.test(key) && key !== "alertname" ? [value] : [],
    ),
  );
  const folders = [...(servicePaths ?? []), ...(given.folders ?? [])].map((path) =>
    path.replaceAll("/", " "),
  );
  return [service, usual, everyRule, ...locations, ...folders, ...siblingWords(given)].join("\n");
};

/** The words that many sibling rules hold. */
const siblingWords = ({ siblings = [] }: Case): string[] => {
  if (siblings.length < shared.least) return [];
  const counts = new Map<string, number>();
  for (const text of siblings)
    for (const word of new Set(words(text))) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].filter(([, count]) => count >= siblings.length * shared.part).map(([word]) => word);
};
