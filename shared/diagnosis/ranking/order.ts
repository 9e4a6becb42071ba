import { isInert } from "../file-kinds.ts";
import type { Candidate } from "./candidate.ts";
import { touches } from "./service-paths.ts";

const maxPaths = 60;

/** Marks the candidates that have nothing to do with the alert or with one another. */
export const markIrrelevant = (candidates: Candidate[], servicePaths: string[]): void => {
  const folders = new Map<string, number>();
  for (const candidate of candidates)
    for (const folder of foldersOf(candidate)) folders.set(folder, (folders.get(folder) ?? 0) + 1);
  const apart = (candidate: Candidate): boolean =>
    isInert(candidate.commit.paths) || [...foldersOf(candidate)].every((folder) => folders.get(folder) === 1);
  for (const candidate of candidates)
    if (
      candidate.mentions.length === 0 &&
      candidate.topics.size === 0 &&
      !touches(candidate, servicePaths) &&
      apart(candidate)
    )
      Object.assign(candidate, { irrelevant: true, grams: [], patchGrams: [] });
};

/** The top folders a commit touches; a file outside any stands for itself. */
const foldersOf = ({ commit }: Candidate): Set<string> =>
  new Set(commit.paths.slice(0, maxPaths).map((path) => path.slice(0, path.indexOf("/") + 1 || undefined)));

/** Gives each candidate its rank among those that are not irrelevant. */
export const placeInTime = (candidates: Candidate[]): void => {
  let newer = 0;
  let nextAge = 0;
  let sameAge: Candidate[] = [];
  const close = () => {
    const relevant = sameAge.filter(({ irrelevant }) => !irrelevant).length;
    newer += relevant;
    if (relevant > 0) nextAge = sameAge[0]?.age ?? 0;
    sameAge = [];
  };
  for (const [rank, candidate] of candidates.entries()) {
    const [other] = sameAge;
    if (other !== undefined && other.age !== candidate.age) close();
    Object.assign(candidate, { rank, newer, nextAge });
    sameAge.push(candidate);
  }
  let previous: number | undefined;
  let relevant: number | undefined;
  for (let rank = candidates.length - 1; rank >= 0; rank--) {
    const candidate = candidates[rank]!;
    const older = candidates[rank + 1];
    if (older !== undefined && older.age === candidate.age) candidate.previousAge = older.previousAge;
    else candidate.previousAge = previous ?? candidate.age;
    if (!candidate.irrelevant) relevant = candidate.age;
    if (candidates[rank - 1]?.age !== candidate.age) previous = relevant;
  }
};
