import type { Intent } from "../../shared/incident/commands.ts";
import type { Pull, Reported, Revert } from "../../shared/incident/model.ts";
import type { Service } from "../../shared/ports/service.ts";
import { branchFor } from "../../shared/remedy/revert/branch.ts";
import {
  changeOf,
  type Place,
  rangeOf,
  type Unit,
  withLater,
} from "../../shared/remedy/revert/change-set.ts";
import { forIncident } from "../../shared/remedy/revert/commit-message.ts";
import type { Guard } from "../../shared/remedy/revert/guarded-files.ts";
import { handOver, laterTold, whyUnclean } from "../../shared/remedy/revert/instructions.ts";
import type { Clean, Unclean } from "../../shared/remedy/revert/outcome.ts";
import { pullBody } from "../../shared/remedy/revert/pull-request.ts";
import { takeBack } from "../../shared/remedy/revert/take-back.ts";
import type { Work } from "../step.ts";
import { closedBefore } from "./closed-before.ts";
import { doneByPeople } from "./done-by-people.ts";

/** What a proposal is made with: the service as it is where the remedy's pull request goes. */
export type Proposing = {
  work: Work;
  incident: Reported;
  service: Service;
  /** The merged rollback that this follows: then nobody is asked about it in chat. */
  after?: Pull;
  /** The number of a pull request that cannot be merged any more. */
  instead?: number;
};

export const labels = ["countersteer", "revert"];

/** Opens the pull request that takes the change back, with what it needs to come off cleanly, or says why not. */
export const revert = async (proposing: Proposing, remedy: Revert): Promise<Intent> => {
  const { work, service } = proposing;
  const { sha, from } = remedy;
  const place: Place = {
    history: work.history,
    trees: work.trees,
    service,
    paths: from === undefined ? [] : service.paths,
  };
  const likely = branchFor(remedy, service.paths);
  const finding = work.pulls.findPull(service, likely);
  const [known, unit] = await Promise.all([
    finding,
    from === undefined ? changeOf(place, sha) : rangeOf(place, { from, to: sha }),
  ]);
  const found = unit.branch === likely ? known : await work.pulls.findPull(service, unit.branch);
  const refused = await closedBefore(proposing, found, sha);
  if (refused !== undefined) return refused;
  const taken = await takeBack(place, unit);
  if (taken.result === "conflict") return further(proposing, remedy, { unit, unclean: taken });
  if (taken.result !== "clean") return (await doneByPeople(proposing, remedy, taken)) ?? alreadyBack(taken);
  if (taken.moved !== undefined) return moved(sha, taken.moved);
  return open(proposing, remedy, { unit, taken });
};

type Opening = { unit: Pick<Unit, "commits" | "branch" | "title" | "message" | "note">; taken: Clean };

/** `more` are reasons, beside the guarded files, why no machine may say yes. */
const open = async (
  { work, incident, service, after, instead }: Proposing,
  remedy: Revert,
  { unit, taken, more = [] }: Opening & { more?: Guard[] },
): Promise<Intent> => {
  const { edits, snapshot } = taken;
  const guards = [...more, ...taken.guards];
  const notes = [...(remedy.notes ?? []), ...(unit.note === undefined ? [] : [unit.note])];
  const proposed = notes.length > 0 ? { ...remedy, notes } : remedy;
  const pull = await work.pulls.openPull(service, {
    ...{ snapshot, labels, branch: unit.branch, edits },
    ...(instead !== undefined && { instead }),
    commitMessage: forIncident(unit.message, incident),
    title: unit.title,
    body: pullBody(incident, {
      ...{ service, remedy: proposed, guards },
      commit: unit.commits.find(({ sha }) => sha === remedy.sha) ?? unit.commits[0]!,
      page: work.pageOf(incident.id),
      ...(after && { after }),
    }),
  });
  return { type: "RecordProposal", remedy: proposed, pull, ...lookAt(guards) };
};

/** What a proposal tells of its guarded files. */
export const lookAt = (guards: Guard[]): { guarded: boolean; look?: string[] } => ({
  guarded: guards.length > 0,
  ...(guards.length > 0 && {
    look: guards.map(({ path, reason }) => (path === undefined ? reason : `${path}: ${reason}`)),
  }),
});

/** The rungs below a clean revert: together with the later changes that are built on it, or by hand. */
const further = async (
  proposing: Proposing,
  remedy: Revert,
  { unit, unclean }: { unit: Unit; unclean: Unclean },
): Promise<Intent> => {
  const { work, service } = proposing;
  const { later = [], together } = unclean;
  if (!together || together === "not clean" || together.moved !== undefined)
    return unopened(service, unit, unclean);
  const all = withLater(unit, later);
  const found = await work.pulls.findPull(service, all.branch);
  const refused = await closedBefore(proposing, found, remedy.sha);
  if (refused !== undefined) return refused;
  const more = [
    { reason: `alone it is ${whyUnclean(unclean)}` },
    {
      reason: `so ${later.length === 1 ? "a later change goes" : `${later.length} later changes go`} back with it: ${laterTold(later)}`,
    },
  ];
  return open(proposing, remedy, { unit: all, taken: together, more });
};

const unopened = ({ repository }: Service, unit: Unit, unclean: Unclean): Intent => ({
  type: "Escalate",
  reason: "unclean_revert",
  detail: [`${unit.sha.slice(0, 12)} is ${whyUnclean(unclean)}`, ...handOver(repository, unit, unclean)].join(
    "; ",
  ),
});

/** Somebody was there first, and is linked. */
export const alreadyBack = ({ reason, pull }: { reason: string; pull?: { url: string } }): Intent => ({
  type: "Escalate",
  reason: "already_reverted",
  detail: pull === undefined ? reason : `${reason}: ${pull.url}`,
});

/** A revert that follows a file to where it was moved since writes where the change never wrote: right as git sees it, for a person to see. */
const moved = (sha: string, path: string): Intent => ({
  type: "Escalate",
  reason: "unclean_revert",
  detail: `taking ${sha.slice(0, 12)} back would change ${path}, where a file of it was moved since; the command line's revert opens it`,
});
