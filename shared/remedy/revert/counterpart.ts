import type { ListedChange } from "../../git/model.ts";
import type { ListedCommit } from "../../ports/changes.ts";
import type { Commit } from "../../ports/history.ts";
import { titleOf } from "./commit-message.ts";

/** The commit that a trailer of `git cherry-pick -x` names: the last, where it was picked again. */
export const pickedSource = (message: string): string | undefined =>
  [...message.matchAll(/^\(cherry picked from commit ([0-9a-f]{40})\)$/gm)].at(-1)?.[1];

/** The commits that say of themselves that they were picked from this one, or from the one that it was picked from. */
export const picksOf = (
  { sha, message }: Pick<Commit, "sha" | "message">,
  on: ListedCommit[],
): ListedCommit[] => {
  const sources = [sha, pickedSource(message)].filter((one) => one !== undefined);
  return on.filter((one) =>
    sources.some((source) => one.message.includes(`(cherry picked from commit ${source})`)),
  );
};

/** Commits that may be the same change without saying so: picking keeps the title, and the time at which it was written. */
export const mayBePicked = (
  { message, writtenAt }: Pick<Commit, "message" | "writtenAt">,
  on: ListedCommit[],
): ListedCommit[] =>
  on.filter(
    (one) =>
      titleOf(one.message) === titleOf(message) || (writtenAt !== undefined && one.writtenAt === writtenAt),
  );

/** The changed lines and those around them without their places and spaces, as `git patch-id` compares them; undefined where a patch is not known. */
export const patchOf = (files: ListedChange[] | undefined): string | undefined => {
  if (files === undefined || files.length === 0 || files.some(({ patch }) => patch === undefined))
    return undefined;
  return files
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, patch = "" }) => `${path}\n${patch.replace(/^@@.*$/gm, "").replace(/[^\S\n]+/g, "")}`)
    .join("\n");
};
