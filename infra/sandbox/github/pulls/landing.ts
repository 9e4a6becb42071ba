import { refused } from "../answers.ts";
import { branchTip } from "../git/commits.ts";
import { type MergeOrder, mergeCommit } from "../git/merge.ts";
import { closePull, refMoved } from "../refs/ref-updates.ts";
import type { Github, PullRecord, Repo } from "../state.ts";

/** Merges a pull into its base branch and returns the sha it left there. Nothing is asked any more. */
export const land = async (
  github: Github,
  repo: Repo,
  { pull, ...order }: MergeOrder & { pull: PullRecord },
): Promise<string> => {
  const before = await branchTip(repo, pull.base);
  if (!before) throw refused(405, "Pull Request is not mergeable");
  const after = await mergeCommit(github, repo, pull, before, order);
  await moveBase(github, repo, { pull, before, after, by: order.by });
  return after;
};

/** Moves the base branch to the commit that merges the pull, and closes the pull as merged. */
export const moveBase = async (
  github: Github,
  repo: Repo,
  { pull, before, after, by }: { pull: PullRecord; before: string; after: string; by: MergeOrder["by"] },
): Promise<void> => {
  const ref = `refs/heads/${pull.base}`;
  const ran = await repo.git.run(["update-ref", ref, after, before]);
  if (ran.code !== 0) throw refused(405, "Base branch was modified. Review and try the merge again.");
  await closePull(github, repo, pull, by, { sha: after, before });
  await refMoved(github, repo, { ref, before, after, by });
};
