import type { Configured } from "../../shared/config.ts";
import type { Edit } from "../../shared/git/model.ts";
import { headBlock } from "../../shared/incident/chain/block.ts";
import type { Intent } from "../../shared/incident/commands.ts";
import type { Pull, Reported, Revert } from "../../shared/incident/model.ts";
import {
  type ChangeClass,
  classLabel,
  guardedClasses,
  leftToPeople,
} from "../../shared/policy/change-classes.ts";
import { type Guard, guardedBy } from "../../shared/policy/guarded-paths.ts";
import type { Service } from "../../shared/ports/service.ts";
import { branchFor } from "../../shared/remedy/revert/branch.ts";
import { forIncident } from "../../shared/remedy/revert/commit-message.ts";
import { computeRevert } from "../../shared/remedy/revert/compute-revert.ts";
import { fallbacks, leftOut, listLater, whyUnclean } from "../../shared/remedy/revert/instructions.ts";
import type { Clean, Unclean } from "../../shared/remedy/revert/outcome.ts";
import {
  leavingOut,
  planChange,
  planRange,
  type RevertContext,
  type RevertPlan,
  withLater,
} from "../../shared/remedy/revert/plan.ts";
import { pullBody } from "../../shared/remedy/revert/pull-request.ts";
import { proposalChart } from "../announce/chart.ts";
import type { Work } from "../step.ts";
import { classesOfRevert } from "./classes.ts";
import { closedBefore } from "./closed-before.ts";
import { doneByPeople } from "./done-by-people.ts";

/** The input of a proposal. `service` has the repository and branch of the remedy's pull request. */
export type Proposing = {
  work: Work;
  incident: Reported;
  service: Service;
  /** The merged rollback that this proposal follows. Nobody is asked about a follow-up in chat. */
  after?: Pull;
  /** The number of a pull request that cannot be merged any more. */
  instead?: number;
};

export const labels = ["countersteer", "revert"];

/** Opens the pull request that reverts the change, together with later changes where that is needed, or says why not. */
export const revert = async (proposing: Proposing, remedy: Revert): Promise<Intent> => {
  const { work, service } = proposing;
  const { sha, from } = remedy;
  const context: RevertContext = {
    history: work.history,
    trees: work.trees,
    service,
    paths: from === undefined ? [] : service.paths,
  };
  const likely = branchFor(remedy, service.paths);
  const finding = work.pulls.findPull(service, likely);
  const [known, plan] = await Promise.all([
    finding,
    from === undefined ? planChange(context, sha) : planRange(context, { from, to: sha }),
  ]);
  const found = plan.branch === likely ? known : await work.pulls.findPull(service, plan.branch);
  const refused = await closedBefore(proposing, found, remedy);
  if (refused !== undefined) return refused;
  const taken = await computeRevert(context, plan);
  if (taken.result === "conflict") return revertWithLater(proposing, remedy, { plan, unclean: taken });
  if (taken.result !== "clean") return (await doneByPeople(proposing, remedy, taken)) ?? alreadyBack(taken);
  if (taken.moved !== undefined) return moved(sha, taken.moved);
  return open(proposing, remedy, { plan, taken });
};

type Opening = { plan: Pick<RevertPlan, "commits" | "branch" | "title" | "message" | "note">; taken: Clean };

/** `more` are reasons, beside the guarded files, why no machine may say yes. */
const open = async (
  { work, incident, service, after, instead }: Proposing,
  remedy: Revert,
  { plan, taken, more = [] }: Opening & { more?: Guard[] },
): Promise<Intent> => {
  const { edits, snapshot } = taken;
  const { policy } = work.serviceOf(incident.service);
  const { guard, classes } = policy;
  const kinds = await classesOfRevert(edits, taken.changes ?? [], taken.read);
  const limited = beyondPolicy(policy, plan, { edits, kinds });
  if (limited !== undefined) return limited;
  const guards = [...more, ...taken.guards, ...guardedBy(guard, edits), ...guardedClasses(classes, kinds)];
  const notes = [
    ...(remedy.notes ?? []),
    ...(plan.note === undefined ? [] : [plan.note]),
    ...classNotes(kinds),
  ];
  const proposed: Revert = {
    ...remedy,
    ...(notes.length > 0 && { notes }),
    ...(kinds.includes("traffic") && { isRoute: true }),
  };
  const pull = await work.pulls.openPull(service, {
    ...{ snapshot, labels: [...labels, ...kinds.map(classLabel)], branch: plan.branch, edits },
    ...(instead !== undefined && { instead }),
    commitMessage: forIncident(plan.message, incident),
    title: plan.title,
    record: headBlock(incident),
    picture: proposalChart(work, incident),
    body: pullBody(incident, {
      ...{ service, remedy: proposed, guards },
      commit: plan.commits.find(({ sha }) => sha === remedy.sha) ?? plan.commits[0]!,
      page: work.pageOf(incident.id),
      ...(after && { after }),
    }),
  });
  return { type: "RecordProposal", remedy: proposed, pull, ...guardFields(guards) };
};

