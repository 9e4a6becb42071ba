import { isRecord, recordOf } from "../../records.ts";
import { parseYaml, plain } from "../../yaml/document.ts";
import { kindOf } from "./manifests/kinds.ts";
import type { Files, Target } from "./model.ts";

/** A rule of Prometheus Adapter: https://github.com/kubernetes-sigs/prometheus-adapter/blob/master/docs/config.md */
type AdapterRule = { file: string; series: string; matches: string; as: string };

const most = { metrics: 5, document: 200_000 };

/**
 * A sentence for each metric of an HPA that is not of its pods' resources: the rule of Prometheus Adapter in these files that makes it, or that
 * none does. Empty for another kind. A metric that has no rule is the reason for which `ScalingActive` is False.
 */
export const metricNotes = (files: Files, target: Target): string[] => {
  if (kindOf(target.kind) !== "HorizontalPodAutoscaler") return [];
  const objects = [...files].flatMap(([file, text]) => objectsIn(file, text));
  const rules = objects.flatMap(({ file, object }) => rulesIn(object).map((rule) => ({ file, ...rule })));
  const metrics = new Set(
    objects.flatMap(({ object }) => (isTarget(object, target) ? metricsOf(object) : [])),
  );
  return [...metrics].slice(0, most.metrics).map((metric) => sentence(metric, rules));
};

const sentence = (metric: string, rules: AdapterRule[]): string => {
  const made = rules.find((rule) => makes(rule, metric));
  if (made !== undefined)
    return `its metric ${metric} is made by the rule of Prometheus Adapter for ${made.series} in ${made.file}: look there for what broke it`;
  const none =
    rules.length === 0
      ? "no rule of Prometheus Adapter is here"
      : "no rule of Prometheus Adapter here makes it";
  return `its metric ${metric} is not one of the pods' resources, and ${none}`;
};

type Found = { file: string; object: Record<string, unknown> };

/** Only files that can hold either are parsed. */
const objectsIn = (file: string, text: string): Found[] => {
  const isRelevant = /\bseriesQuery\b|\bHorizontalPodAutoscaler\b/.test(text) && /\.ya?ml$/.test(file);
  if (!isRelevant || text.length > most.document) return [];
  return parseYaml(file, text).documents.flatMap((document) => {
    const object = plain(document, document);
    return isRecord(object) ? [{ file, object }] : [];
  });
};

const isTarget = ({ kind, metadata }: Record<string, unknown>, target: Target): boolean => {
  const { name, namespace } = recordOf(metadata);
  const isThere = target.namespace === "" || namespace === undefined || namespace === target.namespace;
  return kind === "HorizontalPodAutoscaler" && name === target.name && isThere;
};

/** Metrics of pods, objects and outside systems come through the Custom and the External Metrics API. */
const metricsOf = ({ spec }: Record<string, unknown>): string[] => {
  const { metrics } = recordOf(spec);
  return (Array.isArray(metrics) ? metrics : []).flatMap((one) =>
    ["pods", "object", "external"].flatMap((kind) => {
      const { name } = recordOf(recordOf(recordOf(one)[kind]).metric);
      return typeof name === "string" ? [name] : [];
    }),
  );
};

/** In the ConfigMap's text, or in the values of the chart: below `rules.custom`, `rules.external` or at the top. */
const rulesIn = (object: Record<string, unknown>): Omit<AdapterRule, "file">[] => {
  const embedded = Object.values(recordOf(object.data)).flatMap((text) =>
    typeof text === "string" && text.includes("seriesQuery") ? objectsIn("config.yaml", text) : [],
  );
  const own = recordOf(object.rules);
  const lists = [object.rules, object.externalRules, own.custom, own.external, own.default];
  return [
    ...embedded.flatMap((inner) => rulesIn(inner.object)),
    ...lists.flatMap((list) => (Array.isArray(list) ? list : [])).flatMap(ruleOf),
  ];
};

const ruleOf = (rule: unknown): Omit<AdapterRule, "file">[] => {
  const { seriesQuery, name } = recordOf(rule);
  if (typeof seriesQuery !== "string") return [];
  const { matches = "", as = "" } = recordOf(name);
  return [{ series: seriesQuery, matches: String(matches), as: String(as) }];
};

const maxPattern = 200;

/** Without `as`, the name is the first group of `matches`, or the series itself. */
const makes = ({ series, matches, as }: AdapterRule, metric: string): boolean => {
  if (as !== "" && !as.includes("$")) return as === metric;
  const [, name] = /^\s*([a-zA-Z_:][\w:]*)/.exec(series) ?? [];
  if (name === undefined) return as !== "" && shapeOf(as).test(metric);
  const pattern = matches === "" ? undefined : patternOf(matches);
  if (matches === "" || pattern === undefined) return name === metric;
  const found = pattern.exec(name);
  if (found === null) return false;
  const wanted = as === "" ? (found[1] === undefined ? "$0" : "$1") : as;
  return wanted.replace(/\$\{?(\d)\}?/g, (_, index: string) => found[Number(index)] ?? "") === metric;
};

/** Patterns of people's files; one that this machine's language does not know tells nothing. */
const patternOf = (text: string): RegExp | undefined => {
  if (text.length > maxPattern || /[*+)}][*+{]|\([^)]*[*+][^)]*\)[*+{]/.test(text)) return undefined;
  try {
    return new RegExp(text);
  } catch {
    return undefined;
  }
};

/** The names that a template with groups can have. */
const shapeOf = (as: string): RegExp =>
  new RegExp(
    `^${as
      .split(/\$\{?\d\}?/)
      .map((part) => part.replace(/[^\w]/g, "\\$&"))
      .join(".*")}$`,
  );
