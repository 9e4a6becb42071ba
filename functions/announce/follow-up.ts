import { UpstreamError } from "../../shared/errors.ts";
import { followUpDue } from "../../shared/incident/follow-up.ts";
import type { In, Incident, Remedy } from "../../shared/incident/model.ts";
import type { Process } from "../../shared/process.ts";
import { revert } from "../propose/revert.ts";
import { scaleBack } from "../propose/scale-back.ts";
import { placeOf, type Work } from "../step.ts";

type Outcome =
  | { type: "RecordFollowUp"; remedy: Remedy; pull: In<"proposed">["pull"] }
  | { type: "RefuseFollowUp"; remedy: Remedy; detail: string };
/** In whatever status it is by now. */
type Merged = Pick<In<"merged">, "id" | "service" | "pull">;

/**
 * Opens the revert of the application commit behind a rollback that was merged, or the way back of a scale whose time is over. People merge it, or do not: its check is set so that
 * nothing of ours stands in their way. Throws UpstreamError for what may pass; what never will is why there is none.
 */
const openFollowUp = async (work: Work, incident: Merged, remedy: Remedy): Promise<Outcome> => {
  const service = placeOf(work, incident.service, remedy);
  const seen = { ...incident, status: "diagnosed" } as unknown as In<"diagnosed">;
  try {
    const made = await (remedy.kind === "scale"
      ? scaleBack({ work, incident: seen, service }, remedy)
      : revert({ work, incident: seen, service, after: incident.pull }, remedy));
    if (made.type !== "RecordProposal")
      return { type: "RefuseFollowUp", remedy, detail: "detail" in made ? made.detail : made.type };
    await work.pulls.setCheck(service, {
      head: made.pull.head,
      state: "success",
      description: "a follow-up: its reviewers decide, not Countersteer",
    });
    return { type: "RecordFollowUp", remedy, pull: made.pull };
  } catch (error) {
    if (!(error instanceof UpstreamError) || error.retryable) throw error;
    return { type: "RefuseFollowUp", remedy, detail: error.message };
  }
};

/** After the merge the commit behind a rollback gets its own revert; that is news, and told with the next announcement. */
export const followUp = async (process: Process, work: Work, incident: Incident): Promise<void> => {
  const remedy = followUpDue(incident);
  if (remedy === undefined) return;
  const outcome = await openFollowUp(work, incident as In<"merged">, remedy);
  await process.handle(incident.id, { ...outcome, at: work.clock(), round: incident.round });
};
