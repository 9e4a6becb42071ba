import type { Intent } from "../../shared/incident/commands.ts";
import type { Scale, Withdraw } from "../../shared/incident/model.ts";
import { changeOf, type Place } from "../../shared/remedy/revert/change-set.ts";
import { forIncident } from "../../shared/remedy/revert/commit-message.ts";
import { takeBack } from "../../shared/remedy/revert/take-back.ts";
import { asWithdrawal, withdrawalBody } from "../../shared/remedy/revert/withdrawal.ts";
import type { Proposing } from "./revert.ts";
import { scaleBack } from "./scale-back.ts";

/** Opens the pull request that puts back what a merged remedy changed, as it did not help. People always decide about it. */
export const withdraw = async (proposing: Proposing, remedy: Withdraw): Promise<Intent> => {
  if (remedy.of.kind === "scale") return scaledBack(proposing, remedy, remedy.of);
  const { work, service, incident } = proposing;
  const place: Place = { history: work.history, trees: work.trees, service, paths: [] };
  const unit = asWithdrawal(await changeOf(place, remedy.merge), remedy);
  const taken = await takeBack(place, unit);
  if (taken.result !== "clean")
    return {
      ...{ type: "Escalate", reason: "not_recovered" },
      detail: `pull request #${remedy.pull} did not help, and putting it back is not clean: revert ${remedy.merge.slice(0, 12)} by hand`,
    };
  const pull = await work.pulls.openPull(service, {
    ...{ snapshot: taken.snapshot, edits: taken.edits, branch: unit.branch, title: unit.title },
    labels: ["countersteer", "withdraw"],
    commitMessage: forIncident(unit.message, incident),
    body: withdrawalBody(incident, { service, remedy, page: work.pageOf(incident.id) }),
  });
  return { type: "RecordProposal", remedy, pull, guarded: true };
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
