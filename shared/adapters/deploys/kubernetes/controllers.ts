import { nullish, object } from "zod";
import type { Told } from "../../../ports/deployers.ts";
import { atOf, detailOf, text, values } from "../told.ts";
import { conditionOf, conditions, count, imagesIn, isSeen, type Kind, template } from "./object.ts";

/** As much of an `apps/v1` Deployment as tells its rollout. */
const deployments = object({
  metadata: object({ generation: count, annotations: values }),
  spec: object({ replicas: count, template }),
  status: nullish(
    object({
      ...{ observedGeneration: count, replicas: count, updatedReplicas: count, availableReplicas: count },
      conditions,
    }),
  ),
});
type Deployment = ReturnType<typeof deployments.parse>;

export const deployment: Kind = {
  resource: "apps/v1 deployments",
  read: (answer) => {
    const parsed = deployments.safeParse(answer);
    if (!parsed.success) return undefined;
    const { metadata, spec, status } = parsed.data;
    const progress = conditionOf(status, "Progressing");
    const state = stateOf(parsed.data, progress?.reason);
    if (state === undefined) return [];
    const revision = metadata.annotations?.["deployment.kubernetes.io/revision"];
    return [
      {
        ...{ status: state, images: imagesIn(spec.template) },
        values: typeof revision === "string" ? { revision } : {},
        ...atOf(progress?.lastUpdateTime),
        ...(state === "failed" && detailOf(progress?.message)),
      },
    ];
  },
};

/**
 * The state of a rollout as `kubectl rollout status` tells it (kubectl, pkg/polymorphichelpers/rollout_status.go). One that was complete
 * stays so when its pods crash or are scaled later.
 */
const stateOf = (
  { metadata, spec, status }: Deployment,
  reason: string | null | undefined,
): Told["status"] | undefined => {
  if (!status || !isSeen(metadata.generation, status.observedGeneration)) return undefined;
  if (reason === "ProgressDeadlineExceeded") return "failed";
  const updated = status.updatedReplicas ?? 0;
  if ((status.replicas ?? 0) > updated) return "started";
  if (reason === "NewReplicaSetAvailable") return "succeeded";
  const isWhole = updated >= (spec.replicas ?? 1) && (status.availableReplicas ?? 0) >= updated;
  return isWhole ? "succeeded" : "started";
};

const statefulSets = object({
  metadata: object({ generation: count }),
  spec: object({ template }),
  status: nullish(object({ observedGeneration: count, currentRevision: text, updateRevision: text })),
});

/** A StatefulSet has one revision once every pod was replaced, and two while a partition holds some back. */
export const statefulSet: Kind = {
  resource: "apps/v1 statefulsets",
  read: (answer) => {
    const parsed = statefulSets.safeParse(answer);
    if (!parsed.success) return undefined;
    const { metadata, spec, status } = parsed.data;
    if (!status?.updateRevision || !isSeen(metadata.generation, status.observedGeneration)) return [];
    const isWhole = status.currentRevision === status.updateRevision;
    return [{ status: isWhole ? "succeeded" : "started", images: imagesIn(spec.template) }];
  },
};

const daemonSets = object({
  metadata: object({ generation: count }),
  spec: object({ template }),
  status: nullish(
    object({
      ...{ observedGeneration: count, desiredNumberScheduled: count },
      ...{ updatedNumberScheduled: count, numberAvailable: count },
    }),
  ),
});

/** A DaemonSet whose pods were all replaced tells nothing while some of them are not available. */
export const daemonSet: Kind = {
  resource: "apps/v1 daemonsets",
  read: (answer) => {
    const parsed = daemonSets.safeParse(answer);
    if (!parsed.success) return undefined;
    const { metadata, spec, status } = parsed.data;
    if (!status || !isSeen(metadata.generation, status.observedGeneration)) return [];
    const wanted = status.desiredNumberScheduled ?? 0;
    const images = imagesIn(spec.template);
    if ((status.updatedNumberScheduled ?? 0) < wanted) return [{ status: "started", images }];
    return (status.numberAvailable ?? 0) < wanted ? [] : [{ status: "succeeded", images }];
  },
};
