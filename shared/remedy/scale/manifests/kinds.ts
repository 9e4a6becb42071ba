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

export const workloads = ["Deployment", "StatefulSet", "Rollout", "ReplicaSet"];
export const scalers = ["HorizontalPodAutoscaler", "ScaledObject"];

/** Kinds whose value is found otherwise than in a manifest of that kind. */
const elsewhere = ["HelmRelease", "Application", "Terraform", "Pulumi"];

/** Why an object of a kind that has no scale is not scaled, in a part of a sentence; its short names. */
const scaleless: Record<string, { short: string[]; why: string }> = {
  DaemonSet: {
    short: ["ds"],
    why: "it runs one pod on each node that it selects, so more of it means more nodes",
  },
  ConfigMap: { short: ["cm"], why: "it holds settings and runs nothing" },
  Secret: { short: [], why: "it holds settings and runs nothing" },
  CronJob: { short: ["cj"], why: "it starts a Job at set times and keeps no replicas" },
  Job: { short: [], why: "it runs to its end and keeps no replicas" },
  Pod: { short: ["po"], why: "it is a single one: name the workload that makes it" },
  ApplicationSet: { short: ["appset"], why: "it makes Applications: name the workload or one Application" },
  Kustomization: { short: ["ks"], why: "it applies other objects: name the workload" },
  Ingress: { short: ["ing"], why: "it routes requests: name the workload behind it" },
  PodDisruptionBudget: { short: ["pdb"], why: "it bounds evictions and runs nothing" },
};

/** Why an object of this kind is not scaled. */
export const unscalable = (kind: string): Refused => {
  const word = kind.toLowerCase();
  const known = Object.entries(scaleless).find(([name, { short }]) =>
    [name.toLowerCase(), `${name.toLowerCase()}s`, ...short].includes(word),
  );
  const all = [...Object.keys(kinds), ...elsewhere].join(", ");
  return {
    refused: known
      ? `${known[0]} is not a kind that is scaled here: ${known[1].why}`
      : `${kind} is not a kind that is scaled here; it is one of ${all}`,
    usage: true,
  };
};

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
