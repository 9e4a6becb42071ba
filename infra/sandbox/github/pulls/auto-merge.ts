import { emitPull } from "../refs/ref-updates.ts";
import type { Account, Github, MergeMethod, PullRecord, Repo } from "../state.ts";
import { conditionsOf, mergeState } from "./conditions.ts";
import { land } from "./landing.ts";
import { advance, enqueue } from "./merge-queue.ts";
import { requirementsOf } from "./protection.ts";
import { follow, mergeability } from "./pull.ts";

/** A refusal of a mutation, in GitHub's words. */
export class Unprocessable extends Error {}

type Order = { method: MergeMethod; by: Account; expectedHead?: string };

/** Has GitHub merge the pull by itself once nothing stands against it. */
export const enableAutoMerge = async (
  github: Github,
  repo: Repo,
  pull: PullRecord,
  { method, by, expectedHead }: Order,
): Promise<void> => {
  await follow(repo, pull);
  if (!repo.allows.autoMerge) throw new Unprocessable("Auto merge is not allowed for this repository");
  if (pull.state === "closed") throw new Unprocessable("Pull request is closed");
  if (expectedHead !== undefined && expectedHead !== pull.headSha)
    throw new Unprocessable("Head sha didn't match the expected head oid");
  const required = await requirementsOf(repo, pull.base);
  const isProtected = required.reviews > 0 || required.codeOwners || required.checks.length > 0;
  if (!isProtected && !required.queue)
    throw new Unprocessable("Pull request Protected branch rules not configured for this branch");
  if (!required.queue && !required.methods.includes(method))
    throw new Unprocessable(`Merge method ${method} is not allowed on this repository`);
  const state = await stateNow(github, repo, pull);
  if (["CLEAN", "UNSTABLE", "DIRTY", "DRAFT"].includes(state) && !(required.queue && state === "CLEAN"))
    throw new Unprocessable(`Pull request Pull request is in ${state.toLowerCase()} status`);
  pull.autoMerge = { method, by, at: github.clock() };
  await emitPull(github, repo, pull, "auto_merge_enabled", by);
};

export const disableAutoMerge = async (
  github: Github,
  repo: Repo,
  pull: PullRecord,
  by: Account,
): Promise<void> => {
  if (pull.autoMerge === undefined) throw new Unprocessable("Can't disable auto-merge for this pull request");
  delete pull.autoMerge;
  await emitPull(github, repo, pull, "auto_merge_disabled", by, { reason: "manual" });
};

export const stateNow = async (github: Github, repo: Repo, pull: PullRecord) =>
  mergeState(github, repo, {
    pull,
    mergeable:
      pull.state === "closed" ? null : await mergeability({ ...github, lazyMergeable: false }, repo, pull),
  });

/** Does what has become possible: pulls that wait for it are merged or enqueued, and merge queues go on. */
export const goOn = async (github: Github, repo: Repo): Promise<void> => {
  for (const pull of repo.pulls.values()) {
    if (pull.state === "closed" || pull.autoMerge === undefined) continue;
    await follow(repo, pull);
    if (!["CLEAN", "UNSTABLE"].includes(await stateNow(github, repo, pull))) continue;
    const { by, method } = pull.autoMerge;
    const { queue } = await requirementsOf(repo, pull.base);
    if (queue === undefined) await land(github, repo, { pull, method, by });
    else if ((await conditionsOf(github, repo, pull)).length === 0 && !isQueued(repo, pull))
      await enqueue(github, repo, { pull, by });
  }
  await advance(github, repo);
};

export const isQueued = (repo: Repo, pull: PullRecord): boolean =>
  repo.queue.some(({ number }) => number === pull.number);
