import { UpstreamError } from "../../../errors.ts";
import type { Pull } from "../../../incident/model.ts";
import type { Armed } from "../../../ports/merging.ts";
import type { Service } from "../../../ports/service.ts";
import { ask } from "../api/call.ts";
import { graphql } from "../api/graphql.ts";
import { type Github, repoOf } from "../api/repository.ts";
import { readCommit } from "../git/commits.ts";
import { compare, digest } from "../git/compare.ts";
import { closePull, nameOf, readDetails } from "../pulls/pulls.ts";
import { mergeMethods } from "./merge.ts";
import { readMergeState } from "./merge-state.ts";
import { branchRules } from "./rules.ts";

type Place = { repository: string };

export const updateBranch = async (github: Github, service: Service, pull: Pull): Promise<void> => {
  await ask(`update the branch of ${nameOf(service, pull.number)}`, () =>
    github.octokit.pulls.updateBranch({
      ...{ ...repoOf(service), pull_number: pull.number },
      expected_head_sha: pull.head,
    }),
  );
};

const enable = `mutation ($input: EnablePullRequestAutoMergeInput!) {
  enablePullRequestAutoMerge(input: $input) { pullRequest { id } }
}`;
const disable = `mutation ($input: DisablePullRequestAutoMergeInput!) {
  disablePullRequestAutoMerge(input: $input) { pullRequest { id } }
}`;
const enqueue = `mutation ($input: EnqueuePullRequestInput!) {
  enqueuePullRequest(input: $input) { mergeQueueEntry { id } }
}`;
const dequeue = `mutation ($input: DequeuePullRequestInput!) {
  dequeuePullRequest(input: $input) { mergeQueueEntry { id } }
}`;

export const arm = async (
  github: Github,
  service: Service,
  pull: Pull,
  how: Armed,
): Promise<string | undefined> => {
  const [now, details] = await Promise.all([
    readMergeState(github, service, pull),
    readDetails(github, service, pull.number),
  ]);
  if (details.auto_merge !== null || now?.mergeQueueEntry) return undefined;
  const id = details.node_id;
  try {
    if (how === "queue")
      await mutate(github, service, pull, enqueue, { pullRequestId: id, expectedHeadOid: pull.head });
    else await enableFor(github, service, pull, id);
    return undefined;
  } catch (error) {
    if (error instanceof UpstreamError && !error.retryable) return error.message;
    throw error;
  }
};

const enableFor = async (github: Github, service: Service, pull: Pull, id: string): Promise<void> => {
  const [allowed, rules] = await Promise.all([
    mergeMethods(github, service),
    branchRules(github, service, pull.base),
  ]);
  const method = allowed.find((one) => rules.methods.includes(one)) ?? "squash";
  await mutate(github, service, pull, enable, {
    ...{ pullRequestId: id, expectedHeadOid: pull.head },
    mergeMethod: method.toUpperCase(),
  });
};

const mutate = (
  github: Github,
  place: Place,
  pull: Pick<Pull, "number">,
  query: string,
  input: Record<string, string>,
): Promise<unknown> => {
  const name = /\{\s*(\w+)\(/.exec(query)?.[1] ?? "";
  const what = `${name} of ${nameOf(place, pull.number)}`;
  return graphql(github, place, { what, query, variables: { input } });
};

/** Closing takes back auto-merge and the place in the queue as well. Where nobody tells whether there is one, it is closed, too. */
export const disarm = async (github: Github, place: Place, pull: Pick<Pull, "number">): Promise<void> => {
  const details = await readDetails(github, place, pull.number);
  if (details.state === "closed") return;
  const now = await readMergeState(github, place, pull);
  if (now === undefined && details.auto_merge === null) return closePull(github, place, pull);
  const id = details.node_id;
  try {
    if (now?.mergeQueueEntry) await mutate(github, place, pull, dequeue, { id });
    if (details.auto_merge !== null) await mutate(github, place, pull, disable, { pullRequestId: id });
  } catch (error) {
    if (!(error instanceof UpstreamError) || error.retryable) throw error;
    await closePull(github, place, pull);
  }
};

/** Squashed, a merge is one commit; a rebase leaves as many as there were. */
export const isSameMerged = async (
  github: Github,
  service: Service,
  pull: Pull,
  sha: string,
): Promise<boolean> => {
  const { commits } = await readDetails(github, service, pull.number);
  let from = sha;
  for (let steps = 0; steps < Math.min(commits, mostCommits); steps++) {
    const [parent] = (await readCommit(github, service, from)).parents;
    if (parent === undefined) return false;
    const changes = await compare(github, service, { base: parent, head: sha });
    if (digest(changes, `read ${sha}`) === pull.diff) return true;
    from = parent;
  }
  return false;
};

const mostCommits = 20;
