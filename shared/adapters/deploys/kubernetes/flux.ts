import { array, boolean, nullish, object } from "zod";
import type { Told } from "../../../ports/deployers.ts";
import { atOf, detailOf, imagesOf, instant, shaOf, text, values } from "../told.ts";
import { conditionOf, conditions, count, isSeen, type Kind, type Rollout } from "./object.ts";

const kustomizations = object({
  metadata: object({ generation: count }),
  status: nullish(
    object({
      ...{ observedGeneration: count, conditions },
      ...{ lastAppliedRevision: text, lastAppliedOriginRevision: text, lastAttemptedRevision: text },
    }),
  ),
});

/** Reasons that are about sources and dependencies, and not about the rollout. */
const isElsewhere = /^(DependencyNotReady|Artifact\w*|Source\w*|HealthCheckCanceled|AccessDenied)$/;

/**
 * A Kustomization of Flux: https://fluxcd.io/flux/components/kustomize/kustomizations/#kustomization-status. It tells no time at which a
 * revision was applied, so that is the time at which it is seen.
 */
export const kustomization: Kind = {
  resource: "kustomize.toolkit.fluxcd.io/v1 kustomizations",
  read: (answer) => {
    const parsed = kustomizations.safeParse(answer);
    if (!parsed.success) return undefined;
    const { status } = parsed.data;
    const ready = conditionOf(status, "Ready");
    const of = (state: Told["status"], ...revisions: (string | null | undefined)[]): Rollout[] => {
      const sha = revisions.map(shaOf).find((one) => one !== undefined);
      return [{ status: state, images: [], commits: sha === undefined ? [] : [{ sha }] }];
    };
    if (ready?.status === "True")
      return of("succeeded", status?.lastAppliedOriginRevision, status?.lastAppliedRevision);
    const isAttempt = status?.lastAttemptedRevision !== status?.lastAppliedRevision;
    if (!isAttempt || ready === undefined || isElsewhere.test(ready.reason ?? "")) return [];
    const [told] = of(ready.status === "False" ? "failed" : "started", status?.lastAttemptedRevision);
    // Of an attempt, the origin of an artifact is not told.
    if (told === undefined || told.commits?.length === 0) return [];
    return [{ ...told, ...(told.status === "failed" && detailOf(ready.message)) }];
  },
};

const helmReleases = object({
  metadata: object({ generation: count, annotations: values }),
  spec: nullish(object({ suspend: nullish(boolean()) })),
  status: nullish(
    object({
      ...{ observedGeneration: count, conditions },
      history: nullish(
        array(object({ status: text, lastDeployed: instant, chartVersion: text, appVersion: text })),
      ),
    }),
  ),
});

/**
 * A HelmRelease of Flux: https://fluxcd.io/flux/components/helm/helmreleases/#helmrelease-status. The chart names a version and not a commit, so the
 * annotation that its events carry names the image, or else the chart's `appVersion` its tag.
 */
export const helmRelease: Kind = {
  resource: "helm.toolkit.fluxcd.io/v2 helmreleases",
  read: (answer) => {
    const parsed = helmReleases.safeParse(answer);
    if (!parsed.success) return undefined;
    const { metadata, status } = parsed.data;
    const image = metadata.annotations?.["event.toolkit.fluxcd.io/image"];
    const images = imagesOf(typeof image === "string" ? [image] : []);
    if (!isSeen(metadata.generation, status?.observedGeneration)) return [];
    const [ready, remediated] = [conditionOf(status, "Ready"), conditionOf(status, "Remediated")];
    const history = status?.history ?? [];
    const [newest] = history;
    const tagOf = (of: typeof newest) => (of?.appVersion ? { tag: of.appVersion } : {});
    const refused = history.find((one) => one.status === "failed");
    const failed = { status: "failed" as const, images, ...tagOf(refused), ...detailOf(ready?.message) };
    if (remediated?.status === "True" && remediated.reason === "RollbackSucceeded")
      return [
        {
          ...failed,
          rolledBack: true,
          ...atOf(remediated.lastTransitionTime),
          ...detailOf(remediated.message),
        },
      ];
    if (ready?.status === "True")
      return [{ status: "succeeded", images, ...tagOf(newest), ...atOf(newest?.lastDeployed) }];
    const isOver = ready?.status === "False" && conditionOf(status, "Released")?.status === "False";
    return isOver ? [{ ...failed, ...atOf(newest?.lastDeployed) }] : [];
  },
};
