import { boolean, literal, looseObject, nullish, number, object, optional, string, union } from "zod";
import type { Told } from "../../../ports/deployers.ts";
import { atOf, detailOf, instant, text } from "../told.ts";
import {
  conditionOf,
  conditions,
  count,
  imagesIn,
  isSeen,
  type Kind,
  type Rollout,
  template,
} from "./object.ts";

/** As much of a Rollout as tells its course: https://argo-rollouts.readthedocs.io/en/stable/features/specification/ */
const rollouts = object({
  metadata: object({ generation: count }),
  spec: object({
    template: optional(template),
    workloadRef: nullish(object({ kind: string(), name: string() })),
  }),
  status: nullish(
    object({
      ...{ observedGeneration: nullish(union([string(), number()])), phase: text, message: text },
      ...{ abort: nullish(boolean()), abortedAt: instant, currentPodHash: text, stableRS: text, conditions },
    }),
  ),
});
type Status = ReturnType<typeof rollouts.parse>["status"];
const referred = object({ spec: object({ template }) });

/** A Rollout of Argo Rollouts. Its pods may be described by a Deployment. */
export const rollout: Kind = {
  resource: "argoproj.io/v1alpha1 rollouts",
  read: async (answer, get) => {
    const parsed = rollouts.safeParse(answer);
    if (!parsed.success) return undefined;
    const { metadata, spec, status } = parsed.data;
    const course = isSeen(metadata.generation, status?.observedGeneration) ? courseOf(status) : undefined;
    if (course === undefined) return [];
    if (spec.workloadRef?.kind !== "Deployment") return [{ ...course, images: imagesIn(spec.template) }];
    const deployment = referred.safeParse(await get("apps/v1 deployments", spec.workloadRef.name));
    return [{ ...course, images: deployment.success ? imagesIn(deployment.data.spec.template) : [] }];
  },
};

const posted = looseObject({
  apiVersion: string().startsWith("argoproj.io/"),
  kind: literal("Rollout"),
  metadata: looseObject({ name: string(), namespace: string() }),
});

/** The rollout that a whole Rollout tells, as the notifications of Argo Rollouts may post it; undefined for a body of another form. */
export const postedRollout = (body: unknown): Told[] | undefined => {
  const { data } = posted.safeParse(body);
  const parsed = rollouts.safeParse(data);
  if (data === undefined || !parsed.success) return undefined;
  const { metadata, spec, status } = parsed.data;
  const course = isSeen(metadata.generation, status?.observedGeneration) ? courseOf(status) : undefined;
  if (course === undefined) return [];
  const name = `Rollout/${data.metadata.namespace}/${data.metadata.name}`;
  return [{ tool: "kubernetes", name, commits: [], values: {}, ...course, images: imagesIn(spec.template) }];
};

/** An aborted one runs the former version again, and Git names the new one. Steps and pauses bring a version live in part. */
const courseOf = (status: Status): Omit<Rollout, "images"> | undefined => {
  const progress = conditionOf(status, "Progressing");
  if (status?.abort || progress?.reason === "RolloutAborted" || status?.message?.startsWith("RolloutAborted"))
    return {
      ...{ status: "failed", rolledBack: true },
      ...atOf(status?.abortedAt ?? progress?.lastUpdateTime),
      ...detailOf(status?.message ?? progress?.message),
    };
  if (status?.phase === "Degraded")
    return { status: "failed", ...atOf(progress?.lastUpdateTime), ...detailOf(status.message) };
  if (status?.phase === "Progressing" || status?.phase === "Paused") return { status: "started" };
  if (status?.phase !== "Healthy" || status.currentPodHash !== status.stableRS) return undefined;
  return { status: "succeeded", ...atOf(conditionOf(status, "Completed")?.lastUpdateTime) };
};
