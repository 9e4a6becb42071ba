import type { Intent } from "../../shared/incident/commands.ts";
import type { In } from "../../shared/incident/model.ts";
import type { MergeResult, PullNow } from "../../shared/ports/pulls.ts";
import type { Service } from "../../shared/ports/service.ts";
import { personName } from "../../shared/text/format.ts";
import { decidedOnGithub } from "../approval/github-door.ts";
import { notGranted } from "../approval/granted.ts";
import { notPermitted } from "../limits/permitted.ts";
import { redeployFirst } from "../redeploy/first.ts";
import { culpritReturns } from "../redeploy/return.ts";
import { repositoryOf, step, type Work } from "../step.ts";
import { asApproved, doneAsApproved } from "./as-approved.ts";
import { blocked } from "./blocked.ts";
import { beforeMerge } from "./next.ts";
import { handedOver } from "./sharing.ts";

type Approved = In<"approved">;

/** approved → merge exactly what was approved. Reads first: an earlier try may have been applied. */
export const merge = step("merge", ["approved"], async (work, incident) => {
  const { pulls } = work;
  const { remedy, pull, approval, delay } = incident;
  const service = repositoryOf(work, incident.service, remedy);
  const now = await pulls.pull(service, pull);
  const instead = await insteadOfMerge(work, service, { incident, now });
  if (instead !== undefined) return instead;
  await pulls.setCheck(service, {
    ...{ head: pull.head, state: "success", description: `approved by ${personName(approval.by)}` },
    // An earlier try may have set it.
    unlessSet: delay?.step === "merge",
  });
  // Somebody may have said no while all of this was read.
  if ((await work.store.load(incident.id)).incident.status !== "approved") return null;
  const sharing = await handedOver(work, incident);
  if (sharing !== undefined) return sharing;
  const redeploying = await redeployFirst(work, service, incident);
  if (redeploying !== undefined) return redeploying;
  const returned = await culpritReturns(work, incident);
  if (returned !== undefined) return returned;
  const first = await beforeMerge(work, service, { incident, now });
  if (first !== undefined) return first;
  const result = await pulls.merge(service, pull);
  if (result.result === "moved") return voided(work, service, { incident, detail: result.detail });
  const done = outcome(work, incident, result);
  // GitHub may have merged it by itself since it was read.
  return done.type === "RecordMerge" ? asApproved(work, service, incident, { done, now }) : done;
});

/** Why it must not be merged, or that it is. Auto-merge is taken back before that is stored. */
const insteadOfMerge = async (
  work: Work,
  service: Service,
  { incident, now }: { incident: Approved; now: PullNow },
): Promise<Intent | undefined> => {
  const done =
    (await doneAsApproved(work, service, incident, now)) ??
    (await moved(work, service, { incident, now })) ??
    (await stoppedOnGithub(work, service, { incident, now })) ??
    (await notGranted(work, service, { incident, now })) ??
    (await notPermitted(work, service, { incident, now }));
  if (done !== undefined && done.type !== "RecordMerge" && incident.armed !== undefined)
    await work.merging.disarm(service, incident.pull);
  return done;
};

/** A label, a review or a comment on the pull request stops what is approved, until it is merged. */
const stoppedOnGithub = async (
  work: Work,
  place: Service,
  { incident, now }: { incident: Approved; now: PullNow },
): Promise<Intent | undefined> =>
  incident.terms && (await decidedOnGithub(work, incident, { place, now, terms: incident.terms }));

/** Head, diff and the files that the revert touches must be as they were approved. */
const moved = async (
  { history }: Work,
  service: Service,
  { incident: { pull, approval }, now }: { incident: Approved; now: PullNow },
): Promise<Intent | undefined> => {
  const again = (detail: string): Intent => ({ type: "RecordMove", detail, pull: now.pull });
  if (now.pull.head !== approval.head || now.pull.diff !== approval.diff)
    return again(newHead(now.pull.diff === approval.diff));
  const range = { from: pull.baseSha, to: now.pull.baseSha };
  const ours = new Set(now.paths);
  const overlap = (await history.changedPaths(service, range)).find((path) => ours.has(path));
  return overlap === undefined
    ? undefined
    : again(`${overlap} has changed on ${pull.base} since this was approved`);
};

const newHead = (isSame: boolean): string =>
  isSame
    ? "the pull request's branch was updated; its changes are the same"
    : "the pull request's branch has new commits";

/** A void approval also fails the status check, so that nobody merges it by hand. */
const voided = async (
  work: Work,
  service: Service,
  { incident, detail }: { incident: Approved; detail: string },
): Promise<Intent> => {
  const { pulls } = work;
  const { pull } = incident;
  const description = "it has moved: asked again";
  await pulls.setCheck(service, { head: pull.head, state: "pending", description });
  const now = await pulls.pull(service, pull);
  return (
    (await doneAsApproved(work, service, incident, now)) ?? { type: "RecordMove", detail, pull: now.pull }
  );
};

type Result = Exclude<MergeResult, { result: "moved" }>;

const outcome = (work: Work, { pull }: Approved, result: Result): Intent => {
  switch (result.result) {
    case "merged":
      return { type: "RecordMerge", pull: pull.number, sha: result.sha, by: result.by };
    case "closed":
      return {
        ...{ type: "Withdraw", pull: pull.number, by: result.by },
        detail: "the pull request was closed on GitHub",
      };
    case "conflict":
      return { type: "RecordConflict", pull: pull.number, detail: result.detail };
    case "refused":
      return { type: "Escalate", reason: "merge_refused", detail: `${result.detail}; ${result.instruction}` };
    case "blocked":
      return blocked(work, result);
  }
};
