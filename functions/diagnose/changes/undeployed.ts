import { landedChanges } from "../../../shared/diagnosis/candidates/landed-changes.ts";
import type { Undeployed } from "../../../shared/incident/model.ts";
import type { Changes, ListedPull } from "../../../shared/ports/changes.ts";
import type { ChangeQuery } from "./query.ts";
import { isTouching, touched } from "./touched.ts";

const maxCommits = 100;
/** A change that landed longer before the trouble is simply not deployed yet. */
const recentMs = 60 * 60_000;

export const landedShortlyBefore = (onsetAt: number, { at }: { at: number }): boolean =>
  at <= onsetAt && at >= onsetAt - recentMs;

type Known = { pulls: ListedPull[]; brought: Set<string> };

/** The changes of the branch that landed shortly before the trouble and that no deploy on record holds, newest first. */
export const undeployed = async (
  changes: Changes,
  { target, onsetAt }: ChangeQuery,
  { pulls, brought }: Known,
  ahead: Ahead,
): Promise<Undeployed[]> => {
  const listed = { commits: ahead, pulls, branch: target.branch };
  const landed = landedChanges(listed, ahead[0]?.sha ?? "").filter(
    (change) => landedShortlyBefore(onsetAt, change) && !brought.has(change.sha),
  );
  if (landed.length === 0) return [];
  const own = await touched(changes, target, target.branch);
  return landed.filter((change) => isTouching(change, own)).map(({ sha, title, at }) => ({ sha, title, at }));
};

type Ahead = NonNullable<Awaited<ReturnType<Changes["compare"]>>>["commits"];

/** The commits by which the branch is ahead of the latest deploy; none when that one is of another branch. */
export const aheadOfDeploys = async (changes: Changes, { target, deploys }: ChangeQuery): Promise<Ahead> => {
  const latest = deploys.toSorted((a, b) => b.at - a.at)[0];
  if (latest === undefined) return [];
  const range = { from: latest.sha, to: target.branch, limit: maxCommits };
  const compared = await changes.compare(target, range);
  return compared?.status === "ahead" ? compared.commits : [];
};
