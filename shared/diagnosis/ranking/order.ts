import { isInert } from "../file-kinds.ts";
import type { Candidate } from "./candidate.ts";
import { touches } from "./service-paths.ts";

const maxPaths = 60;

/** Marks the candidates that have nothing to do with the alert or with one another. */
export const silence = (candidates: Candidate[], servicePaths: string[]): void => {
  const folders = new Map<string, number>();
  for (const one of candidates)
    for (const folder of foldersOf(one)) folders.set(folder, (folders.get(folder) ?? 0) + 1);
  const apart = (one: Candidate): boolean =>
    isInert(one.commit.paths) || [...foldersOf(one)].every((folder) => folders.get(folder) === 1);
  for (const one of candidates)
    if (one.said.length === 0 && one.topics.size === 0 && !touches(one, servicePaths) && apart(one))
      Object.assign(one, { silent: true, grams: [], patchGrams: [] });
};

/** The top folders a commit touches; a file outside any stands for itself. */
const foldersOf = ({ commit }: Candidate): Set<string> =>
  new Set(commit.paths.slice(0, maxPaths).map((path) => path.slice(0, path.indexOf("/") + 1 || undefined)));

/** Gives each candidate its place among those that are not silent. */
export const placeInTime = (candidates: Candidate[]): void => {
  let newer = 0;
  let nextAge = 0;
  let same: Candidate[] = [];
  const close = () => {
    const spoken = same.filter(({ silent }) => !silent).length;
    newer += spoken;
    if (spoken > 0) nextAge = same[0]!.age;
    same = [];
  };
  for (const [rank, one] of candidates.entries()) {
    if (same.length > 0 && same[0]!.age !== one.age) close();
    Object.assign(one, { rank, newer, nextAge });
    same.push(one);
  }
  let previous: number | undefined;
  let spoken: number | undefined;
  for (let rank = candidates.length - 1; rank >= 0; rank--) {
    const one = candidates[rank]!;
    const older = candidates[rank + 1];
    if (older !== undefined && older.age === one.age) one.previousAge = older.previousAge;
    else one.previousAge = previous ?? one.age;
    if (!one.silent) spoken = one.age;
    if (candidates[rank - 1]?.age !== one.age) previous = spoken;
  }
};
