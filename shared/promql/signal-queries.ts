import { type Requests, requests, type Signal, saturations } from "./conventions.ts";
import type { Found } from "./presence.ts";

/** A query for one signal of a service. `by`: the same by version. `is`: the name of the result. `from`: the convention. */
export type SignalQuery = { signal: Signal; is: string; query: string; by?: Versioned; from: string };
type Versioned = { label: string; query: string };

/** Rates are read over two minutes: four samples at the usual interval of scraping, and a step is seen soon. */
const window = "2m";

/** The queries for the signals that the found metrics tell, and the words for what keeps others from being asked. */
export const signalQueries = (
  found: Found[],
  versionLabel: string | undefined,
): { queries: SignalQuery[]; ambiguous: string[] } => {
  const chosen = chosenOf(found);
  const pods = saturations.flatMap((one) => {
    const own = found.find(({ metric, label }) => metric === one.metric && label === "");
    return own === undefined ? [] : [{ one, selected: own.selected }];
  });
  const selected = [...chosen.map((one) => one.counted.selected), ...pods.map((one) => one.selected)];
  return {
    queries: [
      ...chosen.flatMap((one) => ofRequests(one, chosen.length > 1, versionLabel)),
      ...pods.flatMap(({ one, selected }) =>
        "matchers" in selected
          ? [
              {
                ...{ signal: "saturation" as const, is: one.is, from: one.name },
                query: one.query.replaceAll("$of", selected.matchers),
              },
            ]
          : [],
      ),
    ],
    ambiguous: [...new Set(selected.flatMap((one) => ("ambiguous" in one ? [one.ambiguous] : [])))],
  };
};

type Chosen = { one: Requests; counted: Found; hasBuckets: boolean };

/** The first convention of each kind; a mesh counts where the service itself tells nothing, and its spans where a mesh does not. */
const chosenOf = (found: Found[]): Chosen[] => {
  const all = requests.flatMap((one): Chosen[] => {
    const counted = one.labels.flatMap(
      (label) => found.find((own) => own.metric === one.counted && own.label === label) ?? [],
    )[0];
    if (counted === undefined) return [];
    const hasBuckets = found.some(
      ({ metric, label }) => metric === `${one.timed}_bucket` && label === counted.label,
    );
    return [{ one, counted, hasBuckets }];
  });
  const first = (kind: Requests["of"]): Chosen[] => all.filter(({ one }) => one.of === kind).slice(0, 1);
  const own = [...first("http"), ...first("rpc")];
  return own.length > 0 ? own : [...first("mesh"), ...first("spans")].slice(0, 1);
};

const ofRequests = (
  { one, counted, hasBuckets }: Chosen,
  isOneOfSeveral: boolean,
  versionLabel: string | undefined,
): SignalQuery[] => {
  if (!("matchers" in counted.selected)) return [];
  const of = [counted.selected.matchers, ...(one.only === undefined ? [] : [one.only])].join(",");
  const prefix = isOneOfSeveral && one.of === "rpc" ? "rpc " : "";
  const version = versionLabel ?? one.version;
  const told: Told[] = [
    { signal: "errors", is: "error ratio", queryBy: (by) => errorsOf(one, of, by) },
    ...(hasBuckets ? [latencyBy(one, of)] : []),
    { signal: "traffic", is: "traffic", queryBy: (by) => `${sumBy(by)} (${rate(one.counted, of)})` },
  ];
  return told.map(({ signal, is, queryBy }) => ({
    ...{ signal, is: `${prefix}${is}`, query: queryBy([]), from: one.name },
    ...(version !== undefined &&
      signal !== "traffic" && { by: { label: version, query: queryBy([version]) } }),
  }));
};

type Told = { signal: Signal; is: string; queryBy: (by: string[]) => string };

const rate = (metric: string, of: string): string => `rate(${metric}{${of}}[${window}])`;
const sumBy = (labels: string[]): string => `sum by (${labels.join(", ")})`;

/** The share of requests that failed: 0 where none of them has, for the series of failures comes with the first. */
const errorsOf = ({ counted, failed }: Requests, of: string, by: string[]): string => {
  const all = `${sumBy(by)} (${rate(counted, of)})`;
  const some = failed.map((matcher) => rate(counted, `${of},${matcher}`)).join(" or ");
  return `${sumBy(by)} (${some}) / ${all} or ${all} * 0`;
};

const latencyBy = ({ timed }: Requests, of: string): Told => ({
  ...{ signal: "latency", is: "latency" },
  queryBy: (by) => `histogram_quantile(0.95, ${sumBy(["le", ...by])} (${rate(`${timed}_bucket`, of)}))`,
});
