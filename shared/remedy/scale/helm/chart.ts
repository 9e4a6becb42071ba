import { type FileSet, folderOf, join, within } from "../manifests/file-set.ts";
import type { Field } from "../model.ts";
import { conditionsAt } from "./condition.ts";

/** Which values a chart's own templates read for what, as dotted paths below `.Values`. */
export type Keys = {
  /** The switch of a part that does not run unless its values turn it on. */
  offUnless?: string;
  enabled?: string;
  replicas?: string;
  min?: string;
  max?: string;
  resources?: string;
  /** The kind of the chart's autoscaler. */
  scaler: "HorizontalPodAutoscaler" | "ScaledObject";
  workload: string;
  /** Whether `enabled` holds where the values do not set it. */
  onByDefault?: boolean;
  /** Whether the chart scales itself with these values, where that takes more than `enabled` to tell. */
  scales?: boolean;
  /** Each autoscaler that the templates may make, with the conditions around it. */
  scalers?: Scaler[];
  /** The chart's name, where its templates are not here and its keys are those of `helm create`. */
  unseen?: string;
};
export type Scaler = {
  file: string;
  kind: Keys["scaler"];
  conditions: (string | undefined)[];
  min?: string;
  max?: string;
};

/** The keys of a chart from `helm create` (helm pkg/chartutil/create.go), for a chart that cannot be read here. */
export const scaffold: Keys = {
  enabled: "autoscaling.enabled",
  replicas: "replicaCount",
  min: "autoscaling.minReplicas",
  max: "autoscaling.maxReplicas",
  resources: "resources",
  scaler: "HorizontalPodAutoscaler",
  workload: "Deployment",
};

const scalerLine = /^kind:\s*(HorizontalPodAutoscaler|ScaledObject)\b/m;
const workloadLine = /^kind:\s*(Deployment|StatefulSet|Rollout)\b/m;
const [minimum, maximum] = ["min(?:Replicas|ReplicaCount)", "max(?:Replicas|ReplicaCount)"];

/** Reads the templates as text: they are not YAML files. Undefined when none of them has a workload or a scaler. */
export const keysOf = (set: FileSet, chart: string): Keys | undefined => {
  const templates = [...set.files.keys()]
    .filter((file) => within(join(chart, "templates") ?? "", folderOf(file)))
    .map((file) => ({ file, text: set.files.get(file) ?? "" }));
  const scalers = templates.filter(({ text }) => scalerLine.test(text));
  const workloads = templates.map(({ text }) => text).filter((text) => workloadLine.test(text));
  if (scalers.length + workloads.length === 0) return undefined;
  const texts = scalers.map(({ text }) => text);
  const keys = {
    enabled: firstKey(texts, /\{\{-?\s*if\s+(?:and\s+)?\(?\s*\.Values\.([\w.]+)/),
    replicas: firstKey(workloads, reads("replicas")),
    min: firstKey(texts, reads(minimum)),
    max: firstKey(texts, reads(maximum)),
    resources:
      firstKey(workloads, /resources:\s*(?:#.*)?\s*\{\{-?\s*toYaml\s+\.Values\.([\w.]+)/) ??
      firstKey(workloads, /with\s+\.Values\.((?:\w+\.)*resources)\b/),
  };
  const made = scalers.map(({ file, text }) => scalerIn(file, text));
  return {
    ...known(keys),
    ...{ scaler: made[0]?.kind ?? "HorizontalPodAutoscaler", scalers: made },
    workload: workloadLine.exec(workloads[0] ?? "")?.[1] ?? "Deployment",
  };
};

const firstKey = (texts: string[], expression: RegExp): string | undefined =>
  texts.map((text) => expression.exec(text)?.[1]).find((key) => key !== undefined);

const scalerIn = (file: string, text: string): Scaler => {
  const found = scalerLine.exec(text);
  return {
    ...{ file, kind: found?.[1] === "ScaledObject" ? "ScaledObject" : "HorizontalPodAutoscaler" },
    conditions: conditionsAt(text, found?.index ?? 0),
    ...known({ min: firstKey([text], reads(minimum)), max: firstKey([text], reads(maximum)) }),
  };
};

const known = <T extends string>(keys: Record<T, string | undefined>): Partial<Record<T, string>> =>
  Object.fromEntries(Object.entries(keys).filter(([, key]) => key !== undefined)) as Partial<
    Record<T, string>
  >;

const reads = (field: string) =>
  new RegExp(
    `^\\s*${field}:\\s*\\{\\{-?\\s*(?:int\\s+|default\\s+\\d+\\s+)?\\(?\\s*\\.Values\\.([\\w.]+)`,
    "m",
  );

/** The dotted path of what is asked for. */
export const keyFor = (keys: Keys, field: Field): string | undefined => {
  if (field === "memory" || field === "cpu")
    return keys.resources === undefined ? undefined : `${keys.resources}.limits.${field}`;
  return keys[field];
};
