import { landedChanges } from "../../../shared/diagnosis/candidates/landed-changes.ts";
import type { Undeployed } from "../../../shared/incident/model.ts";
import type { Changes, Comparison, ListedPull } from "../../../shared/ports/changes.ts";
import type { ChangeQuery } from "./query.ts";
import { isTouching, touched } from "./touched.ts";

const maxCommits = 100;
/** A change that landed longer before the trouble is simply not deployed yet. */
const recentMs = 60 * 60_000;

export const landedShortlyBefore = (onsetAt: number, { at }: { at: number }): boolean =>
  at <= onsetAt && at >= onsetAt - recentMs;

type Known = { pulls: ListedPull[]; brought: Set<string>; ahead: Comparison | undefined };

/** The changes of the branch that landed shortly before the trouble and that no deploy on record holds, newest first. */
export const undeployed = async (
  changes: Changes,
  { target, onsetAt }: ChangeQuery,
  { pulls, brought, ahead }: Known,
): Promise<Undeployed[]> => {
  const commits = ahead?.status === "ahead" ? ahead.commits : [];
  const listed = { commits, pulls, branch: target.branch };
  const landed = landedChanges(listed, commits[0]?.sha ?? "").filter(
    (change) => landedShortlyBefore(onsetAt, change) && !brought.has(change.sha),
  );
  if (landed.length === 0) return [];
  const own = await touched(changes, target, target.branch);
  return landed.filter((change) => isTouching(change, own)).map(({ sha, title, at }) => ({ sha, title, at }));
};

/** The branch as seen from the latest deploy. */
export const aheadOfDeploys = async (
  changes: Changes,
  { target, deploys }: ChangeQuery,
): Promise<Comparison | undefined> => {
  const latest = deploys.toSorted((a, b) => b.at - a.at)[0];
  if (latest === undefined) return undefined;
  return changes.compare(target, { from: latest.sha, to: target.branch, limit: maxCommits });
};
