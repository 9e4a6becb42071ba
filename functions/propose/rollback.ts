import type { Edit } from "../../shared/git/model.ts";
import { headBlock } from "../../shared/incident/chain/block.ts";
import type { Intent } from "../../shared/incident/commands.ts";
import type { Revert } from "../../shared/incident/model.ts";
import { type ChangeClass, classLabel, guardedClasses } from "../../shared/policy/change-classes.ts";
import { guardedBy } from "../../shared/policy/guarded-paths.ts";
import type { Commit } from "../../shared/ports/history.ts";
import type { Service } from "../../shared/ports/service.ts";
import type { Tip } from "../../shared/ports/trees.ts";
import { branchOf } from "../../shared/remedy/revert/branch.ts";
import { forIncident, plainTitle } from "../../shared/remedy/revert/commit-message.ts";
import { computeRevert } from "../../shared/remedy/revert/compute-revert.ts";
import { neededFolders } from "../../shared/remedy/revert/gather.ts";
import { guardReasons } from "../../shared/remedy/revert/guarded-files.ts";
import { inConflict } from "../../shared/remedy/revert/instructions.ts";
import { planChanges, type RevertContext, type RevertPlan } from "../../shared/remedy/revert/plan.ts";
import { pullBody } from "../../shared/remedy/revert/pull-request.ts";
import { botHere, botNames } from "../../shared/remedy/rollback/bot.ts";
import { type Bump, bumpsOf, mayPin } from "../../shared/remedy/rollback/bumps.ts";
import type { UpdateHold } from "../../shared/remedy/rollback/hold/hold.ts";
import { holdOf, holdPaths } from "../../shared/remedy/rollback/hold/hold-bot.ts";
import { type Remaining, remaining, remainingNotes } from "../../shared/remedy/rollback/remaining.ts";
import { proposalChart } from "../announce/chart.ts";
import type { Work } from "../step.ts";
import { classesOfRevert } from "./classes.ts";
import { closedBefore } from "./closed-before.ts";
import { fieldsBack } from "./put-back-versions.ts";
import { raisedAgain } from "./raised-again.ts";
import {
  alreadyBack,
  beyondPolicy,
  classNotes,
  guardFields,
  labels,
  type Proposing,
  revert,
} from "./revert.ts";

/** Paths of the folders that hold the settings of bots. */
const botFiles = [".github/x", ".gitlab/x"].map((path) => ({ path, status: "added" }));
/** Files of a change that are read for what moved in them. */
const maxFiles = 20;

/**
 * Opens the pull request that puts back the versions of a bump: the revert of its commit or, where that is not clean, the versions
 * alone. The same pull request holds a bot that would raise them again, where a file can do that. Another change is reverted.
 */
export const rollback = async (proposing: Proposing, remedy: Revert): Promise<Intent> => {
  const { work, service } = proposing;
  const context: RevertContext = { history: work.history, trees: work.trees, service, paths: [] };
  const [found, plan, files] = await Promise.all([
    work.pulls.findPull(service, branchOf(remedy)),
    planChanges(context, [remedy.sha]),
    work.trees.texts(service, { sha: remedy.sha, wanted: mayPin, limit: maxFiles }),
  ]);
  const refused = await closedBefore(proposing, found, remedy);
  if (refused !== undefined) return refused;
  const bumps = bumpsOf(files);
  if (bumps.length === 0) return revert(proposing, remedy);
  const { commit } = plan.ranges[0]!;
  const again = await raisedAgain(work, service, { commit, bumps });
  if (again !== undefined) return again;
  const changed = await work.trees.changed(service, { commit });
  const folders = neededFolders([changed, botFiles], plan.since.files);
  const { base } = await work.trees.sides(service, { commit, folders });
  const change = {
    commit,
    bumps,
    left: remaining(files, bumps),
    tip: await work.trees.tip(service, { since: plan.since, base, folders }),
  };
  const back = await putBack(context, plan, change);
  if (!("edits" in back)) return back;
  return back.edits.length === 0
    ? alreadyThere(service, remedy)
    : open(proposing, remedy, { plan, change, back });
};

const alreadyThere = ({ branch }: Service, { sha }: Revert): Intent => ({
  ...{ type: "Escalate", reason: "already_reverted" },
  detail: `what ${sha.slice(0, 12)} moved is back where it was on ${branch}`,
});

type Opening = { plan: RevertPlan; change: Change; back: Back };

const open = async (
  { work, incident, service, instead }: Proposing,
  remedy: Revert,
  { plan, change, back }: Opening,
): Promise<Intent> => {
  const { commit, bumps, tip } = change;
  const { policy } = work.serviceOf(incident.service);
  const title = back.whole ? plan.title : fieldsTitle(bumps, change.left.length > 0);
  const { edits, kinds } = back;
  const limited = beyondPolicy(policy, { title }, back);
  if (limited !== undefined) return limited;
  const held = await hold(work, service, { ...change, edits });
  const guards = [
    ...guardReasons(edits, commit.files),
    ...guardedBy(policy.guard, edits),
    ...guardedClasses(policy.classes, kinds),
  ];
  const proposed: Revert = { ...remedy, notes: [...back.notes, ...classNotes(kinds), ...held.notes] };
  const message = back.whole ? plan.message : `${title}\n\nThis puts back what ${remedy.sha} moved.`;
  const pull = await work.pulls.openPull(service, {
    ...{ snapshot: tip, branch: branchOf(remedy), edits: held.edits, title },
    labels: [...labels, ...kinds.map(classLabel)],
    ...(instead !== undefined && { instead }),
    commitMessage: forIncident(message, incident),
    record: headBlock(incident),
    picture: proposalChart(work, incident),
    body: pullBody(incident, {
      ...{ service, remedy: proposed, commit, guards },
      page: work.pageOf(incident.id),
    }),
  });
  const look = guardFields(guards);
  // A person decides when a bot would undo the rollback in minutes, or when it reverts more than the versions.
  const guarded = look.guarded || !back.whole || held.open;
  return { ...{ type: "RecordProposal", remedy: proposed, pull, ...look }, guarded };
};

