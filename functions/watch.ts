import { firing } from "../shared/incident/alerts/alerts.ts";
import { type Intent, newsPolicy, retryPolicy } from "../shared/incident/commands.ts";
import {
  type In,
  isKept,
  isUnsettled,
  type Pull,
  type Remedy,
  type Unsettled,
} from "../shared/incident/model.ts";
import { awaitsRevert } from "../shared/incident/remedies/redeploy.ts";
import { retriesItself } from "../shared/incident/rounds/resume.ts";
import type { PullNow } from "../shared/ports/pulls.ts";
import type { Service } from "../shared/ports/service.ts";
import { retriedOnGithub } from "./approval/github-door.ts";
import { type Liveness, liveness, ownMerge, runningInstead, runsCulprit } from "./in-production/fix.ts";
import { doneAsApproved } from "./merge/as-approved.ts";
import { followFix, revertedSince } from "./people/people.ts";
import { promotedAgain } from "./promoted-again.ts";
import { isRetargeted, reopenedSince, someone } from "./pull-state.ts";
import { refer } from "./refer.ts";
import { hasNews } from "./review.ts";
import { repositoryOf, step, type Work } from "./step.ts";
import { lateRecovery, selfRecovery } from "./verify/self-recovery.ts";
import { waitFor } from "./verify/wait.ts";

/**
 * merged → is the merged commit live? By ancestry and content: another merge may be what was deployed. referred → is the other
 * incident over? An ended incident is followed.
 */
export const watch = step("watch", ["merged", "referred", "escalated", "closed"], async (work, incident) => {
  if (incident.status !== "merged" && incident.status !== "referred")
    return isUnsettled(incident) ? follow(work, incident) : keep(work, incident);
  const over = await selfRecovery(work, incident, "watch");
  if (over !== undefined) return over;
  if (incident.status === "referred") return refer(work, incident);
  const own = ownMerge(incident);
  if (own === undefined) return followFix(work, incident);
  return (await promotedAgain(work, incident)) ?? intentOf(work, incident, await liveness(work, own));
});

const intentOf = (work: Work, incident: In<"merged">, now: Liveness): Intent | null => {
  if (now.is === "live") {
    const waitMs = waitFor(incident.questions, work.serviceOf(incident.service).verify.holdMs);
    return { type: "RecordDeploy", sha: now.deploy.sha, ...sinceOf(now), ...(waitMs > 0 && { waitMs }) };
  }
  if (now.is === "failed")
    return { type: "RecordNotLive", sha: now.deploy.sha, detail: now.detail, failed: true };
  if (now.is === "missing" && now.undone)
    return { type: "RecordNotLive", sha: now.deploy.sha, detail: now.detail };
  const isTold = now.is === "missing" || now.is === "deploying";
  const detail = now.foreign ?? (isTold ? now.detail : undefined);
  return detail === undefined ? null : { type: "Delay", step: "watch", detail };
};

const sinceOf = ({ since }: Liveness & { is: "live" }) => (since === undefined ? {} : { since });

const minute = 60_000;
/** The time for which a deploy without a verified fix is told, and for which promotions that bring the culprit back are looked for. */
const keptMs = 30 * 24 * 60 * minute;
const promotedMs = 7 * 24 * 60 * minute;

/** Whether what runs now still holds a verified fix. A version from before the change needs none. */
const keep = async (work: Work, incident: In<"closed">): Promise<Intent | null> => {
  const own = ownMerge(incident);
  if (own === undefined || !isKept(incident) || work.clock() > incident.endedAt + keptMs) return null;
  const { service, environment, endedAt, notLive } = incident;
  const promoted = work.clock() > endedAt + promotedMs ? undefined : await promotedAgain(work, incident);
  if (promoted !== undefined) return promoted;
  const since = await work.store.deploys(service, environment, notLive === undefined ? endedAt : 0);
  if (!since.some(({ status }) => status === "succeeded")) return null;
  const now = await liveness(work, own);
  if (now.is === "live")
    return notLive === undefined && !awaitsRevert(incident)
      ? null
      : { type: "RecordDeploy", sha: now.deploy.sha };
  const instead = runningInstead(now);
  if (instead === undefined || instead.deploy.at < endedAt) return null;
  const { sha } = instead.deploy;
  if (!(await runsCulprit(work, own, sha))) return null;
  const { branch } = repositoryOf(work, service, own.remedy);
  const todo = instead.undone
    ? "the change that was taken back runs again"
    : `the change that it takes back runs again: deploy ${branch}`;
  return { type: "RecordNotLive", sha, detail: `${instead.detail}; ${todo}` };
};

