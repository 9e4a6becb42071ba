import { type FileSet, folderOf, join, within } from "../manifests/file-set.ts";
import type { Field } from "../model.ts";

/** Which values a chart's own templates read for what, as dotted paths below `.Values`. */
export type Keys = {
  enabled?: string;
  replicas?: string;
  min?: string;
  max?: string;
  resources?: string;
  /** The kind of the chart's autoscaler. */
  scaler: "HorizontalPodAutoscaler" | "ScaledObject";
  workload: string;
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

/** Reads the templates as text: they are not YAML files. Undefined when none of them has a workload or a scaler. */
export const keysOf = (set: FileSet, chart: string): Keys | undefined => {
  const templates = [...set.files.keys()]
    .filter((file) => within(join(chart, "templates") ?? "", folderOf(file)))
    .map((file) => set.files.get(file) ?? "");
  const scalers = templates.filter((text) => /^kind:\s*(HorizontalPodAutoscaler|ScaledObject)\b/m.test(text));
  const workloads = templates.filter((text) => /^kind:\s*(Deployment|StatefulSet|Rollout)\b/m.test(text));
  if (scalers.length + workloads.length === 0) return undefined;
  const scaler = /^kind:\s*(HorizontalPodAutoscaler|ScaledObject)\b/m.exec(scalers[0] ?? "")?.[1];
  const read = (texts: string[], expression: RegExp) =>
    texts.map((text) => expression.exec(text)?.[1]).find((key) => key !== undefined);
  const enabled = read(scalers, /\{\{-?\s*if\s+(?:and\s+)?\(?\s*\.Values\.([\w.]+)/);
  const keys = {
    enabled,
    replicas: read(workloads, reads("replicas")),
    min: read(scalers, reads("min(?:Replicas|ReplicaCount)")),
    max: read(scalers, reads("max(?:Replicas|ReplicaCount)")),
    resources:
      read(workloads, /resources:\s*(?:#.*)?\s*\{\{-?\s*toYaml\s+\.Values\.([\w.]+)/) ??
      read(workloads, /with\s+\.Values\.((?:\w+\.)*resources)\b/),
  };
  return {
    ...(Object.fromEntries(Object.entries(keys).filter(([, key]) => key !== undefined)) as Partial<Keys>),
    scaler: scaler === "ScaledObject" ? "ScaledObject" : "HorizontalPodAutoscaler",
    workload: /^kind:\s*(Deployment|StatefulSet|Rollout)\b/m.exec(workloads[0] ?? "")?.[1] ?? "Deployment",
  };
};

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
