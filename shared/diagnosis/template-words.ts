import { type Case, isMeasured, locationLabels } from "./model.ts";

/** Words that alerting rules are made of, whatever they watch. */
const everyAlert = `high low above below ratio minutes seconds last production prod staging service services alertname severity labels
  annotations summary description runbook dashboard firing resolved value namespace cluster environment request requests page critical info`;

/** Words of the rules that most teams have, and of their units. An account that a person wrote of trouble may mean them. */
const everyRule = `error errors rate rates latency latencies percent percentage percentile quantile p50 p90 p95 p99 5xx 4xx threshold
  thresholds exceeded exceeds more than less greater elevated increased degraded usual normal job instance target budget burn slo sli alert
  alerts response responses http status code ms average avg max min count total number current for over within longer than minute second`;

/** The words that tell nothing about this alert: those of rules in general, and of its location. */
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
  return [service, usual, everyRule, ...locations, ...folders].join("\n");
};
