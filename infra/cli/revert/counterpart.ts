import type { Github } from "../../../shared/adapters/github/api/repository.ts";
import { readCommit } from "../../../shared/adapters/github/git/commits.ts";
import { compareChanges } from "../../../shared/adapters/github/history/changes.ts";
import type { Service } from "../../../shared/ports/service.ts";
import { mayBePicked, patchOf, pickedSource, picksOf } from "../../../shared/remedy/revert/counterpart.ts";

/** Commits of the branch that are looked at, and those whose patches are compared. */
const max = { commits: 250, patches: 10 };

export type Counterpart = { sha: string; note: string };

/**
 * The commit of the service's branch that is the same change as one of another branch: picked from it by its own words, or with the same
 * patch. Undefined where there is none among the newest, or more than one.
 */
export const counterpart = async (
  github: Github,
  service: Service,
  sha: string,
): Promise<Counterpart | undefined> => {
  const commit = await readCommit(github, service, sha);
  const range = { from: commit.sha, to: service.branch, limit: max.commits };
  const on = (await compareChanges(github, service, range))?.commits ?? [];
  const source = pickedSource(commit.message);
  const said = picksOf(commit, on);
  const named = said.length > 0 ? said : on.filter((one) => one.sha === source);
  if (named.length > 0) return only(named, service, { sha, by: "its trailer" });
  const patch = patchOf(commit.files);
  const candidates = mayBePicked(commit, on).slice(0, max.patches);
  const read = await Promise.all(candidates.map((one) => readCommit(github, service, one.sha)));
  const same = patch === undefined ? [] : read.filter(({ files }) => patchOf(files) === patch);
  return only(same, service, { sha, by: "its patch" });
};

const only = (
  [one, another]: { sha: string }[],
  { branch }: Service,
  { sha, by }: { sha: string; by: string },
): Counterpart | undefined =>
  one === undefined || another !== undefined
    ? undefined
    : {
        sha: one.sha,
        note: `${sha.slice(0, 12)} is on ${branch} as ${one.sha.slice(0, 12)}, told by ${by}: that one goes back`,
      };
