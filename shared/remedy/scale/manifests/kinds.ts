import type { Step } from "../../../yaml/locate.ts";
import type { Refused } from "../../../yaml/refused.ts";
import type { Field } from "../model.ts";

/** The fields in which an object of the kind sets its own scale. */
type Kind = { group: string; short: string[]; fields: Partial<Record<Field, Step[]>> };

const knative = (key: string): Step[] => [
  "spec",
  "template",
  "metadata",
  "annotations",
  `autoscaling.knative.dev/${key}`,
];
const workload = { replicas: ["spec", "replicas"] };

export const kinds: Record<string, Kind> = {
  HorizontalPodAutoscaler: {
    ...{ group: "autoscaling", short: ["hpa"] },
    fields: { min: ["spec", "minReplicas"], max: ["spec", "maxReplicas"] },
  },
  ScaledObject: {
    ...{ group: "keda.sh", short: ["so"] },
    fields: { min: ["spec", "minReplicaCount"], max: ["spec", "maxReplicaCount"] },
  },
  VerticalPodAutoscaler: { group: "autoscaling.k8s.io", short: ["vpa"], fields: {} },
  Service: {
    ...{ group: "serving.knative.dev", short: ["ksvc", "knativeservice"] },
    fields: { min: knative("min-scale"), max: knative("max-scale") },
  },
  Rollout: { group: "argoproj.io", short: ["ro"], fields: workload },
  Deployment: { group: "apps", short: ["deploy"], fields: workload },
  StatefulSet: { group: "apps", short: ["sts"], fields: workload },
  ReplicaSet: { group: "apps", short: ["rs"], fields: workload },
  NodePool: {
    ...{ group: "karpenter.sh", short: [] },
    fields: {
      ...workload,
      ...{
        max: ["spec", "limits", "nodes"],
        cpu: ["spec", "limits", "cpu"],
        memory: ["spec", "limits", "memory"],
      },
    },
  },
};

/** The same field under its former name: Knative's annotations were in camel case first. */
export const formerly = (steps: Step[]): Step[] | undefined => {
  const last = steps.at(-1);
  const [, bound] =
    typeof last === "string" ? (/^autoscaling\.knative\.dev\/(min|max)-scale$/.exec(last) ?? []) : [];
  return bound === undefined ? undefined : [...steps.slice(0, -1), `autoscaling.knative.dev/${bound}Scale`];
};

export const workloads = ["Deployment", "StatefulSet", "Rollout", "ReplicaSet"];
export const scalers = ["HorizontalPodAutoscaler", "ScaledObject"];

/** Kinds whose value is found otherwise than in a manifest of that kind. */
const elsewhere = ["HelmRelease", "Application", "Terraform", "Pulumi", "ClusterAutoscaler"];

/** Why an object of this kind is not scaled. */
export const unscalable = (kind: string): Refused => ({
  refused: `${kind} is not a kind that is scaled here; it is one of ${[...Object.keys(kinds), ...elsewhere].join(", ")}`,
  usage: true,
});

/** Why a target of this kind can never be scaled; undefined where it can. */
export const neverScaled = (kind: string): Refused | undefined => {
  const isElsewhere = elsewhere.some((name) => name.toLowerCase() === kind.toLowerCase());
  const isResource = /^[a-z]+_[a-z_]+$/.test(kind);
  return isElsewhere || isResource || kindOf(kind) !== undefined ? undefined : unscalable(kind);
};

/** The kind's own spelling for `hpa`, `deployments`, `Deployment`; undefined for a kind that is not scaled here. */
export const kindOf = (said: string): string | undefined => {
  const word = said.toLowerCase();
  return Object.entries(kinds).find(([kind, { short }]) => {
    const name = kind.toLowerCase();
    return [name, `${name}s`, ...short].includes(word);
  })?.[0];
};
