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
  trees: Pick<Trees, "before" | "sides" | "tip" | "blob">;
};
/** Where it goes, and the paths that it keeps to: none means all. */
export type Place = Reads & { service: Service; paths: string[] };
export type Told = Pick<Commit, "sha" | "title" | "parents">;
/** What is taken back at once: what `commit` did, or everything after `from` up to it. `reapply`: it is done again instead. */
export type Piece = { commit: Commit; from?: string; reapply?: true };

/** What goes into one pull request. */
export type Unit = Pick<ChangeOnBranch, "since" | "pulls"> & {
  sha: string;
  /** The commits that go back, the newest first. */
  commits: Told[];
  /** One after the other, in this order. */
  pieces: Piece[];
  paths: string[];
  branch: RefName;
  title: string;
  message: string;
  /** The pull request that they landed with, where that had to be asked. */
  number?: number;
  /** A sentence about why there are more commits than were asked for. */
  note?: string;
};

/** One change with all that landed with it: a squash, a merge, a push, or every commit of a pull request merged by rebase. */
export const changeOf = async (place: Place, name: string): Promise<Unit> => {
  const { history, service, paths } = place;
  const known = await history.change(service, name);
  const together = await history.landed(service, known.commit);
  if (!together) return unitOf([known], paths);
  const { number, commits } = together;
  const [newest = known.commit] = commits;
  const oldest = commits.at(-1) ?? newest;
  const tip = newest.sha === known.commit.sha ? known : await history.change(service, newest.sha);
  const told = commits.map(toTold);
  const title = severalTitle(told);
  return {
    ...{ sha: tip.commit.sha, commits: told, since: tip.since, pulls: tip.pulls, paths, title },
    pieces: [{ commit: tip.commit, from: oldest.parents[0] ?? "" }],
    branch: seriesBranch([tip.commit.sha, oldest.sha], paths),
    message: seriesMessage(title, told),
    number,
    note: `${commits.length} commits landed together as #${number}, merged by rebase, and go back together: ${told.map(named).join(", ")}`,
  };
};

/** Exactly these changes. */
export const changesOf = async ({ history, service, paths }: Place, names: string[]): Promise<Unit> => {
  const known = await Promise.all(names.map((name) => history.change(service, name)));
  return unitOf(known, paths);
};

const unitOf = (known: ChangeOnBranch[], paths: string[]): Unit => {
  const all = known.toSorted((a, b) => a.since.age - b.since.age);
  const commits = all.map(({ commit }) => commit);
  const { commit, since, pulls } = all[0]!;
  const alone = commits.length === 1;
  const title = alone ? revertTitle(commit.title) : severalTitle(commits);
  return {
    ...{ sha: commit.sha, commits, since, pulls, paths, title },
    pieces: commits.map((one) => ({ commit: one })),
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

/** Everything that `to` has and `from` has not, as one change. */
export const rangeOf = async (
  { history, service, paths }: Place,
  { from, to }: { from: string; to: string },
): Promise<Unit> => {
  const [{ commit, since, pulls }, before] = await Promise.all([
    history.change(service, to),
    history.commit(service, from),
  ]);
  return {
    ...{ sha: commit.sha, commits: [commit], since, pulls, paths, title: rangeTitle(before.sha) },
    pieces: [{ commit, from: before.sha }],
    branch: seriesBranch([commit.sha, before.sha], paths),
    message: rangeMessage(before.sha, commit),
  };
};

/** What brings a reverted change back: the change once more, or the revert of its revert. */
export const relandOf = async (place: Place, name: string): Promise<Unit> => {
  const unit = await changeOf(place, name);
  const [piece] = unit.pieces;
  const { commit } = piece!;
  const isRevert = revertedIds(commit.message).length > 0;
  const title = `Reland "${plainTitle(reverted(commit.title) ?? commit.title)}"`;
  const why = unit.commits.map(({ sha }) =>
    isRevert ? `This reverts commit ${sha}.` : `This lands commit ${sha} again.`,
  );
  return {
    ...unit,
    ...{ title, branch: relandBranch(commit), message: [title, ...why].join("\n\n") },
    pieces: isRevert ? unit.pieces : unit.pieces.slice(0, 1).map((one) => ({ ...one, reapply: true })),
  };
};

/** The change and the later ones that are built on it, as one. */
export const withLater = (
  unit: Unit,
  later: Landed[],
): Pick<Unit, "commits" | "branch" | "title" | "message"> => {
  const commits = [...later.map(toTold), ...unit.commits];
  const title = severalTitle([...unit.commits, ...later.map(toTold)]);
  return {
    ...{ commits, title, message: seriesMessage(title, commits) },
    branch: seriesBranch(
      commits.map(({ sha }) => sha),
      unit.paths,
    ),
  };
};

const severalTitle = ([first, ...rest]: Told[]): string =>
  `${revertTitle(first?.title ?? "")} and ${rest.length} more`;
const toTold = ({ sha, parents, message }: Landed): Told => ({ sha, parents, title: titleOf(message) });
const named = ({ sha, title }: Told): string => `${sha.slice(0, 12)} "${plainTitle(title)}"`;
