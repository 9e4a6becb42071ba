import type { Intent } from "../../shared/incident/commands.ts";
import type { In } from "../../shared/incident/model.ts";
import { awaitsRevert } from "../../shared/incident/remedies/redeploy.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import { clock, short } from "../../shared/text/format.ts";
import { clockSkewMs, liveness, ownMerge, runningInstead, runsCulprit } from "../in-production/fix.ts";
import { runsWithoutFix } from "../people/people.ts";
import { repositoryOf, type Work } from "../step.ts";

type Deployed = In<"deployed">;

/** The intent where a later deploy runs without the fix, whoever made it, or is the first one with the revert behind a redeploy. GitHub is asked only when another commit was deployed since. */
export const noLongerLive = async (work: Work, incident: Deployed): Promise<Intent | undefined> => {
  const later = await deployedSince(work, incident);
  if (incident.referral !== undefined) return elsewhere(work, incident.referral.to);
  if (later === undefined) return undefined;
  return incident.fix === undefined ? oursIsGone(work, incident) : theirsIsGone(work, incident, later);
};

/** The newest deploy of another commit that succeeded since the fix went live. */
const deployedSince = async (
  { store }: Work,
  { service, environment, deploy, openedAt }: Deployed,
): Promise<DeployRecord | undefined> => {
  const reports = await store.deploys(service, environment, openedAt - clockSkewMs);
  const own = reports.find(({ sha }) => sha === deploy.sha);
  const since = own?.at ?? deploy.at;
  const others = reports.filter(({ sha, status }) => sha !== deploy.sha && status === "succeeded");
  return others.find(({ at }) => at >= since);
};

const oursIsGone = async (work: Work, incident: Deployed): Promise<Intent | undefined> => {
  const merged = ownMerge(incident);
  if (merged === undefined) return undefined;
  const now = await liveness(work, merged);
  if (now.is === "live" && awaitsRevert(incident) && now.deploy.sha !== incident.deploy.sha)
    return { type: "RecordDeploy", sha: now.deploy.sha };
  const instead = runningInstead(now);
  if (instead === undefined) return undefined;
  const { sha } = instead.deploy;
  if (instead.undone) return { type: "RecordNotLive", sha, detail: instead.detail };
  const { branch } = repositoryOf(work, incident.service, merged.remedy);
  const what = (await runsCulprit(work, merged, sha))
    ? "the change that it takes back runs again"
    : "it is from before that change, so this is a rollback by hand";
  return { type: "RecordNotLive", sha, detail: `${instead.detail}; ${what}: deploy ${branch}` };
};

const theirsIsGone = async (
  work: Work,
  incident: Deployed,
  { sha, at, detail: told }: DeployRecord,
): Promise<Intent | undefined> => {
  const { fix } = incident;
  if (fix?.takesBack === undefined || (await runsWithoutFix(work, incident, { sha })) !== true)
    return undefined;
  const detail = `${short(sha)}, deployed at ${clock(at)}, runs ${short(fix.takesBack)} again: what people did (${fix.detail}) is not live any more${told === undefined ? "" : ` (“${told}”)`}`;
  return { type: "RecordNotLive", sha, detail };
};

/** The fix of another incident, which this one waited for. */
const elsewhere = async ({ store }: Work, to: string): Promise<Intent | undefined> => {
  const { incident } = await store.load(to);
  const notLive = "notLive" in incident ? incident.notLive : undefined;
  if (notLive === undefined) return undefined;
  const detail = `the fix of ${to} is not live any more: ${notLive.detail}`;
  return { type: "Delay", step: "verify", detail, verdict: "fix_not_live" };
};