type Reverting = { edits: Edit[]; kinds: ChangeClass[] };

/** Why the policy has nothing proposed for these edits of these classes. */
export const beyondPolicy = (
  { maxFiles, classes }: Configured["policy"],
  plan: Pick<RevertPlan, "title">,
  { edits, kinds }: Reverting,
): Intent | undefined => {
  if (maxFiles !== undefined && edits.length > maxFiles) return tooMany(plan, edits.length, maxFiles);
  const byPerson = leftToPeople(classes, kinds);
  return byPerson === undefined ? undefined : forPeople(plan, byPerson);
};

/** The sentence for people about the classes of a change. */
export const classNotes = (kinds: ChangeClass[]): string[] =>
  kinds.length === 0 ? [] : [`kind of change: ${kinds.join(", ")}`];

const tooMany = ({ title }: Pick<RevertPlan, "title">, count: number, max: number): Intent => ({
  ...{ type: "Escalate", reason: "limited" },
  detail: `policy.maxFiles (${max}) is less than the ${count} files of “${title}”: it is not proposed; \`cli revert\` opens the pull request by hand`,
});

const forPeople = ({ title }: Pick<RevertPlan, "title">, kind: ChangeClass): Intent => ({
  ...{ type: "Escalate", reason: "limited" },
  detail: `policy.classes has ${kind}: person, so “${title}” is not proposed; \`cli revert\` opens the pull request by hand`,
});

/** The fields of `RecordProposal` about guarded files. */
export const guardFields = (guards: Guard[]): { guarded: boolean; look?: string[] } => ({
  guarded: guards.length > 0,
  ...(guards.length > 0 && {
    look: guards.map(({ path, reason }) => (path === undefined ? reason : `${path}: ${reason}`)),
  }),
});

/** Reverts together with the later changes that are built on the culprit, or hands the revert to a person. */
const revertWithLater = async (
  proposing: Proposing,
  remedy: Revert,
  { plan, unclean }: { plan: RevertPlan; unclean: Unclean },
): Promise<Intent> => {
  const { work, service } = proposing;
  const { later = [], together, without } = unclean;
  if (without !== undefined && without.taken.moved === undefined) {
    const left = leftOut(without.paths);
    const more = [{ reason: `not the whole change goes back: without ${left}` }];
    return open(proposing, remedy, { plan: leavingOut(plan, without.paths), taken: without.taken, more });
  }
  if (!together || together === "not clean" || together.moved !== undefined)
    return unopened(service, plan, unclean);
  const all = withLater(plan, later);
  const found = await work.pulls.findPull(service, all.branch);
  const refused = await closedBefore(proposing, found, remedy);
  if (refused !== undefined) return refused;
  const more = [
    { reason: `alone it is ${whyUnclean(unclean)}` },
    {
      reason: `so ${later.length === 1 ? "a later change goes" : `${later.length} later changes go`} back with it: ${listLater(later)}`,
    },
  ];
  return open(proposing, remedy, { plan: all, taken: together, more });
};

const unopened = ({ repository }: Service, plan: RevertPlan, unclean: Unclean): Intent => ({
  type: "Escalate",
  reason: "unclean_revert",
  detail: [
    `${plan.sha.slice(0, 12)} is ${whyUnclean(unclean)}`,
    ...fallbacks(repository, plan, unclean),
  ].join("; "),
});

export const alreadyBack = ({ reason, pull }: { reason: string; pull?: { url: string } }): Intent => ({
  type: "Escalate",
  reason: "already_reverted",
  detail: pull === undefined ? reason : `${reason}: ${pull.url}`,
});

/** Following a rename edits a path that the change did not touch. Git does the same; a person is asked first. */
const moved = (sha: string, path: string): Intent => ({
  type: "Escalate",
  reason: "unclean_revert",
  detail: `taking ${sha.slice(0, 12)} back would change ${path}, where a file of it was moved since; the command line's revert opens it`,
});