const fieldsTitle = (bumps: Bump[], partial: boolean): string => {
  const [{ name, field, from }, ...more] = bumps as [Bump, ...Bump[]];
  const rest = more.length > 0 ? ` and ${more.length} more` : "";
  const what = name ?? (partial ? `a ${field}` : `the ${field}`);
  return plainTitle(
    `${partial ? "Put in part back: " : "Put "}${what}${partial ? "" : " back"} to ${from}${rest}`,
  );
};

type Back = {
  edits: Edit[];
  notes: string[];
  /** The whole commit is reverted, not its versions alone. */
  whole: boolean;
  /** The classes of the lines that are not versions alone. */
  kinds: ChangeClass[];
};

type Change = { commit: Commit; bumps: Bump[]; left: Remaining[]; tip: Tip };

const putBack = async (context: RevertContext, plan: RevertPlan, change: Change): Promise<Back | Intent> => {
  const taken = await computeRevert(context, plan);
  if (taken.result === "exists") return alreadyBack(taken);
  if (taken.result === "empty") return { edits: [], notes: [], whole: true, kinds: [] };
  if (taken.result === "clean" && taken.moved === undefined) {
    const { edits, changes = [], read } = taken;
    return { edits, notes: [], whole: true, kinds: await classesOfRevert(edits, changes, read) };
  }
  const why =
    taken.result === "conflict" ? inConflict(taken.conflicts) : `${taken.moved}: a file was moved here since`;
  return putVersionsBack(context, change, why);
};

/** The versions alone, as the revert of the whole commit is not clean: `why`. */
const putVersionsBack = async (
  { trees, service }: RevertContext,
  { commit, bumps, left, tip }: Change,
  why: string,
): Promise<Back | Intent> => {
  const fields = await fieldsBack(bumps, async (path) => {
    const entry = tip.ours.get(path);
    return entry && { mode: entry.mode, text: Buffer.from(await trees.blob(service, entry.sha)).toString() };
  });
  const short = commit.sha.slice(0, 12);
  if ("unrestorable" in fields) {
    const { path, detail } = fields.unrestorable;
    return {
      ...{ type: "Escalate", reason: "unclean_revert" },
      detail: `${short} cannot be taken back cleanly (${why}), nor can the version alone be put back (${path}: ${detail})`,
    };
  }
  const only =
    left.length === 0
      ? "only the version is put back"
      : `only a part of the versions that moved together is put back (${bumps.map(titled).join(", ")}): they may not work with those that stay`;
  const first = `the whole of ${short} cannot be taken back cleanly (${why}), so ${only}`;
  return {
    edits: fields.edits,
    notes: [first, ...remainingNotes(left), ...fields.notes],
    whole: false,
    kinds: [],
  };
};

const titled = ({ path, line, name, field, from }: Bump): string =>
  `${path}:${line} ${name ?? field} to ${from}`;

/** The edits with the bot's hold among them; `open` when a person has to hold it. */
const hold = async (
  { trees }: Work,
  service: Service,
  { commit, tip: snapshot, bumps, edits }: Change & { edits: Edit[] },
): Promise<{ edits: Edit[]; notes: string[]; open: boolean }> => {
  const bot = botHere(commit, bumps, snapshot.ours.keys());
  if (bot === undefined) return { edits, notes: [], open: false };
  const changed = new Map(edits.map((edit) => [edit.path, edit]));
  const read = async (path: string): Promise<string> => {
    const edit = changed.get(path);
    if (edit !== undefined && "content" in edit) return Buffer.from(edit.content).toString();
    const sha = edit !== undefined && "sha" in edit ? edit.sha : (snapshot.ours.get(path)?.sha ?? "");
    return Buffer.from(await trees.blob(service, sha)).toString();
  };
  const there = [...snapshot.ours.keys()].filter((path) => !("deleted" in (changed.get(path) ?? {})));
  const paths = holdPaths(bot.kind, there, bumps);
  const files = new Map(await Promise.all(paths.map(async (path) => [path, await read(path)] as const)));
  const made = holdOf(bot.kind, bumps, files);
  const name = botNames[bot.kind];
  if ("person" in made)
    return {
      edits,
      notes: [
        bot.kind === "ci"
          ? `${bot.shownBy}: ${made.person}`
          : `${name} writes the version again within minutes (${bot.shownBy}), and no file here holds it back: ${made.person}`,
      ],
      // A pipeline writes with its next build, and not by itself.
      open: bot.kind !== "ci",
    };
  const held = [...made.files.keys()].join(", ");
  const note = `this also ${made.does} (in ${held}, as ${name} would write the version again; ${bot.shownBy}); take that out after the fix`;
  return { edits: withHold(edits, made, snapshot), notes: [note], open: false };
};

const withHold = (edits: Edit[], { files }: UpdateHold, { ours }: Tip): Edit[] =>
  [
    ...edits.filter(({ path }) => !files.has(path)),
    ...[...files].map(
      ([path, text]): Edit => ({ path, mode: ours.get(path)?.mode ?? "100644", content: Buffer.from(text) }),
    ),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
