import { UpstreamError } from "../../shared/errors.ts";
import type { Intent } from "../../shared/incident/commands.ts";
import type { Incident, Reason, Remedy } from "../../shared/incident/model.ts";
import { type Due, followUpDue } from "../../shared/incident/schedule/follow-up.ts";
import type { Process } from "../../shared/process.ts";
import { reland } from "../propose/reland.ts";
import { revert } from "../propose/revert.ts";
import { scaleBack } from "../propose/scale-back.ts";
import { repositoryOf, type Work } from "../step.ts";

type Outcome = Extract<Intent, { type: "RecordFollowUp" | "RefuseFollowUp" }>;

/**
 * Opens the revert of the application commit behind a merged rollback, or the way back of a scale whose time is over. Its reviewers
 * decide about it, so its check is set to success. Throws UpstreamError for a failure that may pass; a final one is the reason why there is none.
 */
const openFollowUp = async (work: Work, { incident, remedy, after }: Due): Promise<Outcome> => {
  const service = repositoryOf(work, incident.service, remedy);
  try {
    const made = await (remedy.kind === "scale"
      ? scaleBack({ work, incident, service }, remedy)
      : revert({ work, incident, service, after }, remedy));
    if (made.type !== "RecordProposal") return refusal(remedy, made);
    await work.pulls.setCheck(service, {
      head: made.pull.head,
      state: "success",
      description: "a follow-up: its reviewers decide, not Countersteer",
    });
    return { type: "RecordFollowUp", remedy, pull: made.pull };
  } catch (error) {
    if (!(error instanceof UpstreamError) || error.retryable) throw error;
    return { type: "RefuseFollowUp", remedy, detail: error.message, page: true };
  }
};

/** Reasons for which nothing is left to do. */
const settled: Reason[] = ["already_reverted", "declined_before", "raised_again"];

const refusal = (remedy: Remedy, made: Intent): Outcome => {
  const detail = "detail" in made && made.detail !== undefined ? made.detail : made.type;
  const isSettled = made.type === "Escalate" && settled.includes(made.reason);
  return { type: "RefuseFollowUp", remedy, detail, ...(!isSettled && { page: true }) };
};

/** Opens the follow-up that is due, and the draft that brings a change back, if any. The next announcement tells of it. */
export const followUp = async (process: Process, work: Work, incident: Incident): Promise<void> => {
  await reland(process, work, incident);
  const due = followUpDue(incident);
  if (due === undefined) return;
  const outcome = await openFollowUp(work, due);
  await process.handle(incident.id, { ...outcome, at: work.clock(), round: incident.round });
};
