import { type RefName, refName } from "../../git/ref-name.ts";
import { short } from "../../text/format.ts";

/** The branch of a revert. It is named after the change, so that a second try finds the first. */
export const branchOf = ({ sha }: { sha: string }): RefName => refName(`countersteer/revert-${short(sha)}`);

/** The branch of several changes, or of a part of one. */
export const seriesBranch = ([first = "", ...rest]: string[], paths: string[]): RefName =>
  refName([branchOf({ sha: first }), ...rest.map(short), ...paths.map(slug)].join("-"));

/** The branch of one change, or of everything since `from` within `paths`. */
export const branchFor = ({ sha, from }: { sha: string; from?: string }, paths: string[]): RefName =>
  from === undefined ? branchOf({ sha }) : seriesBranch([sha, from], paths);

/** Whether it is our pull request that takes the change back together with later ones. A number at the end tells that an earlier one is over. */
export const isTogether = (
  { branch, own }: { branch: string; own: boolean },
  { sha }: { sha: string },
): boolean =>
  own &&
  branch.startsWith("countersteer/revert-") &&
  branch.replace(/-\d{1,2}$/, "").endsWith(`-${short(sha)}`) &&
  branch.replace(/-\d{1,2}$/, "") !== branchOf({ sha });

/** The branch that brings a change back. */
export const relandBranch = ({ sha }: { sha: string }): RefName =>
  refName(`countersteer/reland-${short(sha)}`);

const slug = (path: string): string => path.replace(/[^\w]+/g, "-").replace(/^-|-$/g, "") || "root";

/** The branch of a scaling edit. It is named after the file and both values, so that the same edit finds it again. */
export const scaleBranch = (file: string, { before, after }: { before: string; after: string }): RefName =>
  refName(`countersteer/scale-${slug(file)}-${before.slice(0, 8)}-${after.slice(0, 8)}`);
