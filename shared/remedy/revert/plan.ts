import type { RefName } from "../../git/ref-name.ts";
import type { ChangeOnBranch, Commit, History, Landed } from "../../ports/history.ts";
import type { Service } from "../../ports/service.ts";
import type { Trees } from "../../ports/trees.ts";
import { branchOf, relandBranch, seriesBranch } from "./branch.ts";
import {
  plainTitle,
  rangeMessage,
  rangeTitle,
  reverted,
  revertMessage,
  revertTitle,
  seriesMessage,
  titleOf,
} from "./commit-message.ts";
import { revertedIds } from "./revert-messages.ts";

/** The reads that a revert is computed from. */
export type Reads = {
  history: Pick<History, "change" | "commit" | "landed" | "dependents">;
  trees: Pick<Trees, "before" | "changed" | "sides" | "tip" | "blob">;
};
/** The service's branch, and the paths that the revert keeps to; an empty list means all. */
export type RevertContext = Reads & { service: Service; paths: string[] };
export type RevertedCommit = Pick<Commit, "sha" | "title" | "parents">;
/** The commit alone, or every commit after `from` up to it. `reapply` does the change again instead of reverting it. */
export type CommitRange = { commit: Commit; from?: string; reapply?: true };

/** The contents of one pull request. */
export type RevertPlan = Pick<ChangeOnBranch, "since" | "pulls"> & {
  sha: string;
  /** The commits that are reverted, the newest first. */
  commits: RevertedCommit[];
  /** They are reverted in this order. */
  ranges: CommitRange[];
  paths: string[];
  /** Paths that are left as they are. */
  without?: string[];
  branch: RefName;
  title: string;
  message: string;
  /** The pull request that the commits landed with, where it had to be looked up. */
  number?: number;
  /** A sentence about why there are more commits than were asked for. */
  note?: string;
};

/** Plans the revert of a commit with all that landed with it: a squash, a merge, a push, or a pull request merged by rebase. */
export const planChange = async (context: RevertContext, name: string): Promise<RevertPlan> => {
  const { history, service, paths } = context;
  const known = await history.change(service, name);
  const together = await history.landed(service, known.commit);
  if (!together) return planOf([known], paths);
  const { number, commits } = together;
  const [newest = known.commit] = commits;
  const oldest = commits.at(-1) ?? newest;
  const tip = newest.sha === known.commit.sha ? known : await history.change(service, newest.sha);
  const reverts = commits.map(toReverted);
  const title = severalTitle(reverts);
  return {
    ...{ sha: tip.commit.sha, commits: reverts, since: tip.since, pulls: tip.pulls, paths, title },
    ranges: [{ commit: tip.commit, from: oldest.parents[0] ?? "" }],
    branch: seriesBranch([tip.commit.sha, oldest.sha], paths),
    message: seriesMessage(title, reverts),
    number,
    note: `${commits.length} commits landed together as #${number}, merged by rebase, and go back together: ${reverts.map(named).join(", ")}`,
  };
};

/** Plans the revert of exactly these commits. */
export const planChanges = async (
  { history, service, paths }: RevertContext,
  names: string[],
): Promise<RevertPlan> => {
  const known = await Promise.all(names.map((name) => history.change(service, name)));
  return planOf(known, paths);
};

const planOf = (known: ChangeOnBranch[], paths: string[]): RevertPlan => {
  const all = known.toSorted((a, b) => a.since.age - b.since.age);
  const commits = all.map(({ commit }) => commit);
  const { commit, since, pulls } = all[0]!;
  const alone = commits.length === 1;
  const title = alone ? revertTitle(commit.title) : severalTitle(commits);
  return {
    ...{ sha: commit.sha, commits, since, pulls, paths, title },
    ranges: commits.map((one) => ({ commit: one })),
    branch:
      alone && paths.length === 0
        ? branchOf(commit)
        : seriesBranch(
            commits.map(({ sha }) => sha),
            paths,
          ),
    message: alone ? revertMessage(commit) : seriesMessage(title, commits),
  };
};

/** Plans the revert of all commits after `from` up to `to`, as one change. */
export const planRange = async (
  { history, service, paths }: RevertContext,
  { from, to }: { from: string; to: string },
): Promise<RevertPlan> => {
  const [{ commit, since, pulls }, before] = await Promise.all([
    history.change(service, to),
    history.commit(service, from),
  ]);
  return {
    ...{ sha: commit.sha, commits: [commit], since, pulls, paths, title: rangeTitle(before.sha) },
    ranges: [{ commit, from: before.sha }],
    branch: seriesBranch([commit.sha, before.sha], paths),
    message: rangeMessage(before.sha, commit),
  };
};

/** Plans the return of a reverted change: the change is made again, or its revert is reverted. */
export const planReland = async (context: RevertContext, name: string): Promise<RevertPlan> => {
  const plan = await planChange(context, name);
  const [range] = plan.ranges;
  const { commit } = range!;
  const isRevert = revertedIds(commit.message).length > 0;
  const title = `Reland "${plainTitle(reverted(commit.title) ?? commit.title)}"`;
  const why = plan.commits.map(({ sha }) =>
    isRevert ? `This reverts commit ${sha}.` : `This lands commit ${sha} again.`,
  );
  return {
    ...plan,
    ...{ title, branch: relandBranch(commit), message: [title, ...why].join("\n\n") },
    ranges: isRevert ? plan.ranges : plan.ranges.slice(0, 1).map((one) => ({ ...one, reapply: true })),
  };
};

/** Plans the return of everything that a merged revert took out, under the title of the change. */
export const planReturn = async (context: RevertContext, sha: string, title: string): Promise<RevertPlan> => {
  const plan = await planChange(context, sha);
  const name = `Reland "${plainTitle(title)}"`;
  const why = plan.commits.map((commit) => `This reverts commit ${commit.sha}.`);
  return { ...plan, title: name, branch: relandBranch(plan), message: [name, ...why].join("\n\n") };
};

/** The plan together with the later commits that are built on it. */
export const withLater = (
  plan: RevertPlan,
  later: Landed[],
): Pick<RevertPlan, "commits" | "branch" | "title" | "message"> => {
  const commits = [...later.map(toReverted), ...plan.commits];
  const title = severalTitle([...plan.commits, ...later.map(toReverted)]);
  return {
    ...{ commits, title, message: seriesMessage(title, commits) },
    branch: seriesBranch(
      commits.map(({ sha }) => sha),
      plan.paths,
    ),
  };
};

const severalTitle = ([first, ...rest]: RevertedCommit[]): string =>
  `${revertTitle(first?.title ?? "")} and ${rest.length} more`;
const toReverted = ({ sha, parents, message }: Landed): RevertedCommit => ({
  sha,
  parents,
  title: titleOf(message),
});
const named = ({ sha, title }: RevertedCommit): string => `${sha.slice(0, 12)} "${plainTitle(title)}"`;

/** The plan without these files. */
export const leavingOut = (plan: RevertPlan, without: string[]): RevertPlan => ({
  ...plan,
  without,
  message: `${plan.message}\n\nWithout ${without.join(", ")}.`,
});
