import type { ListedCommit } from "../../../ports/changes.ts";
import { type Flag, knownBadCheck, type TheirPull } from "../../../ports/known-bad.ts";
import type { Repository } from "../../../ports/pulls.ts";
import { clip } from "../../../text/format.ts";
import { ask } from "../api/call.ts";
import { type Github, repoOf } from "../api/repository.ts";
import { listed } from "../git/commits.ts";
import { toListed } from "../history/changes.ts";
import { max, readDetails, readStatus } from "./pulls.ts";

export const theirPull = async (
  github: Github,
  place: Repository,
  number: number,
): Promise<TheirPull | undefined> => {
  const { state, user, head, base } = await readDetails(github, place, number);
  const isOurs = head.ref.startsWith("countersteer/") && user?.login === (await github.login());
  if (state === "closed" || isOurs) return undefined;
  const basehead = `${base.sha}...${head.sha}`;
  const { files = [] } = await ask(`compare ${basehead} of ${place.repository}`, () =>
    github.octokit.repos.compareCommitsWithBasehead({ ...repoOf(place), basehead, per_page: 1 }),
  );
  return { head: head.sha, base: base.ref, files: listed(files) };
};

export const commitsOf = async (
  github: Github,
  place: Repository,
  { branch, path, since, limit }: { branch: string; path: string; since: number; limit: number },
): Promise<ListedCommit[]> => {
  const found = await ask(`list commits of ${place.repository} ${path}`, () =>
    github.octokit.repos.listCommits({
      ...{ ...repoOf(place), sha: branch, path, per_page: limit },
      since: new Date(since).toISOString(),
    }),
  );
  return found.map(toListed);
};

export const landedBy = async (
  github: Github,
  place: Repository,
  sha: string,
): Promise<string | undefined> => {
  const pulls = await ask(`list the pull requests of ${place.repository}@${sha}`, () =>
    github.octokit.repos.listPullRequestsAssociatedWithCommit({ ...repoOf(place), commit_sha: sha }),
  );
  return pulls.find(({ merged_at }) => merged_at !== null)?.html_url;
};

export const flagKnownBad = async (
  github: Github,
  place: Repository,
  { head, description, url }: Flag,
): Promise<void> => {
  const state = "failure";
  if ((await readStatus(github, place, { head, context: knownBadCheck })) === state) return;
  await ask(`set ${knownBadCheck} of ${place.repository}@${head}`, () =>
    github.octokit.repos.createCommitStatus({
      ...{ ...repoOf(place), sha: head, state, context: knownBadCheck, target_url: url },
      description: clip(description, max.description),
    }),
  );
};
