import { UpstreamError } from "../shared/errors.ts";
import type { In } from "../shared/incident/model.ts";
import type { DeployRecord } from "../shared/ports/store.ts";
import { placeOf, step, type Work } from "./step.ts";

/** merged → is the merged commit live? By ancestry: another merge may be what was deployed. */
export const watch = step("watch", "merged", async (work, incident) => {
  const { service, environment, openedAt } = incident;
  const deploys = await work.store.deploys(service, environment, openedAt);
  const latest = deploys.find(({ status }) => status !== "started");
  if (latest === undefined || !(await isLive(work, incident, latest))) return null;
  if (latest.status === "succeeded") return { type: "RecordDeploy", sha: latest.sha };
  return {
    type: "Escalate",
    reason: "deploy_failed",
    detail: `the deploy of ${latest.sha.slice(0, 12)}, which holds pull request #${incident.pull.number}, failed`,
  };
});

/** A deployer of a GitOps repository may report the application's commits: then the rollback is live once what it took back is not. */
const isLive = async (work: Work, incident: In<"merged">, { sha, at }: DeployRecord): Promise<boolean> => {
  const { service, remedy, merge } = incident;
  if (sha === merge.sha) return true;
  try {
    return await work.history.contains(placeOf(work, service, remedy), {
      ancestor: merge.sha,
      descendant: sha,
    });
  } catch (error) {
    const isUnknown = error instanceof UpstreamError && error.status === 404;
    if (!isUnknown || remedy.in === undefined || remedy.kind !== "revert") throw error;
    if (remedy.behind === undefined || at < merge.at) return false;
    return !(await work.history.contains(work.serviceOf(service), {
      ancestor: remedy.behind.sha,
      descendant: sha,
    }));
  }
};
