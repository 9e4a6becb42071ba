import { UpstreamError } from "../../shared/errors.ts";
import type { Intent } from "../../shared/incident/commands.ts";
import type { Reviewable } from "../../shared/incident/diagnosis/review.ts";
import type { Diagnosis, Fix, In, Suspect, Unsettled } from "../../shared/incident/model.ts";
import { putBackBy } from "../../shared/incident/remedies/redeploy.ts";
import type { Landed } from "../../shared/ports/history.ts";
import type { DeployRecord, FlipRecord } from "../../shared/ports/store.ts";
import { isByUs } from "../../shared/remedy/revert/commit-message.ts";
import { takenBack, takesBack } from "../../shared/remedy/revert/revert-messages.ts";
import { clock } from "../../shared/text/format.ts";
import { repositoryOf, type Work } from "../step.ts";
import { flagBack } from "./flipped.ts";
import { sizeOf } from "./scaled.ts";

type Known = {
  incident: Reviewable;
  diagnosis: Diagnosis;
  deploys: DeployRecord[];
  flips: FlipRecord[];
};

/** Suspects whose revert by people is looked for. */
const most = 5;

/** Returns the fix that people made themselves, by the cheapest look first; undefined when none is known. */
export const fixByPeople = async (work: Work, known: Known): Promise<Fix | undefined> =>
  flagBack(known) ??
  (await rollback(work, known)) ??
  (await scaledUp(work, known)) ??
  (await revert(work, known));

/**
 * A deploy since the onset runs without the suspect, and the one before it ran with it, or failed with it. Where none was told before, an
 * older version than the suspect is a rollback.
 */
const rollback = async (work: Work, { incident, diagnosis, deploys }: Known): Promise<Fix | undefined> => {
  const sha = culpritOf(incident, diagnosis);
  const latest = deploys.find(({ status }) => status === "succeeded");
  if (sha === undefined || latest === undefined || latest.at <= incident.onsetAt) return undefined;
  const others = deploys.slice(deploys.indexOf(latest) + 1).filter((deploy) => deploy.sha !== latest.sha);
  const formers = (["succeeded", "failed"] as const).flatMap(
    (ended) => others.find(({ status }) => status === ended) ?? [],
  );
  if (putBackBy(incident)?.sha === latest.sha) return undefined;
  const service = work.serviceOf(incident.service);
  const holds = (descendant: string, ancestor: string) =>
    work.history.contains(service, { ancestor, descendant }).catch(unknown);
  if ((await holds(latest.sha, sha)) !== false) return undefined;
  const held = await Promise.all(formers.map((former) => holds(former.sha, sha)));
  const former = formers[held.indexOf(true)];
  if (former === undefined && (formers.length > 0 || (await holds(sha, latest.sha)) !== true))
    return undefined;
  // A deploy that goes on from the former one took the change back on the branch: that is a revert.
  if (former !== undefined && (await holds(latest.sha, former.sha))) return undefined;
  const detail = `${sha.slice(0, 12)} is no longer live, ${howOf(latest)}`;
  return { kind: "rollback", at: latest.at, sha: latest.sha, takesBack: sha, detail };
};

/** The cluster tells why it went back by itself; Git still has the change. */
const howOf = ({ at, detail }: DeployRecord): string =>
  detail === undefined
    ? `rolled back by a deploy at ${minute(at)}`
    : `the cluster itself went back at ${minute(at)} (“${detail}”); Git still has it`;

const unknown = (error: unknown): undefined => {
  if (!(error instanceof UpstreamError)) throw error;
  return undefined;
};

const culpritOf = (incident: Reviewable, { suspects: [first] }: Diagnosis): string | undefined =>
  incident.status === "proposed" && incident.remedy.kind === "revert" && incident.remedy.in === undefined
    ? incident.remedy.sha
    : first?.in === undefined && first?.of === undefined
      ? first?.sha
      : undefined;

/** The limit that the proposal would raise has been raised already. */
const scaledUp = async (work: Work, { incident }: Known): Promise<Fix | undefined> => {
  if (incident.status !== "proposed" || incident.remedy.kind !== "scale") return undefined;
  const { remedy } = incident;
  const at = work.clock();
  const size = await sizeOf(work, incident.service, remedy);
  if (size === undefined || size < Number(remedy.to)) return undefined;
  return { kind: "scale", at, detail: `${remedy.target} was raised to ${size} by hand` };
};

/** A suspect was taken back on the branch, or a pull request of a person would take it back. */
const revert = async (work: Work, { incident, diagnosis }: Known): Promise<Fix | undefined> => {
  const suspects = diagnosis.suspects.slice(0, most).filter((suspect) => isOwn(suspect));
  const oldest = suspects.toSorted((a, b) => a.at - b.at)[0];
  if (oldest === undefined) return undefined;
  const service = repositoryOf(work, incident.service, oldest);
  const { since, pulls } = await work.history.change(service, oldest.sha);
  for (const suspect of suspects) {
    const by = takenBack(suspect.sha, since.commits);
    if (by !== undefined && !isOurs(by)) return reverted(suspect, by, work.clock());
  }
  const [first] = suspects;
  const ours = incident.status === "proposed" ? incident.pull.branch : undefined;
  const pull =
    first &&
    pulls.find(
      (pull) =>
        pull.branch !== ours &&
        !pull.branch.startsWith("countersteer/") &&
        takesBack(pull, first, { repository: service.repository }),
    );
  return first && pull && proposedByPeople(first, pull, work.clock());
};

