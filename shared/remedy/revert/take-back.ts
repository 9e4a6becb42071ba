import type { Conflict } from "../../git/conflict.ts";
import { deriving } from "../../git/listing/blobs.ts";
import { untouched } from "../../git/listing/revert.ts";
import type { Edit, ListedChange } from "../../git/model.ts";
import { type Change, revertAll, within } from "../../git/revert-trees.ts";
import type { Landed } from "../../ports/history.ts";
import type { Service } from "../../ports/service.ts";
import type { Tip } from "../../ports/trees.ts";
import type { Piece, Place, Reads, Unit } from "./change-set.ts";
import { guardReasons } from "./guarded-files.ts";
import { laterTold } from "./instructions.ts";
import type { Clean, Read, Taken, Unclean } from "./outcome.ts";
import { takenBack, takesBack } from "./revert-messages.ts";

/** GitHub lists this many files of a commit at once. */
const maxListed = 300;

/**
 * Takes a unit back: links what has taken it back already, goes the short way when nobody touched its files since
 * (unless `whole`: the files of the branch are wanted), merges otherwise, and looks for the next rung when that is not clean.
 */
export const takeBack = async (place: Place, unit: Unit, { whole = false } = {}): Promise<Taken> => {
  const again = unit.branch.startsWith("countersteer/reland-");
  const open = again ? undefined : openAlready(place.service, unit);
  if (open) return { result: "exists", pull: open, reason: `#${open.number} takes it back already` };
  const quick = whole || again ? undefined : await unchanged(place, unit);
  if (quick) return { result: "clean", ...quick };

  const work = await gather(place, unit);
  const { changes, ours, read } = work;
  const result = await revertAll(changes, ours, read);
  if ("conflicts" in result) {
    const { conflicts, at } = result;
    return {
      ...{ result: "conflict", conflicts, ...(unit.pieces.length > 1 && { at }) },
      ...(again ? {} : await nextRung(place, unit, { work, conflicts })),
    };
  }
  const before = again ? undefined : takenBack(unit.sha, unit.since.commits);
  const by = before === undefined ? {} : { by: before };
  const reason = before && `${before.sha} has taken it back already`;
  if (result.edits.length === 0)
    return { result: "empty", reason: reason ?? (await gone(place, unit, changes)), ...by };
  if (reason !== undefined) return { result: "exists", reason, ...by };
  return { result: "clean", ...clean(work, changes, result.edits) };
};

/** The pull request of a person, or of an earlier try whose head is not ours to take over. */
const openAlready = ({ repository }: Service, { commits, pulls, branch, number }: Unit) => {
  const by = { repository, ...(number !== undefined && { number: String(number) }) };
  const found = pulls.find(
    (pull) => pull.branch !== branch && commits.every((commit) => takesBack(pull, commit, by)),
  );
  return found && { number: found.number, url: found.url };
};

/** The edits of a change whose files nobody touched since; cheaper than reading every tree. */
const unchanged = async ({ trees, service }: Place, unit: Unit): Promise<Clean | undefined> => {
  const [piece, another] = unit.pieces;
  const { head, files } = unit.since;
  if (another || !piece || piece.from !== undefined || unit.paths.length > 0) return undefined;
  const { commit } = piece;
  if (commit.parents.length === 0 || !head || !files || commit.paths.length >= maxListed) return undefined;
  if (files.some(({ path }) => commit.paths.includes(path))) return undefined;
  const edits = untouched(commit, files, await trees.before(service, commit));
  if (!edits || edits.length === 0) return undefined;
  return {
    ...{ edits, snapshot: { head: head.sha, headTree: head.tree }, read: (sha) => trees.blob(service, sha) },
    guards: guardReasons(edits, commit.files),
  };
};

type Work = Tip & { changes: Change[]; files: ListedChange[] | undefined; read: Read };

/** The trees of all pieces and of the branch, and the blobs as far as they need not be asked for. */
const gather = async ({ trees, service, paths }: Place, { pieces, since }: Unit): Promise<Work> => {
  const sides = await Promise.all(pieces.map((piece) => trees.sides(service, piece)));
  const [newest] = sides;
  const tip = await trees.tip(service, { since, base: newest!.base });
  const lists = [
    ...sides.map(({ theirs, files }) => ({ before: theirs, files })),
    { before: newest!.base, files: since.files },
  ];
  const files = sides.every((side) => side.files) ? sides.flatMap((side) => side.files ?? []) : undefined;
  const changes = sides.map((side, at) => within(changeOf(pieces[at]!, side), paths));
  return { ...tip, changes, files, read: deriving(lists, (sha) => trees.blob(service, sha)) };
};

const changeOf = ({ commit, reapply }: Piece, { base, theirs }: Pick<Change, "base" | "theirs">): Change => ({
  sha: commit.sha,
  ...(reapply ? { base: theirs, theirs: base } : { base, theirs }),
});

const clean = ({ head, headTree, ours, files, read }: Work, changes: Change[], edits: Edit[]): Clean => {
  const moved = edits.find(({ path }) => !changes.some((change) => touches(change, path)));
  return {
    ...{ edits, snapshot: { head, headTree }, ours, read, guards: guardReasons(edits, files) },
    ...(moved && { moved: moved.path }),
  };
};

const touches = ({ base, theirs }: Change, path: string): boolean =>
  base.get(path)?.sha !== theirs.get(path)?.sha || base.get(path)?.mode !== theirs.get(path)?.mode;

/** That nothing is left of the unit, and who changed its files since. */
const gone = async ({ history, service }: Place, { since }: Unit, changes: Change[]): Promise<string> => {
  const all = changes.flatMap((change) =>
    [...new Set([...change.base.keys(), ...change.theirs.keys()])].filter((path) => touches(change, path)),
  );
  const later = await history.dependents(service, { paths: all, since });
  const left = `nothing of it is left to change on ${service.branch}`;
  return later ? `${left}; ${laterTold(later.commits)}` : left;
};

/** With which later changes it would come off: those of the branch's own line that touched the files in conflict. */
const nextRung = async (
  { history, trees, service }: Place,
  { pieces, since, paths }: Unit,
  { work, conflicts }: { work: Work; conflicts: Conflict[] },
): Promise<Pick<Unclean, "later" | "together">> => {
  if (pieces.length > 1 || paths.length > 0) return {};
  const files = [...new Set(conflicts.map(({ path }) => path))];
  const found = await history.dependents(service, { paths: files, since });
  if (!found) return {};
  const { commits: later, own } = found;
  if (!own) return { later };
  const changes = [...(await laterChanges(trees, service, later)), ...work.changes];
  const result = await revertAll(changes, work.ours, work.read);
  if ("conflicts" in result || result.edits.length === 0) return { later, together: "not clean" };
  return { later, together: clean({ ...work, files: undefined }, changes, result.edits) };
};

const laterChanges = (trees: Reads["trees"], service: Service, later: Landed[]): Promise<Change[]> =>
  Promise.all(
    later.map(async (commit) => {
      const { base, theirs } = await trees.sides(service, { commit });
      return { sha: commit.sha, base, theirs };
    }),
  );
