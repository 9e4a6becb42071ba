import type { Conflict } from "../../git/conflict.ts";
import { foldersOf } from "../../git/listing/folders.ts";
import { untouched } from "../../git/listing/revert.ts";
import { type Edit, isPart, type ListedChange } from "../../git/model.ts";
import { type Change, leaving, revertTrees } from "../../git/revert-trees.ts";
import type { Guard } from "../../policy/guarded-paths.ts";
import type { Landed, OpenPull } from "../../ports/history.ts";
import type { Service } from "../../ports/service.ts";
import { isTogether } from "./branch.ts";
import { whenLeftOut } from "./derived-files.ts";
import { gather, maybeMoved, touches, type Work } from "./gather.ts";
import { guardReasons, laterMigrations, pickedFrom } from "./guarded-files.ts";
import { listLater } from "./instructions.ts";
import type { Clean, RevertResult, Unclean, WithoutFiles } from "./outcome.ts";
import type { Reads, RevertContext, RevertPlan } from "./plan.ts";
import { takenBack, takesBack } from "./revert-messages.ts";
import { stackedLater } from "./stacks.ts";
import { submoduleGuards } from "./submodules.ts";

/** GitHub lists this many files of a commit at once. */
const maxListed = 300;

/**
 * Computes the edits of a revert. A revert that is open or merged already is linked instead. When nobody touched the files since,
 * no tree is read, unless `whole` asks for the branch's files. After a conflict, the revert is tried together with the later changes.
 */
export const computeRevert = async (
  context: RevertContext,
  plan: RevertPlan,
  { whole = false } = {},
): Promise<RevertResult> => {
  const again = plan.branch.startsWith("countersteer/reland-");
  const open = again ? undefined : openAlready(context.service, plan);
  if (open) return { result: "exists", pull: open, reason: `#${open.number} takes it back already` };
  const quick = whole || again ? undefined : await unchanged(context, plan);
  if (quick) return { result: "clean", ...quick };

  const work = await gather(context, plan);
  const { changes } = work;
  const result = await revertWork(work, plan);
  if ("conflicts" in result) {
    const { conflicts, at } = result;
    const without = again ? undefined : await withoutDerived(work, plan, conflicts);
    const more = again || without ? {} : await withLaterChanges(context, plan, { work, conflicts });
    return {
      ...{ result: "conflict", conflicts, ...(plan.ranges.length > 1 && { at }) },
      ...(without && { without }),
      ...more,
    };
  }
  const before = again ? undefined : takenBack(plan.sha, plan.since.commits);
  const by = before === undefined ? {} : { by: before };
  const reason = before && `${before.sha} has taken it back already`;
  if (result.edits.length === 0)
    return { result: "empty", reason: reason ?? (await gone(context, plan, changes)), ...by };
  if (reason !== undefined) return { result: "exists", reason, ...by };
  return { result: "clean", ...(await clean(plan, work, result.edits)) };
};

/** The pull request that takes it back as well; none while ours is open, which an earlier try left to be completed. */
const openAlready = ({ repository }: Service, plan: RevertPlan) => {
  const { commits, pulls, number } = plan;
  if (pulls.some((pull) => isOurs(pull, plan))) return undefined;
  const by = { repository, ...(number !== undefined && { number: String(number) }) };
  const found = pulls.find((pull) => commits.every((commit) => takesBack(pull, commit, by)));
  return found && { number: found.number, url: found.url };
};

/** Whether its branch is that of the plan, with a number where an earlier one is over, or that of the plan together with later changes. */
const isOurs = ({ branch, own }: OpenPull, plan: Pick<RevertPlan, "branch" | "sha">): boolean => {
  const root = branch.replace(/-\d{1,2}$/, "");
  return branch === plan.branch || (own && root === plan.branch) || isTogether({ branch, own }, plan);
};

/** The edits that revert a commit whose files nobody touched since. No tree is read for them. */
const unchanged = async ({ trees, service }: RevertContext, plan: RevertPlan): Promise<Clean | undefined> => {
  const [range, another] = plan.ranges;
  const { head, files } = plan.since;
  const isPartial = plan.paths.length > 0 || plan.without !== undefined;
  if (another || !range || range.from !== undefined || isPartial) return undefined;
  const { commit } = range;
  if (commit.parents.length === 0 || !head || !files || commit.paths.length >= maxListed) return undefined;
  if (files.some(({ path }) => commit.paths.includes(path))) return undefined;
  const folders = foldersOf(commit.paths);
  const edits = untouched(commit, files, await trees.before(service, { commit, folders }));
  if (!edits || edits.length === 0) return undefined;
  return {
    ...{ edits, snapshot: { head: head.sha, headTree: head.tree }, read: (sha) => trees.blob(service, sha) },
    guards: guardsOf(plan, edits, commit.files),
    ...(commit.files && { changes: commit.files }),
  };
};

