import type { EpochMs } from "../../shared/brands.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { Fix, In, Merge, Pull, Remedy } from "../../shared/incident/model.ts";
import { firstOf } from "../../shared/incident/remedies/redeploy.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import { clock, list, short } from "../../shared/text/format.ts";
import { isDenied } from "../deploy-reports/denied.ts";
import { repositoryOf, type Work } from "../step.ts";

/**
 * The state of a merged remedy by the deploy reports. `foreign` is a sentence about reports of commits that the repository does not have.
 * A fix that is live was not so before `since`.
 */
export type Liveness = { foreign?: string } /** `since`: the fix was not live before. */ & (
  | { is: "live"; deploy: DeployRecord; since?: EpochMs }
  /** The deployed commit does not contain the merge; with `undone`, it does, and a later commit brings the change back. */
  | { is: "missing"; deploy: DeployRecord; detail: string; undone: boolean }
  /** `runs`: an older deploy that succeeded since, so its commit is what runs. */
  | { is: "failed"; deploy: DeployRecord; detail: string; runs?: DeployRecord }
  /** Nothing has ended yet, and a deploy that holds the merge has started. */
  | { is: "deploying"; deploy: DeployRecord; detail: string }
  | { is: "unreported" }
);

type Merged = Pick<In<"merged">, "service" | "environment" | "openedAt" | "redeploy"> & {
  remedy: Remedy;
  merge: Merge;
  pull: Pull;
};

/** The incident when its fix is the merge of its own pull request; undefined when people did something else. */
export const ownMerge = <T extends { remedy?: Remedy; merge?: Merge; pull?: Pull; fix?: Fix }>(
  incident: T,
): (T & Pick<Merged, "remedy" | "merge" | "pull">) | undefined => {
  const { remedy, merge, pull, fix } = incident;
  if (remedy === undefined || merge === undefined || pull === undefined || fix !== undefined)
    return undefined;
  return { ...incident, remedy, merge, pull };
};

/**
 * Whether a deploy holds the change that a remedy takes back. A change of scale takes back none, and its fix is always needed. A commit
 * that the GitOps repository does not have is the application's, and is asked for the commit behind the rollback.
 */
export const runsCulprit = async (
  work: Work,
  { service, remedy }: { service: string; remedy: Remedy },
  descendant: string,
): Promise<boolean> => {
  if (remedy.kind !== "revert") return true;
  const place = repositoryOf(work, service, remedy);
  try {
    return await work.history.contains(place, { ancestor: remedy.sha, descendant });
  } catch (error) {
    if (!isUnknown(error) || remedy.in === undefined || remedy.behind === undefined) throw error;
    return work.history.contains(work.serviceOf(service), { ancestor: remedy.behind.sha, descendant });
  }
};

/** A deployer's clock may be behind ours: earlier reports count when they hold the merge. */
export const clockSkewMs = 24 * 60 * 60_000;
/** Reports that are looked at, the newest first; each costs one or two calls. */
const most = 20;

/** The newest successful deploy decides. Of two in one second, the one that holds the merge does. */
export const liveness = async (work: Work, incident: Merged): Promise<Liveness> => {
  const { service, environment, openedAt, merge } = incident;
  const reports = await work.store.deploys(service, environment, openedAt - clockSkewMs);
  const seen: { foreign?: string; failed?: Failed; missing?: Missing } = {};
  const putBack = putBackAgain(incident, reports);
  for (const deploy of reports.filter(({ status }) => status !== "started").slice(0, most)) {
    if (deploy === putBack) return { is: "live", deploy, ...foreignOf(seen) };
    const isBefore = seen.missing !== undefined && !isSameSecond(seen.missing.deploy, deploy);
    if (isBefore && deploy.status !== "failed") break;
    const held = await holds(work, incident, deploy);
    if ("foreign" in held) {
      seen.foreign ??= held.foreign;
      continue;
    }
    if (held.holds && deploy.status === "succeeded")
      return { is: "live", deploy, since: firstSince(reports, merge, deploy), ...foreignOf(seen) };
    if (held.holds) seen.failed ??= await failure(work, deploy, incident);
    else if (deploy.status === "succeeded" && deploy.at >= merge.at)
      seen.missing ??= { is: "missing", deploy, ...held };
  }
  const failed = seen.failed && rolledBack(seen.failed, seen.missing);
  const under = failed ?? (await underWay(work, incident, reports)) ?? seen.missing;
  if (under !== undefined) return { ...under, ...foreignOf(seen) };
  const foreign = seen.foreign ?? (await misdated(work, incident));
  return { is: "unreported", ...(foreign !== undefined && { foreign }) };
};

type Failed = Liveness & { is: "failed" };
type Missing = Liveness & { is: "missing" };

/** A deployer puts back what ran before, when a deploy fails. */
const rolledBack = (failed: Failed, missing: Missing | undefined): Failed => {
  if (missing === undefined || missing.deploy.at < failed.deploy.at) return failed;
  const { deploy } = missing;
  return {
    ...failed,
    detail: `${failed.detail}; ${short(deploy.sha)} runs since ${clock(deploy.at)}`,
    runs: deploy,
  };
};

