import type { Markdown } from "../../brands.ts";
import { type RefName, refName } from "../../git/ref-name.ts";
import type { Reported, Withdraw } from "../../incident/model.ts";
import type { Note } from "../../ports/pulls.ts";
import type { Service } from "../../ports/service.ts";
import { short } from "../../text/format.ts";
import { inline, joined, markdown } from "../../text/markdown.ts";
import { doing } from "../../text/timeline.ts";
import type { RevertPlan } from "./plan.ts";
import { howToApprove } from "./pull-request.ts";

/** The plan that reverts a remedy's merge, with a branch and title of its own. */
export const asWithdrawal = (plan: RevertPlan, remedy: Withdraw): RevertPlan => {
  const { merge, title } = remedy;
  const heading = `Put back "${title}"`;
  return {
    ...plan,
    title: heading,
    branch: withdrawalBranch(remedy),
    message: [heading, `This reverts commit ${merge}.`, "Taking it back did not help."].join("\n\n"),
  };
};

export const withdrawalBranch = ({ of, merge, pull }: Withdraw): RefName =>
  refName(`countersteer/withdraw-${short(of.kind === "revert" ? of.sha : merge)}-${pull}`);

/** The last comment on the pull request that followed a rollback, once the rollback did not help. */
export const noteOfVainFollowUp = ({ id, round }: { id: string; round: number }, pull: number): Note => ({
  marker: `${id}#${round}:vain:${pull}`,
  markdown: markdown`**Not needed**\n\nthe rollback in pull request #${inline(String(pull))} did not help and is to be put back, so this change is not the culprit; this pull request is closed`,
});

/** The body of a withdrawal's pull request. */
export const withdrawalBody = (
  { diagnosis, service: name, environment }: Reported,
  { service, remedy, page }: { service: Service; remedy: Withdraw; page: string | undefined },
): Markdown => {
  const why = (diagnosis.notes ?? []).slice(0, 3).map((note) => markdown`- ${inline(note, 300)}`);
  const next = diagnosis.remedies.filter(({ kind }) => kind !== "withdraw");
  const offered = next.slice(0, 3).map((one) => markdown`- ${inline(doing(one), 200)}`);
  const parts = [
    markdown`Undoes pull request #${inline(String(remedy.pull))} (${inline(remedy.title, 200)}): it is live, and the trouble in **${inline(name)}**, ${inline(environment)}, goes on.`,
    ...(why.length > 0 ? [markdown`### What was learned\n${joined(why, "\n")}`] : []),
    ...(offered.length > 0 ? [markdown`### What is offered next\n${joined(offered, "\n")}`] : []),
    howToApprove(service, page),
  ];
  return joined(parts, "\n\n");
};