/** Follows an ended incident: its fix went live, its pull request was merged, closed or opened again, or a refusal may be over. */
const follow = async (work: Work, incident: Unsettled): Promise<Intent | null> => {
  const { deploy, pull, remedy } = incident;
  const over = incident.status === "escalated" ? await lateRecovery(work, incident) : undefined;
  if (over !== undefined) return over;
  const own = ownMerge(incident);
  if (own !== undefined) {
    const promoted = await promotedAgain(work, incident);
    if (promoted !== undefined) return promoted;
    if (deploy !== undefined) return retryIntent(work, incident);
    const now = await liveness(work, own);
    return now.is === "live" ? { type: "RecordDeploy", sha: now.deploy.sha, ...sinceOf(now) } : null;
  }
  if (pull !== undefined && remedy !== undefined) return ofPull(work, incident, { pull, remedy });
  if (incident.status === "escalated" && (await hasNews(work, incident)))
    return { type: "Retry", by: newsPolicy };
  return retryIntent(work, incident);
};

/** People reverted the change themselves, instead of merging the pull request. */
const byHand = async (work: Work, incident: Unsettled): Promise<Intent | undefined> => {
  if (!firing(incident.alerts)) return undefined;
  const fix = await revertedSince(work, incident);
  return fix && { type: "RecordFix", fix };
};

const ofPull = async (
  work: Work,
  incident: Unsettled,
  { pull, remedy }: { pull: Pull; remedy: Remedy },
): Promise<Intent | null> => {
  const place = repositoryOf(work, incident.service, remedy);
  const now = await work.pulls.pull(place, pull);
  const isDeclined = incident.status === "escalated" && incident.reason === "declined_before";
  const fixed = now.state === "merged" ? undefined : await byHand(work, incident);
  if (fixed !== undefined) return fixed;
  if (isDeclined && now.state === "closed") return null;
  if (now.state !== "open" || isRetargeted(place, now))
    return (await doneAsApproved(work, place, { ...incident, pull }, now)) ?? null;
  if (incident.status === "escalated" && !isDeclined) {
    const retried = await retriedOnGithub(work, { ...incident, pull }, { place, now });
    if (retried !== undefined) return retried;
  }
  if (!firing(incident.alerts)) return null;
  const reopened = { type: "RecordReopening", pull: now.pull, by: now.by ?? someone } as const;
  if (incident.status === "closed") return openedAgain(work, incident, { place, now });
  if (isDeclined) return { ...reopened, detail: `#${pull.number} was opened again on GitHub` };
  if (incident.reason === "retargeted")
    return { ...reopened, detail: `#${pull.number} goes to ${place.branch} again` };
  return retryIntent(work, incident);
};

/**
 * A person opened the pull request again. Where Countersteer closes it itself, closing may still be under way: then GitHub must tell who
 * opened it since.
 */
const openedAgain = async (
  { pulls }: Work,
  { endedAt, outcome }: In<"closed">,
  { place, now: { pull } }: { place: Service; now: PullNow },
): Promise<Intent | null> => {
  const again = await reopenedSince(pulls, place, { pull, endedAt });
  if (again === undefined && outcome !== "withdrawn") return null;
  const who = again === undefined ? "" : ` by ${again}`;
  const detail = `#${pull.number} was opened again on GitHub${who}`;
  return { type: "RecordReopening", pull, by: again ?? someone, detail };
};

const retryIntent = ({ clock }: Work, incident: Unsettled): Intent | null =>
  retryDue(incident, clock()) ? { type: "Retry", by: retryPolicy } : null;

const retryMs = { first: 5 * minute, most: 60 * minute };

/** A setup error may be mended without notice, and an outage end, so the step is tried again, ever less often, while the alert fires. */
const retryDue = (incident: Unsettled, now: number): boolean => {
  if (!retriesItself(incident)) return false;
  const { count } = incident.retries ?? { count: 0 };
  return now >= incident.endedAt + Math.min(retryMs.most, retryMs.first * 2 ** count);
};