const clean = async (
  plan: RevertPlan,
  { head, headTree, ours, files, changes, read }: Work,
  edits: Edit[],
): Promise<Clean> => {
  const modules = await submoduleGuards(edits, ours, read);
  const others = guardsOf(plan, edits, files).filter(
    (guard) => guard.path === undefined || !modules.some(({ path }) => path === guard.path),
  );
  const moved = edits.find(({ path }) => !changes.some((change) => touches(change, path)));
  return {
    ...{ edits, snapshot: { head, headTree }, ours, read, guards: [...modules, ...others] },
    ...(files && { changes: files }),
    ...(moved && { moved: moved.path }),
  };
};

const guardsOf = (
  { ranges, since, commits }: RevertPlan,
  edits: Edit[],
  files: ListedChange[] | undefined,
): Guard[] => [
  ...guardReasons(edits, files),
  ...laterMigrations(edits, since.files),
  ...pickedFrom(ranges.map(({ commit }) => commit.message)),
  ...stackedLater(
    ranges.map(({ commit }) => commit.message),
    since.commits.filter(({ sha }) => !commits.some((commit) => commit.sha === sha)),
  ),
];

/** The revert without the files in conflict, where all of them follow from others and the rest is clean. */
const withoutDerived = async (
  work: Work,
  plan: RevertPlan,
  conflicts: Conflict[],
): Promise<WithoutFiles | undefined> => {
  const paths = [...new Set(conflicts.map(({ path }) => path))];
  if (paths.some((path) => whenLeftOut(path) === undefined)) return undefined;
  const changes = work.changes.map((change) => leaving(change, paths));
  const result = await revertWork({ ...work, changes }, plan);
  if ("conflicts" in result || result.edits.every(({ path }) => whenLeftOut(path) !== undefined))
    return undefined;
  return { paths, taken: await clean(plan, { ...work, changes }, result.edits) };
};

/** The sentence that nothing is left to revert, with the later changes to the same files. */
const gone = async (
  { history, service }: RevertContext,
  { since }: RevertPlan,
  changes: Change[],
): Promise<string> => {
  const all = changes.flatMap((change) =>
    [...new Set([...change.base.keys(), ...change.theirs.keys()])].filter((path) => touches(change, path)),
  );
  const later = await history.dependents(service, { paths: all, since });
  const left = `nothing of it is left to change on ${service.branch}`;
  return later ? `${left}; ${listLater(later.commits)}` : left;
};

/** The edits or conflicts. Where files may have been moved unseen, nothing is tried. */
const revertWork = async ({ changes, ours, read }: Work, { since }: Pick<RevertPlan, "since">) => {
  const conflicts = since.files === undefined ? maybeMoved(changes, ours) : [];
  const [newest] = changes;
  if (conflicts.length > 0 && newest) return { conflicts, at: newest.sha };
  return revertTrees(changes, ours, read);
};

/** Tries the revert together with the later changes that touched the files in conflict. */
const withLaterChanges = async (
  context: RevertContext,
  plan: RevertPlan,
  { work, conflicts }: { work: Work; conflicts: Conflict[] },
): Promise<Pick<Unclean, "later" | "together">> => {
  const { history, service } = context;
  const { ranges, since, paths } = plan;
  if (ranges.length > 1 || paths.length > 0) return {};
  const files = [...new Set(conflicts.map(({ path }) => path))];
  const found = await history.dependents(service, { paths: files, since });
  if (!found) return {};
  const { commits: later, own } = found;
  if (!own) return { later };
  const both = await together(context, plan, { work, later });
  if (both === undefined) return { later };
  const result = await revertWork(both, plan);
  if ("conflicts" in result || result.edits.length === 0) return { later, together: "not clean" };
  return { later, together: await clean(plan, { ...both, files: undefined }, result.edits) };
};

/**
 * The work with the later changes before it. In a repository too large to be listed whole, the folders that they touched are read;
 * undefined where GitHub does not list all of them.
 */
const together = async (
  context: RevertContext,
  plan: RevertPlan,
  { work, later }: { work: Work; later: Landed[] },
): Promise<Work | undefined> => {
  const { history, trees, service } = context;
  if (!isPart(work.ours))
    return { ...work, changes: [...(await laterChanges(trees, service, later)), ...work.changes] };
  const commits = await Promise.all(later.map(({ sha }) => history.commit(service, sha)));
  if (commits.some(({ files }) => files === undefined)) return undefined;
  return gather(context, { ...plan, ranges: [...commits.map((commit) => ({ commit })), ...plan.ranges] });
};

const laterChanges = (trees: Reads["trees"], service: Service, later: Landed[]): Promise<Change[]> =>
  Promise.all(
    later.map(async (commit) => {
      const { base, theirs } = await trees.sides(service, { commit });
      return { sha: commit.sha, base, theirs };
    }),
  );
