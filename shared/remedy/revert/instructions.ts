import type { Conflict } from "../../git/conflict.ts";
import type { Landed } from "../../ports/history.ts";
import { plainTitle, titleOf } from "./commit-message.ts";
import { whenLeftOut } from "./derived-files.ts";
import type { Unclean } from "./outcome.ts";
import type { RevertPlan } from "./plan.ts";

/** The files that a revert leaves out, each with its instruction. */
export const leftOut = (paths: string[]): string =>
  paths.map((path) => `${path} (${whenLeftOut(path) ?? "it stays as it is"})`).join(", ");

type Stopped = { conflicts: Conflict[]; at?: string | undefined };

/** The sentence that says why a revert is not clean. */
export const whyUnclean = ({ conflicts, at }: Stopped): string =>
  `not clean${at === undefined ? "" : ` at ${at}`} (${inConflict(conflicts)})`;

/** The files in conflict and why, the first few of them. */
export const inConflict = (conflicts: Conflict[]): string => {
  const named = conflicts.slice(0, 5).map(({ path, detail }) => `${path}: ${detail}`);
  return `${named.join("; ")}${conflicts.length > 5 ? ` and ${conflicts.length - 5} more` : ""}`;
};

/** The later changes to the same files. */
export const listLater = (later: Landed[]): string => {
  const more = later.length > shown ? ` and ${later.length - shown} more` : "";
  return `changed since by ${later.slice(0, shown).map(name).join(", ")}${more}`;
};
const shown = 10;

const name = ({ sha, author, message }: Landed): string =>
  `${author} in ${sha.slice(0, 12)} "${plainTitle(titleOf(message))}"`;

/** The git command line that reverts the plan by hand. */
export const byHand = ({ ranges, commits }: RevertPlan): string => {
  const [range] = ranges;
  const shas = commits.map(({ sha }) => sha).join(" ");
  if (range?.from !== undefined && commits.length === 1)
    return `by hand: git revert ${range.from}..${range.commit.sha}`;
  const mainline = commits.some(({ parents }) => parents.length > 1) ? "-m 1 " : "";
  return `by hand: git revert ${mainline}${shas}`;
};

/** The ways left after a conflict: a revert together with the later changes where that is clean, or git by hand. */
export const fallbacks = (
  repository: string,
  plan: RevertPlan,
  { later, together, without }: Unclean,
): string[] => {
  if (without) {
    const options = without.paths.map((path) => `--without ${quoted(path)}`).join(" ");
    return [
      `the rest goes back cleanly without ${leftOut(without.paths)}: revert ${repository} ${plan.sha} ${options}`,
    ];
  }
  if (!later) return [byHand(plan)];
  if (!together) return [listLater(later), byHand(plan)];
  if (together === "not clean")
    return [listLater(later), "not clean together with that either", byHand(plan)];
  const shas = [...later.map(({ sha }) => sha), ...plan.commits.map(({ sha }) => sha)].join(" ");
  return [
    listLater(later),
    `it goes back cleanly together with that: revert ${repository} ${shas} --together`,
  ];
};

/** The path as a word of a shell. */
const quoted = (path: string): string =>
  /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
