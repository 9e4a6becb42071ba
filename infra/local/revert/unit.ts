import { readChange, readSides } from "../../../shared/adapters/github/change.ts";
import { readCommit } from "../../../shared/adapters/github/commits.ts";
import { compare } from "../../../shared/adapters/github/compare.ts";
import { type Github, never } from "../../../shared/adapters/github/repository.ts";
import type { Commit, Service } from "../../../shared/ports.ts";
import { branchOf, relandBranch, seriesBranch } from "../../../shared/remedy/branch.ts";
import { type OpenPull, revertedBy, type Since } from "../../../shared/remedy/lineage.ts";
import type { Change } from "../../../shared/remedy/series.ts";
import {
  plainTitle,
  rangeMessage,
  rangeTitle,
  revertMessage,
  revertTitle,
  seriesMessage,
} from "../../../shared/remedy/text.ts";

/** What goes into one pull request. `commits` are the changes, the newest first. */
export type Unit = {
  sha: string;
  commits: Commit[];
  since: Since;
  pulls: OpenPull[];
  branch: string;
  title: string;
  message: string;
  /** One after the other, in this order. */
  changes: () => Promise<Change[]>;
};

export async function changesOf(github: Github, service: Service, names: string[]): Promise<Unit> {
  const known = await Promise.all(names.map((name) => readChange(github, service, name)));
  known.sort((a, b) => a.since.age - b.since.age);
  const commits = known.map(({ commit }) => commit);
  const [newest] = known;
  const { commit, since, pulls } = newest!;
  const whole = service.paths.length === 0;
  const alone = commits.length === 1;
  const title = alone
    ? revertTitle(commit.title)
    : `${revertTitle(commit.title)} and ${commits.length - 1} more`;
  return {
    ...{ sha: commit.sha, commits, since, pulls, title },
    branch:
      alone && whole
        ? branchOf(commit)
        : seriesBranch(
            commits.map(({ sha }) => sha),
            service.paths,
          ),
    message: alone ? revertMessage(commit) : seriesMessage(title, commits),
    changes: () =>
      Promise.all(commits.map(async (one) => ({ sha: one.sha, ...(await readSides(github, service, one)) }))),
  };
}

/** Everything that `to` has and `from` has not, as one change. */
export async function rangeOf(github: Github, service: Service, names: [string, string]): Promise<Unit> {
  const [{ commit, since, pulls }, from] = await Promise.all([
    readChange(github, service, names[1]),
    readCommit(github, service, names[0]),
  ]);
  const between = await compare(github, service, { base: from.sha, head: commit.sha });
  if (between.status !== "ahead")
    throw never(`${names[0]} of ${service.repository} is not before ${names[1]}`);
  return {
    ...{ sha: commit.sha, commits: [commit], since, pulls, title: rangeTitle(from.sha) },
    branch: seriesBranch([commit.sha, from.sha], service.paths),
    message: rangeMessage(from.sha, commit),
    changes: async () => {
      const back = { sha: commit.sha, parents: [from.sha] };
      return [{ sha: commit.sha, ...(await readSides(github, service, back)) }];
    },
  };
}

/** What brings a reverted change back: the change once more, or the revert of its revert. */
export async function relandOf(github: Github, service: Service, name: string): Promise<Unit> {
  const { commit, since, pulls } = await readChange(github, service, name);
  const isRevert = revertedBy(commit.message).length > 0;
  const title = `Reland "${plainTitle(commit.title.replace(/^Revert "(.*)"( \(#\d+\))?$/, "$1"))}"`;
  const why = isRevert ? `This reverts commit ${commit.sha}.` : `This lands commit ${commit.sha} again.`;
  return {
    ...{ sha: commit.sha, commits: [commit], since, pulls, title, branch: relandBranch(commit) },
    message: `${title}\n\n${why}`,
    changes: async () => {
      const { base, theirs } = await readSides(github, service, commit);
      return [{ sha: commit.sha, ...(isRevert ? { base, theirs } : { base: theirs, theirs: base }) }];
    },
  };
}
