import { UpstreamError } from "../../shared/errors.ts";
import type { Intent } from "../../shared/incident/commands.ts";
import type { Incident } from "../../shared/incident/model.ts";
import { type Relandable, relandDue } from "../../shared/incident/remedies/reland.ts";
import type { Process } from "../../shared/process.ts";
import { computeRevert } from "../../shared/remedy/revert/compute-revert.ts";
import { whyUnclean } from "../../shared/remedy/revert/instructions.ts";
import { planReturn } from "../../shared/remedy/revert/plan.ts";
import { relandBody } from "../../shared/remedy/revert/reland-body.ts";
import { repositoryOf, type Work } from "../step.ts";

type Outcome = Extract<Intent, { type: "RecordReland" | "RefuseReland" }>;

/** Opens the draft that somebody asked for after a verified revert, if any. The next announcement tells of it. */
export const reland = async (process: Process, work: Work, incident: Incident): Promise<void> => {
  const due = relandDue(incident);
  if (due === undefined) return;
  const outcome = await outcomeOf(work, due);
  await process.handle(incident.id, { ...outcome, at: work.clock(), round: incident.round });
};

/** Throws UpstreamError for a failure that may pass; a final one is the reason why there is none. */
const outcomeOf = async (work: Work, incident: Relandable): Promise<Outcome> => {
  try {
    return await open(work, incident);
  } catch (error) {
    if (!(error instanceof UpstreamError) || error.retryable) throw error;
    return { type: "RefuseReland", detail: error.message };
  }
};

/** Everything that the merged revert took out comes back, whatever it was computed from. */
const open = async (work: Work, incident: Relandable): Promise<Outcome> => {
  const { remedy, merge } = incident;
  const service = repositoryOf(work, incident.service, remedy);
  const context = { history: work.history, trees: work.trees, service, paths: [] };
  const plan = await planReturn(context, merge.sha, remedy.title);
  const taken = await computeRevert(context, plan);
  if (taken.result === "conflict")
    return { type: "RefuseReland", detail: `to bring it back is ${whyUnclean(taken)}` };
  if (taken.result !== "clean") return { type: "RefuseReland", detail: taken.reason };
  const { snapshot, edits } = taken;
  const pull = await work.pulls.openPull(service, {
    ...{ branch: plan.branch, snapshot, edits, labels: [], draft: true },
    ...{ commitMessage: plan.message, title: plan.title },
    body: relandBody(incident, work.pageOf(incident.id)),
  });
  await work.pulls.setCheck(service, {
    ...{ head: pull.head, state: "success" },
    description: "a draft for its author: reviewers decide, not Countersteer",
  });
  return { type: "RecordReland", pull };
};
