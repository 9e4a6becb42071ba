import { headBlock } from "../../shared/incident/chain/block.ts";
import type { Intent } from "../../shared/incident/commands.ts";
import type { Scale, Withdraw } from "../../shared/incident/model.ts";
import { forIncident } from "../../shared/remedy/revert/commit-message.ts";
import { computeRevert } from "../../shared/remedy/revert/compute-revert.ts";
import { planChange, type RevertContext } from "../../shared/remedy/revert/plan.ts";
import { asWithdrawal, noteOfVainFollowUp, withdrawalBody } from "../../shared/remedy/revert/withdrawal.ts";
import { proposalChart } from "../announce/chart.ts";
import { repositoryOf } from "../step.ts";
import type { Proposing } from "./revert.ts";
import { scaleBack } from "./scale-back.ts";

/** Opens the pull request that puts back what a merged remedy changed, as it did not help. People always decide about it. */
export const withdraw = async (proposing: Proposing, remedy: Withdraw): Promise<Intent> => {
  await closeFollowUp(proposing, remedy);
  if (remedy.of.kind === "scale") return scaledBack(proposing, remedy, remedy.of);
  const { work, service, incident } = proposing;
  const place: RevertContext = { history: work.history, trees: work.trees, service, paths: [] };
  const plan = asWithdrawal(await planChange(place, remedy.merge), remedy);
  const taken = await computeRevert(place, plan);
  if (taken.result !== "clean")
    return {
      ...{ type: "Escalate", reason: "not_recovered" },
      detail: `pull request #${remedy.pull} did not help, and putting it back is not clean: revert ${remedy.merge.slice(0, 12)} by hand`,
    };
  const pull = await work.pulls.openPull(service, {
    ...{ snapshot: taken.snapshot, edits: taken.edits, branch: plan.branch, title: plan.title },
    labels: ["countersteer", "withdraw"],
    commitMessage: forIncident(plan.message, incident),
    record: headBlock(incident),
    picture: proposalChart(work, incident),
    body: withdrawalBody(incident, { service, remedy, page: work.pageOf(incident.id) }),
  });
  return { type: "RecordProposal", remedy, pull, guarded: true };
};

/** The change behind a rollback that did not help is not the culprit, so its revert waits for nobody any more. */
const closeFollowUp = async ({ work, incident }: Proposing, { merge, pull }: Withdraw): Promise<void> => {
  const tried = incident.tried?.find((one) => one.merge.sha === merge);
  if (tried?.followUp === undefined) return;
  const place = repositoryOf(work, incident.service, tried.followUp.remedy);
  const { pull: open, state } = await work.pulls.pull(place, tried.followUp.pull);
  if (state !== "open") return;
  await work.pulls.comment(place, open, [noteOfVainFollowUp(incident, pull)]);
  await work.pulls.closePull(place, open);
};

const scaledBack = async (proposing: Proposing, remedy: Withdraw, scale: Scale): Promise<Intent> => {
  const { until: _, forMs: __, edit, ...rest } = scale;
  if (edit === undefined)
    return {
      type: "Escalate",
      reason: "not_recovered",
      detail: `${scale.title} did not help; set it back by hand`,
    };
  const title = `set ${edit.path} back from ${edit.after} to ${edit.before}`;
  const made = await scaleBack(proposing, { ...rest, to: edit.before, edit, title });
  return made.type === "RecordProposal" ? { ...made, remedy, guarded: true } : made;
};
