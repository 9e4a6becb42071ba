import type { MergeGroup, Vouched } from "../../../ports/vouching.ts";
import { ask } from "../api/call.ts";
import { type Github, repoOf } from "../api/repository.ts";
import { context, readCheck, readDetails, setCheck } from "../pulls/pulls.ts";
import { branchRules } from "./rules.ts";

type Place = { repository: string };
type Opened = { user: { login: string } | null; head: { ref: string; sha: string }; state: string };

export const vouchForPull = async (github: Github, place: Place, number: number): Promise<Vouched> => {
  const pull = await readDetails(github, place, number);
  if (pull.state === "closed" || !(await isRequired(github, place, pull.base.ref))) return "not_required";
  const { sha } = pull.head;
  // A status is the commit's: another pull request of the same head must not approve ours.
  const [login, sharing] = await Promise.all([github.login(), pullsAt(github, place, sha)]);
  if ([pull, ...sharing].some((one) => isOurs(one, login) && one.head.sha === sha)) return "ours";
  await vouch(github, place, sha);
  return "vouched";
};

export const vouchForGroup = async (
  github: Github,
  place: Place,
  { head, base, branch, pull }: MergeGroup,
): Promise<Vouched> => {
  if (!(await isRequired(github, place, branch))) return "not_required";
  const [login, ahead] = await Promise.all([github.login(), pullsBetween(github, place, { base, head })]);
  for (const number of new Set([pull, ...ahead])) {
    const one = await readDetails(github, place, number);
    if (!isOurs(one, login)) continue;
    // One of ours that is ahead of it in the queue has its own approval.
    const isApproved = (await readCheck(github, place, one.head.sha)) === "success";
    if (number === pull || !isApproved) return "ours";
  }
  await vouch(github, place, head);
  return "vouched";
};

const isRequired = async (github: Github, place: Place, branch: string): Promise<boolean> =>
  (await branchRules(github, place, branch)).required.includes(context);

const isOurs = ({ user, head, state }: Opened, login: string): boolean =>
  state === "open" && user?.login === login && head.ref.startsWith("countersteer/");

const pullsAt = (github: Github, place: Place, sha: string): Promise<Opened[]> =>
  ask(`list the pull requests of ${place.repository}@${sha}`, () =>
    github.octokit.repos.listPullRequestsAssociatedWithCommit({
      ...{ ...repoOf(place), commit_sha: sha, per_page: 100 },
    }),
  );

/** The pull requests that the queue has put between two commits: GitHub names them in its own messages. */
const pullsBetween = async (
  github: Github,
  place: Place,
  { base, head }: { base: string; head: string },
): Promise<number[]> => {
  const { commits } = await ask(`compare ${base}...${head} of ${place.repository}`, () =>
    github.octokit.repos.compareCommitsWithBasehead({
      ...{ ...repoOf(place), basehead: `${base}...${head}`, per_page: 100 },
    }),
  );
  return commits.flatMap(({ commit }) =>
    [...commit.message.matchAll(/\(#(\d+)\)|^Merge pull request #(\d+)/gm)].map(([, a, b]) => Number(a ?? b)),
  );
};

const vouch = (github: Github, place: Place, head: string): Promise<void> =>
  setCheck(github, place, {
    ...{ head, state: "success", unlessSet: true },
    description: "not a pull request of Countersteer: nothing to approve here",
  });
