import { placeOf, step } from "./step.ts";

/** merged → is the merged commit live? By ancestry: another merge may be what was deployed. */
export const watch = step("watch", "merged", async (work, incident) => {
  const { store, source } = work;
  const { service, environment, remedy, merge, openedAt } = incident;
  const [latest] = await store.deploys(service, environment, openedAt);
  if (latest === undefined) return null;
  if (
    latest.sha !== merge.sha &&
    !(await source.contains(placeOf(work, service, remedy), merge.sha, latest.sha))
  )
    return null;
  if (latest.status === "succeeded") return { type: "RecordDeploy", sha: latest.sha };
  return {
    type: "Escalate",
    reason: "deploy_failed",
    detail: `the deploy of ${latest.sha.slice(0, 12)}, which holds pull request #${incident.pull.number}, failed`,
  };
});