/** The time after a deploy in which the branch is looked at for a revert that it brought. */
const lookMs = 15 * 60_000;

/** The revert that a person landed and deployed after the end, in place of the proposed one. It is looked for only when something was deployed. */
export const revertedSince = async (
  { store, history, clock, serviceOf }: Work,
  { service: name, environment, endedAt, remedy }: Unsettled,
): Promise<Fix | undefined> => {
  if (remedy?.kind !== "revert" || remedy.in !== undefined) return undefined;
  const deploys = await store.deploys(name, environment, endedAt);
  const latest = deploys.find(({ status }) => status === "succeeded");
  if (latest === undefined || latest.at < endedAt || clock() - latest.at > lookMs) return undefined;
  const { since } = await history.change(serviceOf(name), remedy.sha);
  const by = takenBack(remedy.sha, since.commits);
  return by === undefined || isOurs(by) ? undefined : reverted(remedy, by, clock());
};

const isOwn = ({ in: repository, of }: Suspect): boolean => repository === undefined && of === undefined;
const isOurs = ({ message }: Landed): boolean => isByUs(message);

export const reverted = ({ sha }: Pick<Suspect, "sha">, by: Landed, at: number): Fix => ({
  ...{ kind: "revert", at, sha: by.sha, by: by.author, takesBack: sha },
  detail: `${sha.slice(0, 12)} was already reverted by ${by.author} (${by.sha.slice(0, 12)})`,
});

export const proposedByPeople = (
  { sha }: Pick<Suspect, "sha">,
  { number, url }: { number: number; url: string },
  at: number,
): Fix => ({
  ...{ kind: "pull", at, pull: { number, url }, takesBack: sha },
  detail: `pull request #${number} takes ${sha.slice(0, 12)} back already`,
});

type FixedByPeople = Pick<In<"merged">, "service" | "merge" | "fix">;

/** Whether a commit runs the change that people took back, and holds no revert of it. Undefined where GitHub cannot tell. */
export const runsWithoutFix = async (
  work: Work,
  { service: name, fix, merge }: FixedByPeople,
  { sha }: { sha: string },
): Promise<boolean | undefined> => {
  if (fix?.takesBack === undefined) return undefined;
  const service = work.serviceOf(name);
  const holds = (ancestor: string) =>
    work.history.contains(service, { ancestor, descendant: sha }).catch(unknown);
  const isThere = await holds(fix.takesBack);
  if (isThere !== true) return isThere;
  const { since } = await work.history.change(service, fix.takesBack);
  const by = merge?.sha ?? takenBack(fix.takesBack, since.commits)?.sha;
  if (by === undefined) return true;
  const isReverted = await holds(by);
  return isReverted === undefined ? undefined : !isReverted;
};

/** merged by people → is their revert live? Their open pull request is followed until it is merged or closed. */
export const followFix = async (work: Work, incident: In<"merged">): Promise<Intent | null> => {
  const { service, environment, openedAt, fix, merge } = incident;
  if (fix?.kind === "pull") return followPull(work, incident, fix);
  const reports = await work.store.deploys(service, environment, openedAt);
  const latest = reports.find(({ status }) => status === "succeeded");
  if (latest === undefined) return null;
  if (merge === undefined)
    return fix?.kind === "rollback" && (await runsWithoutFix(work, incident, latest)) === false
      ? { type: "RecordDeploy", sha: latest.sha }
      : null;
  const place = work.serviceOf(service);
  const isLive = await work.history
    .contains(place, { ancestor: merge.sha, descendant: latest.sha })
    .catch(unknown);
  return isLive === true ? { type: "RecordDeploy", sha: latest.sha } : null;
};

/** Closed without merging, it leaves the change where it is. */
const followPull = async (work: Work, incident: In<"merged">, fix: Fix): Promise<Intent | null> => {
  if (fix.takesBack === undefined || fix.pull === undefined) return null;
  const { number } = fix.pull;
  const { since, pulls } = await work.history.change(work.serviceOf(incident.service), fix.takesBack);
  const by = takenBack(fix.takesBack, since.commits);
  if (by !== undefined) return { type: "RecordFix", fix: reverted({ sha: fix.takesBack }, by, work.clock()) };
  if (pulls.some((pull) => pull.number === number)) return null;
  const detail = `pull request #${number} of a person was closed without merging; ${fix.takesBack.slice(0, 12)} is still there`;
  return { type: "Escalate", reason: "already_reverted", detail };
};

const minute = (at: number): string => clock(at).slice(0, 5);
