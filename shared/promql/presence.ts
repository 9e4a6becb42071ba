import { places, requests, saturations } from "./conventions.ts";
import { isLabelName, type Labels } from "./labels.ts";
import { quoted } from "./quoted.ts";

/** The names by which metrics may know a service, and the environment, namespace and cluster that are meant, where they are known. */
export type Named = {
  names: string[];
  environment: string;
  environmentLabel: string;
  namespace?: string | undefined;
  cluster?: string | undefined;
};
/** Metrics that are looked for beside those of the conventions, by the label that names the service there. */
export type Also = { metrics: string[]; label: string };

/** The matchers of a service's series, with the values that they equal, or a word for the places between which it cannot be told apart. */
export type Selected = { matchers: string; labels: Labels } | { ambiguous: string };
/** A service's metrics that exist, by the selector that finds them. `label` is empty for metrics of pods. */
export type Found = { metric: string; label: string; selected: Selected };

const maxRows = 2000;

/** A query for the metrics of the conventions that exist for a service: one series a metric and place, however many series it has. */
export const presenceQuery = (named: Named, also: Also[] = []): string => {
  const byLabel = new Map<string, Set<string>>();
  const add = (label: string, metrics: string[]): void => {
    if (isLabelName(label)) byLabel.set(label, new Set([...(byLabel.get(label) ?? []), ...metrics]));
  };
  for (const { labels, counted, timed } of requests)
    for (const label of labels) add(label, [counted, `${timed}_bucket`]);
  for (const { metrics, label } of also) add(label, metrics);
  const parts = [...byLabel].map(([label, metrics]) =>
    counting({ metrics: [...metrics], kept: [label], matchers: valueMatcher(label, named.names) }, named),
  );
  const ofPods = {
    metrics: saturations.map(({ metric }) => metric),
    kept: [],
    matchers: podsOf(named.names),
  };
  return [...parts, counting(ofPods, named)].join(" or ");
};

type Part = { metrics: string[]; kept: string[]; matchers: string };

const counting = ({ metrics, kept, matchers }: Part, named: Named): string => {
  const by = ["__name__", ...kept, ...placeLabels(named).filter((label) => !kept.includes(label))];
  return `count by (${by.join(", ")}) ({__name__=~${quoted(metrics.join("|"))},${matchers}})`;
};

const placeLabels = ({ environmentLabel }: Named): string[] =>
  [...new Set([environmentLabel, ...Object.values(places).flat()])].filter(isLabelName);

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
const anyOf = (names: string[]): string => names.map(literal).join("|");

/** OpenTelemetry makes the job of the namespace and the name of a service: `shop/checkout`. */
const valueMatcher = (label: string, names: string[]): string =>
  /job$/.test(label)
    ? `${label}=~${quoted(`([^/]+/)?(${anyOf(names)})`)}`
    : `${label}=~${quoted(anyOf(names))}`;

/** The characters of Kubernetes' generated names (apimachinery, `util/rand`). */
const generated = "[bcdfghjklmnpqrstvwxz2456789]";
/** The pods of a Deployment, a DaemonSet or a StatefulSet of the name, and not those of `NAME-worker`. */
const podsOf = (names: string[]): string =>
  `pod=~${quoted(`(${anyOf(names)})(-${generated}{6,10})?-(${generated}{5}|[0-9]+)`)}`;

/** The metrics of the conventions that a result of the presence query names. Rows that it cannot have are left out. */
export const foundIn = (rows: Labels[], named: Named, also: Also[] = []): Found[] => {
  const wanted = new Map<string, Set<string>>();
  const want = (metric: string, label: string) =>
    wanted.set(metric, new Set([...(wanted.get(metric) ?? []), label]));
  for (const { labels, counted, timed } of requests)
    for (const label of labels) for (const metric of [counted, `${timed}_bucket`]) want(metric, label);
  for (const { metrics, label } of also) for (const metric of metrics) want(metric, label);
  for (const { metric } of saturations) want(metric, "");
  const known = rows.slice(0, maxRows);
  return [...wanted].flatMap(([metric, labels]) => {
    const own = known.filter(({ __name__: name }) => name === metric);
    return [...labels].flatMap((label) => foundBy(own, { metric, label, named }));
  });
};

const foundBy = (
  rows: Labels[],
  { metric, label, named }: { metric: string; label: string; named: Named },
): Found[] => {
  const isIn = placesOf(named);
  if (label === "")
    return rows.length === 0
      ? []
      : [{ metric, label, selected: selectedIn(rows, { by: podsOf(named.names) }, isIn) }];
  const value = named.names.flatMap((name) => valuesFor(rows, label, name))[0];
  if (value === undefined) return [];
  const own = rows.filter((row) => row[label] === value);
  return [{ metric, label, selected: selectedIn(own, { label, value }, isIn) }];
};

/** The name itself, or the one job that ends in it. */
const valuesFor = (rows: Labels[], label: string, name: string): string[] => {
  const values = [...new Set(rows.flatMap((row) => row[label] ?? []))];
  if (values.includes(name)) return [name];
  const jobs = /job$/.test(label) ? values.filter((value) => value.endsWith(`/${name}`)) : [];
  return jobs.length === 1 ? jobs : [];
};

type Place = { label: string; what: string; wanted: string | undefined; mayBeMany: boolean };

const placesOf = ({ environment, environmentLabel, namespace, cluster }: Named): Place[] => [
  ...[...new Set([environmentLabel, ...places.environment])].map((label) => ({
    ...{ label, what: "environments", wanted: environment, mayBeMany: false },
  })),
  ...places.namespace.map((label) => ({ label, what: "namespaces", wanted: namespace, mayBeMany: false })),
  ...places.cluster.map((label) => ({ label, what: "clusters", wanted: cluster, mayBeMany: true })),
];

/** The matchers of the service, narrowed to the places that are meant. Series of several places of which none is meant are not added up. */
const selectedIn = (
  rows: Labels[],
  of: { by: string } | { label: string; value: string },
  all: Place[],
): Selected => {
  let left = rows;
  const labels: Labels = "by" in of ? {} : { [of.label]: of.value };
  for (const { label, what, wanted, mayBeMany } of all) {
    const values = new Set(left.map((row) => row[label] ?? ""));
    if (wanted !== undefined && values.has(wanted)) {
      labels[label] = wanted;
      left = left.filter((row) => row[label] === wanted);
    } else if (values.size > 1 && !mayBeMany) return { ambiguous: what };
  }
  const equal = Object.entries(labels).map(([label, value]) => `${label}=${quoted(value)}`);
  return { matchers: [...("by" in of ? [of.by] : []), ...equal].join(","), labels };
};
