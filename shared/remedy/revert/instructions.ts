import type { Conflict } from "../../git/conflict.ts";
import type { Landed } from "../../ports/history.ts";
import type { Unit } from "./change-set.ts";
import { plainTitle, titleOf } from "./commit-message.ts";
import type { Unclean } from "./outcome.ts";

type Stopped = { conflicts: Conflict[]; at?: string | undefined };

/** Why it is not clean, as a sentence. */
export const whyUnclean = ({ conflicts, at }: Stopped): string =>
  `not clean${at === undefined ? "" : ` at ${at}`}: ${inConflict(conflicts)}`;

/** The files in conflict and why, the first few of them. */
export const inConflict = (conflicts: Conflict[]): string => {
  const told = conflicts.slice(0, 5).map(({ path, detail }) => `${path}: ${detail}`);
  return `${told.join("; ")}${conflicts.length > 5 ? ` and ${conflicts.length - 5} more` : ""}`;
};

/** The later changes to the same files. */
export const laterTold = (later: Landed[]): string => {
  const more = later.length > shown ? ` and ${later.length - shown} more` : "";
  return `changed since by ${later.slice(0, shown).map(name).join(", ")}${more}`;
};
const shown = 10;

const name = ({ sha, author, message }: Landed): string =>
  `${author} in ${sha.slice(0, 12)} "${plainTitle(titleOf(message))}"`;

/** The git command line that takes the unit back by hand. */
export const byHand = ({ pieces, commits }: Unit): string => {
  const [piece] = pieces;
  const shas = commits.map(({ sha }) => sha).join(" ");
  if (piece?.from !== undefined && commits.length === 1)
    return `by hand: git revert ${piece.from}..${piece.commit.sha}`;
  const mainline = commits.some(({ parents }) => parents.length > 1) ? "-m 1 " : "";
  return `by hand: git revert ${mainline}${shas}`;
};

/** The rungs below: together with the later changes when that comes off, or by hand. */
export const handOver = (repository: string, unit: Unit, { later, together }: Unclean): string[] => {
  if (!later) return [byHand(unit)];
  if (!together) return [laterTold(later), byHand(unit)];
  if (together === "not clean")
    return [laterTold(later), "not clean together with that either", byHand(unit)];
  const shas = [...later.map(({ sha }) => sha), ...unit.commits.map(({ sha }) => sha)].join(" ");
  return [
    laterTold(later),
    `it goes back cleanly together with that: revert ${repository} ${shas} --together`,
  ];
};