/** The deploy that runs now without the fix; undefined where the fix is live, or nothing tells. */
export const runningInstead = (now: Liveness): Pick<Missing, "deploy" | "detail" | "undone"> | undefined => {
  if (now.is === "missing") return now;
  if (now.is !== "failed" || now.runs === undefined) return undefined;
  return { deploy: now.runs, detail: now.detail, undone: false };
};

/** Reports further back are not looked at. */
const misdatedMs = 30 * clockSkewMs;

/** A sentence about a report that came after the merge and tells a time long before the incident. */
const misdated = async (
  { store }: Work,
  { service, environment, openedAt, merge }: Merged,
): Promise<string | undefined> => {
  const reports = await store.deploys(service, environment, openedAt - misdatedMs);
  const late = reports.find(({ at, heard }) => at < openedAt - clockSkewMs && (heard?.at ?? 0) >= merge.at);
  if (late?.heard === undefined) return undefined;
  return `${short(late.sha)} was reported at ${clock(late.heard.at)} as deployed on ${new Date(late.at).toISOString().slice(0, 16)}Z, long before the merge: report the time at which the deploy ended, or none`;
};

/** The newest deploy that succeeded, when it is our own redeploy of the last good one. */
const putBackAgain = ({ remedy, redeploy }: Merged, reports: DeployRecord[]): DeployRecord | undefined => {
  const first = firstOf(remedy);
  const live = reports.find(({ status }) => status === "succeeded");
  if (first === undefined || redeploy?.id === undefined || live?.sha !== redeploy.sha) return undefined;
  return live.at > first.deployedAt ? live : undefined;
};

/** The first report after the merge, of whatever: the fix was not live before it. A deploy that failed before any succeeded brought nothing. */
const firstSince = (reports: DeployRecord[], merge: Merge, { at }: DeployRecord): EpochMs => {
  const after = reports.filter((one) => one.at >= merge.at);
  const live = after.findLast(({ status }) => status === "succeeded")?.at ?? at;
  const failed = after.find((one) => one.status === "failed" && one.at < live)?.at ?? 0;
  return Math.min(at, ...after.flatMap((one) => (one.at > failed ? one.at : [])));
};

/** A rollout that is told more than once runs since it was told first. */
const startOf = (reports: DeployRecord[]): DeployRecord | undefined => {
  const other = reports.findIndex(({ sha, status }) => status !== "started" || sha !== reports[0]?.sha);
  return reports.at(other < 0 ? -1 : Math.max(0, other - 1));
};

/** The newest report when it says that a deploy of the merge has started. */
const underWay = async (
  work: Work,
  incident: Merged,
  reports: DeployRecord[],
): Promise<Liveness | undefined> => {
  const [newest] = reports;
  if (newest?.status !== "started") return undefined;
  const held = await holds(work, incident, newest);
  if (!("holds" in held) || !held.holds) return undefined;
  const link = newest.url === undefined ? "" : ` (${newest.url})`;
  const detail = `deploying ${short(newest.sha)} since ${clock(startOf(reports)?.at ?? newest.at)}, which holds pull request #${incident.pull.number}${link}`;
  return { is: "deploying", deploy: newest, detail };
};

const foreignOf = ({ foreign }: { foreign?: string }) => (foreign === undefined ? {} : { foreign });
const isSameSecond = (a: DeployRecord, b: DeployRecord): boolean =>
  Math.floor(a.at / 1000) === Math.floor(b.at / 1000);

const failure = async (work: Work, deploy: DeployRecord, { pull }: Merged): Promise<Failed> => {
  const link = deploy.url === undefined ? "" : ` (${deploy.url})`;
  const where = await afterOthers(work, deploy);
  const told = deploy.detail === undefined ? "" : `, which told “${deploy.detail}”`;
  const how = isDenied(deploy.detail) ? "was denied by an admission policy (denied_by_policy)" : "failed";
  const detail = `the deploy of ${short(deploy.sha)} at ${clock(deploy.at)}, which holds pull request #${pull.number}, ${how}${where}${link}${told}; the next one that succeeds counts`;
  return { is: "failed", deploy, detail };
};

/** Finds an earlier environment with the same commit, when environments are deployed one after another. */
const afterOthers = async (
  { store, serviceOf }: Work,
  { service, environment, sha, at }: DeployRecord,
): Promise<string> => {
  const others = serviceOf(service).environments.filter((one) => one !== environment);
  const live = await Promise.all(
    others.map(async (other) => {
      const reports = await store.deploys(service, other, at - clockSkewMs);
      const done = reports.find((one) => one.sha === sha && one.status === "succeeded" && one.at <= at);
      return done === undefined ? [] : [`${other} (${clock(done.at)})`];
    }),
  );
  const before = live.flat();
  return before.length === 0 ? "" : ` in ${environment} after ${before.join(", ")}`;
};

