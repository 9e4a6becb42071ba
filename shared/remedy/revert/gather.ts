import type { Conflict } from "../../git/conflict.ts";
import { directories } from "../../git/directories.ts";
import { deriving } from "../../git/listing/blobs.ts";
import { cameOrWent, foldersOf } from "../../git/listing/folders.ts";
import { places } from "../../git/listing/revert.ts";
import { isPart, type ListedChange, type Tree } from "../../git/model.ts";
import { type Change, leaving, within } from "../../git/revert-trees.ts";
import type { Tip } from "../../ports/trees.ts";
import type { Read } from "./outcome.ts";
import type { CommitRange, RevertContext, RevertPlan } from "./plan.ts";

export type Work = Tip & { changes: Change[]; files: ListedChange[] | undefined; read: Read };

/** The trees of all ranges and of the branch. Blobs that follow from the listed patches are not read. */
export const gather = async (
  { trees, service, paths }: Pick<RevertContext, "trees" | "service" | "paths">,
  { ranges, since, without = [] }: Pick<RevertPlan, "ranges" | "since" | "without">,
): Promise<Work> => {
  const changed = await Promise.all(ranges.map((range) => trees.changed(service, range)));
  const folders = neededFolders(changed, since.files);
  const sides = await Promise.all(ranges.map((range) => trees.sides(service, { ...range, folders })));
  const [newest] = sides;
  const tip = await trees.tip(service, { since, base: newest!.base, folders });
  const lists = [
    ...sides.map(({ theirs, files }) => ({ before: theirs, files })),
    { before: newest!.base, files: since.files },
  ];
  const files = sides.every((side) => side.files) ? sides.flatMap((side) => side.files ?? []) : undefined;
  const changes = sides.map((side, at) => leaving(within(changeOf(ranges[at]!, side), paths), without));
  return { ...tip, changes, files, read: deriving(lists, (sha) => trees.blob(service, sha)) };
};

/** The folders on the touched paths, and those to which files came, or which they left since. Unknown where a list of changes is not whole. */
export const neededFolders = (
  changed: (ListedChange[] | undefined)[],
  since: ListedChange[] | undefined,
): string[] | undefined => {
  if (changed.some((files) => files === undefined)) return undefined;
  const touched = changed.flatMap((files) => files ?? []).flatMap(places);
  return foldersOf([...touched, ...cameOrWent(since ?? [])]);
};

const changeOf = (
  { commit, reapply }: CommitRange,
  { base, theirs }: Pick<Change, "base" | "theirs">,
): Change => ({
  sha: commit.sha,
  ...(reapply ? { base: theirs, theirs: base } : { base, theirs }),
});

export const touches = ({ base, theirs }: Change, path: string): boolean =>
  base.get(path)?.sha !== theirs.get(path)?.sha || base.get(path)?.mode !== theirs.get(path)?.mode;

/**
 * Touched files that are gone from a branch which is known in part only: a rename since would not be seen. None where the branch is known
 * whole.
 */
export const maybeMoved = (changes: Change[], ours: Tree): Conflict[] => {
  if (!isPart(ours)) return [];
  const now = directories(ours.keys());
  return changes.flatMap((change) => {
    const { base, theirs } = change;
    const before = directories(base.keys());
    const paths = [...new Set([...base.keys(), ...theirs.keys()])].filter((path) => touches(change, path));
    const isGone = (path: string) => {
      const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
      return base.has(path) ? !ours.has(path) : before.has(folder) && !now.has(folder);
    };
    return paths.filter(isGone).map((path): Conflict => ({ path, kind: "gone", detail: unseen }));
  });
};
const unseen = "it, or its folder, is gone since, and GitHub does not list all that changed since";
