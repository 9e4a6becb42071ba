import { type AlertRule, type Case, informativeLabels, isMeasured, locationLabels } from "./model.ts";
import { eachWord, words } from "./ranking/tokens.ts";

/** Words that alerting rules are made of, whatever they watch. */
const everyAlert = `high low above below ratio minutes seconds last production prod staging service services alertname severity labels
  annotations summary description runbook dashboard firing resolved value namespace cluster environment request requests page critical info`;

/** Words of the rules that most teams have, and of their units. An account that a person wrote of trouble may mean them. */
const everyRule = `error errors rate rates latency latencies percent percentage percentile quantile p50 p90 p95 p99 5xx 4xx threshold
  thresholds exceeded exceeds more than less greater elevated increased degraded usual normal job instance target budget burn slo sli alert
  alerts response responses http status code ms average avg max min count total number current for over within longer than minute second
  usage utilization utilisation used free available full`;

/** Resources of any machine. An alert on one names the subject; a page that shows it did not cause it. */
const resources = "cpu memory disk";

/** Metrics that exporters and libraries have for any service. */
const commonMetric =
  /^(node|container|kube\w*|process|go|jvm|nodejs|python|ruby|dotnet|http|https|grpc|rpc|nginx|envoy|istio|haproxy|traefik|apiserver|coredns|probe|up|scrape|cpu|memory|mem|disk|filesystem|system|machine|windows|aws|gcp|azure|stackdriver|requests?|errors?|latency|uptime)(_|:|$)/;
/** A placeholder for the service or the machine: then the rule is of many. */
const ofMany =
  /\{\{[^}]*labels\.(service|app|application|job|instance|pod|container|namespace|node|host|deployment|workload|component|cluster)\b/i;

/** The words that tell nothing about this alert: those of rules in general, of its own rule's templates, and of its location. */
export const ignoredWords = (given: Case): string => {
  const { service, servicePaths } = given;
  const isAlert = isOfAlert(given);
  const usual = isAlert || servicePaths === undefined || isMeasured(given) ? everyAlert : "";
  if (!isAlert) return `${service} ${usual}`;
  const folders = [...(servicePaths ?? []), ...(given.folders ?? [])].map((path) =>
    path.replaceAll("/", " "),
  );
  const ignored = [service, usual, everyRule, ...locationsOf(given), ...folders, templateWords(given)];
  return [...ignored, ...thresholdsOf(given)].join("\n");
};

/** The words that tell only which subject an alert is about. */
export const signalWords = (given: Case): string => (isOfAlert(given) ? resources : "");

const isOfAlert = ({ alerts }: Case): boolean => alerts.some(({ name }) => name !== "");

const locationsOf = ({ alerts }: Case): string[] =>
  alerts.flatMap(({ labels }) =>
    Object.entries(labels).flatMap(([key, value]) =>
      locationLabels.test(key) && key !== "alertname" ? [value] : [],
    ),
  );

/**
 * The fixed words of rules that watch many services alike, such as “Memory of {{ $labels.pod }} is nearly used up”. The values that the
 * rule selects and those of the alert's labels tell this alert from its siblings, so they stay words.
 */
const templateWords = (given: Case): string => {
  const fixed = (given.rules ?? [])
    .filter((rule) => watchesMany(rule, given.service))
    .flatMap(({ alert, templates }) => [
      alert,
      ...templates.map((text) => text.replace(/\{\{.*?\}\}/gs, " ")),
    ]);
  if (fixed.length === 0) return "";
  const own = [
    ...informativeLabels(given).map(([, value]) => value),
    ...(given.rules ?? []).flatMap(({ selected }) => selected),
  ];
  const telling = new Set(words(own.join("\n")));
  const found: string[] = [];
  eachWord(fixed.join("\n"), (word, raw) => {
    if (!telling.has(word)) found.push(raw);
  });
  return found.join(" ");
};

const numberPattern = /(?<![\w.])\d+(?:\.\d+)?(?:[a-z%]{1,3})?(?![\w.]*\w)/gi;
const threshold =
  /(?:\b(?:above|below|over|under|exceed(?:s|ed)?|than|least|most|within|for|every|threshold(?: of)?)|[<>]=?) *\d+(?:\.\d+)?(?:[a-z%]{1,3})?(?![\w.]*\w)/gi;

/**
 * The numbers of thresholds and times: every one that stands in a rule's template, and where the rule is not known, those behind “above”, “for”
 * and the like. A label may tell the same number of this trouble, and then it is a word.
 */
const thresholdsOf = (given: Case): string[] => {
  const known = new Set((given.rules ?? []).map(({ alert }) => alert));
  const templates = (given.rules ?? []).flatMap((rule) =>
    rule.templates.map((text) => text.replace(/\{\{.*?\}\}/gs, " ")),
  );
  const unknown = given.alerts
    .filter(({ name }) => !known.has(name))
    .flatMap(({ annotations }) =>
      Object.values(annotations).flatMap((text) => text.slice(0, 2000).match(threshold) ?? []),
    );
  const told = new Set(informativeLabels(given).map(([, value]) => value));
  return [...templates, ...unknown].flatMap((text) =>
    (text.match(numberPattern) ?? []).filter((one) => !told.has(one)),
  );
};

/** Whether a rule is for any service: it names none, and reads what any service has or says whose values they are. */
const watchesMany = (
  { alert, templates, metrics, selected, isLearned }: AlertRule,
  service: string,
): boolean => {
  const name = lettersOf(service);
  const isOwn = [alert, ...templates, ...metrics, ...selected].some((text) => lettersOf(text).includes(name));
  if (isOwn) return false;
  if (isLearned) return true;
  if (metrics.length === 0) return false;
  return metrics.every((metric) => commonMetric.test(metric)) || templates.some((text) => ofMany.test(text));
};

const lettersOf = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, "");