type Held = { holds: true } | { holds: false; detail: string; undone: boolean } | { foreign: string };

const holds = async (work: Work, incident: Merged, deploy: DeployRecord): Promise<Held> => {
  const { service, remedy, merge } = incident;
  if (deploy.sha === merge.sha) return { holds: true };
  const place = repositoryOf(work, service, remedy);
  try {
    const isHeld = await work.history.contains(place, { ancestor: merge.sha, descendant: deploy.sha });
    if (isHeld) return await unlessUndone(work, incident, deploy);
    if (await isRoutedBack(work, incident, deploy)) return { holds: true };
    return (await lostBy(work, incident, deploy)) ?? missing(incident, deploy);
  } catch (error) {
    if (!isUnknown(error)) throw error;
    return applicationHolds(work, incident, deploy, place.repository);
  }
};

/**
 * A route that is put back brings no commit live: it is there once the version that ran before runs again, as where Knative tells which revision
 * gets the requests. The version that ran at the merge must be another one.
 */
const isRoutedBack = async (
  { store }: Work,
  { service, environment, remedy, merge }: Merged,
  deploy: DeployRecord,
): Promise<boolean> => {
  if (remedy.kind !== "revert" || !remedy.isRoute) return false;
  if (deploy.status !== "succeeded" || deploy.at < merge.at) return false;
  const reports = await store.deploys(service, environment, merge.at - formerMs);
  const [ran, ...earlier] = reports.filter(({ at }) => at < merge.at);
  const former = earlier.find(({ status, sha }) => status === "succeeded" && sha !== ran?.sha);
  return former?.sha === deploy.sha;
};

/** The version before may have run for long. */
const formerMs = 30 * clockSkewMs;

/** The merge is not on the branch any more, so no deploy of the branch will ever hold it. */
const lostBy = async (work: Work, incident: Merged, { sha, at }: DeployRecord): Promise<Held | undefined> => {
  const { service, remedy, merge, pull } = incident;
  if (at < merge.at) return undefined;
  const place = repositoryOf(work, service, remedy);
  const of = { ancestor: merge.sha, descendant: place.branch };
  if (await work.history.contains(place, of)) return undefined;
  return {
    holds: false,
    detail: `${short(sha)}, deployed at ${clock(at)}, does not hold pull request #${pull.number}, and neither does ${place.branch} any more: it was force-pushed since; cherry-pick ${short(merge.sha)} to ${place.branch}, or revert by hand`,
    undone: true,
  };
};

const missing = ({ pull }: Merged, { sha, at }: DeployRecord): Held => ({
  holds: false,
  detail: `${short(sha)}, deployed at ${clock(at)}, does not hold pull request #${pull.number}`,
  undone: false,
});

const isUnknown = (error: unknown): boolean =>
  error instanceof UpstreamError && (error.status === 404 || error.status === 422);

/** The merge is an ancestor, but a later commit may have brought the change back. */
const unlessUndone = async (work: Work, incident: Merged, { sha, at }: DeployRecord): Promise<Held> => {
  const { service, remedy, merge, pull } = incident;
  const back = await work.history.undone(repositoryOf(work, service, remedy), { sha: merge.sha, by: sha });
  if (back === undefined) return { holds: true };
  const who = back.commit === undefined ? "" : ` by ${short(back.commit.sha)} of ${back.commit.author}`;
  const where =
    back.paths.length === 0 ? "the change was brought back" : `${list(back.paths)} is as before it again`;
  return {
    holds: false,
    detail: `${short(sha)}, deployed at ${clock(at)}, holds the merge of pull request #${pull.number}, but ${where}${who}: the fix is not live`,
    undone: true,
  };
};

/**
 * A deployer of a GitOps repository may report the application's commits: the rollback is live once the culprit is not, and its withdrawal
 * once the culprit runs again.
 */
const applicationHolds = async (
  work: Work,
  incident: Merged,
  deploy: DeployRecord,
  repository: string,
): Promise<Held> => {
  const { service, remedy, merge } = incident;
  const foreign = `${short(deploy.sha)} was reported as deployed at ${clock(deploy.at)}, and ${repository} has no such commit: it was force-pushed away, or belongs to another repository; report the deployed commit of ${repository}`;
  if (await isRoutedBack(work, incident, deploy)) return { holds: true };
  const rollback = remedy.kind === "withdraw" ? remedy.of : remedy;
  if (rollback.kind !== "revert" || remedy.in === undefined || rollback.behind === undefined)
    return { foreign };
  if (deploy.at < merge.at) return missing(incident, deploy);
  const own = { ancestor: rollback.behind.sha, descendant: deploy.sha };
  try {
    const runsCulprit = await work.history.contains(work.serviceOf(service), own);
    const isLive = remedy.kind === "withdraw" ? runsCulprit : !runsCulprit;
    return isLive ? { holds: true } : missing(incident, deploy);
  } catch (error) {
    if (!isUnknown(error)) throw error;
    return { foreign };
  }
};
