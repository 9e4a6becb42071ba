import type { EpochMs } from "../../brands.ts";
import type { DeployRecord } from "../../ports/store.ts";

/**
 * The newest deploy that began within this time and that goes on: it has not ended, and none succeeded since. A tool that never tells the end
 * of a deploy holds back nothing for longer. The newest record stands first.
 */
export const underWay = (
  deploys: DeployRecord[],
  { now, withinMs }: { now: EpochMs; withinMs: number },
): DeployRecord | undefined =>
  deploys.find(({ status, sha, at }) => {
    if (status !== "started" || now - at >= withinMs) return false;
    return !deploys.some(
      (other) =>
        other.at >= at && (other.status === "succeeded" || (other.status === "failed" && other.sha === sha)),
    );
  });

/** The time of the first of these deploys that came after the latest one of the former commit. The newest stands first. */
export const replacedAt = (
  succeeded: DeployRecord[],
  { sha }: Pick<DeployRecord, "sha">,
): EpochMs | undefined =>
  succeeded
    .slice(
      0,
      Math.max(
        0,
        succeeded.findIndex((one) => one.sha === sha),
      ),
    )
    .at(-1)?.at;
