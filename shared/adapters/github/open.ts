import { UpstreamError } from "../../errors.ts";
import type { Pull } from "../../incident/model.ts";
import type { Proposal, PullNow, Service } from "../../ports.ts";
import { ask } from "./ask.ts";
import { compare, contains, maxFiles } from "./compare.ts";
import { clip, clipBody, findPull, nameOf, readHead, setCheck, toPull } from "./pulls.ts";
import { type Github, never, repoOf } from "./repository.ts";
import { writeTree } from "./trees.ts";

const maxTitle = 250;

/**
 * Tree, commit, branch, pull request, then labels and check. What an earlier try left behind is taken over when it
 * holds exactly this revert; a tree and a commit that no branch names are no trace.
 */
export async function openPull(github: Github, service: Service, proposal: Proposal): Promise<Pull> {
  const { branch, edits, snapshot } = proposal;
  const where = `open the pull request from ${branch} of ${service.repository}`;
  if (edits.length === 0) throw never(`${where}: there is nothing to change`);
  if (edits.length >= maxFiles)
    throw never(`${where}: it would change ${edits.length} files, too many to approve`);
  const [found, tree] = await Promise.all([
    findPull(github, service, branch),
    writeTree(github, service, snapshot.headTree, edits),
  ]);
  const pull = found
    ? await takeOver(github, service, { proposal, tree, found })
    : await create(github, service, { proposal, tree });
  await Promise.all([
    ask(`label ${nameOf(service, pull.number)}`, () =>
      github.octokit.issues.addLabels({
        ...{ ...repoOf(service), issue_number: pull.number },
        labels: proposal.labels,
      }),
    ),
    setCheck(github, service, { head: pull.head, state: "pending", description: "waiting for an approval" }),
  ]);
  return pull;
}

type Work = { proposal: Proposal; tree: string };

async function create(github: Github, service: Service, { proposal, tree }: Work): Promise<Pull> {
  const { branch, snapshot } = proposal;
  const head = await createBranch(github, service, { proposal, tree });
  const [opened, comparison] = await Promise.all([
    createPull(github, service, proposal),
    compare(github, service, { base: snapshot.head, head }),
  ]);
  if (opened) return toPull(service, opened, comparison);
  const found = await findPull(github, service, branch);
  if (!found) throw taken(service, branch, "GitHub refuses another pull request from it");
  return takeOver(github, service, { proposal, tree, found });
}

/** The head of the new branch; without author and committer GitHub signs the commit as ours. */
async function createBranch(github: Github, service: Service, { proposal, tree }: Work): Promise<string> {
  const { branch, commitMessage: message, snapshot } = proposal;
  const { sha } = await ask(`write a commit to ${service.repository}`, () =>
    github.octokit.git.createCommit({ ...repoOf(service), message, tree, parents: [snapshot.head] }),
  );
  try {
    await ask(`create branch ${branch} of ${service.repository}`, () =>
      github.octokit.git.createRef({ ...repoOf(service), ref: `refs/heads/${branch}`, sha }),
    );
    return sha;
  } catch (error) {
    if (!isRefused(error, /already exists/i)) throw error;
  }
  const head = await readHead(github, service, branch);
  await mustHoldRevert(github, service, { proposal, tree, head });
  return head;
}

async function createPull(github: Github, service: Service, { branch, title, body }: Proposal) {
  try {
    return await ask(`open the pull request from ${branch} of ${service.repository}`, () =>
      github.octokit.pulls.create({
        ...{ ...repoOf(service), head: branch, base: service.branch },
        ...{ title: clip(title, maxTitle), body: clipBody(body) },
      }),
    );
  } catch (error) {
    if (isRefused(error, /already exists/i)) return undefined;
    throw error;
  }
}

async function takeOver(github: Github, service: Service, work: Work & { found: PullNow }): Promise<Pull> {
  const { pull, state } = work.found;
  if (state !== "open") throw taken(service, pull.branch, `#${pull.number} from it is ${state}`);
  if (pull.base !== service.branch) throw taken(service, pull.branch, `#${pull.number} goes to ${pull.base}`);
  await mustHoldRevert(github, service, { ...work, head: pull.head });
  return pull;
}

/** One commit on top of the service's branch whose tree is its parent's with exactly our edits. */
async function mustHoldRevert(
  github: Github,
  service: Service,
  { proposal, tree, head }: Work & { head: string },
): Promise<void> {
  const { branch, edits, snapshot } = proposal;
  const read = (sha: string) =>
    ask(`read commit ${sha} of ${service.repository}`, () =>
      github.octokit.git.getCommit({ ...repoOf(service), commit_sha: sha }),
    );
  const commit = await read(head);
  const [parent, another] = commit.parents;
  if (!parent || another) throw taken(service, branch, `${head} is not a revert of one commit`);
  if (parent.sha === snapshot.head && commit.tree.sha === tree) return;
  const [before, landed] = await Promise.all([
    read(parent.sha),
    contains(github, service, { ancestor: parent.sha, descendant: service.branch }),
  ]);
  const expected = landed ? await tryTree(github, service, { base: before.tree.sha, edits }) : undefined;
  if (expected !== commit.tree.sha) throw taken(service, branch, `${head} on it is not this revert`);
}

async function tryTree(
  github: Github,
  service: Service,
  { base, edits }: { base: string; edits: Proposal["edits"] },
): Promise<string | undefined> {
  try {
    return await writeTree(github, service, base, edits);
  } catch (error) {
    if (isRefused(error, /./)) return undefined;
    throw error;
  }
}

const isRefused = (error: unknown, said: RegExp): boolean =>
  error instanceof UpstreamError && error.status === 422 && said.test(error.message);

const taken = (service: Service, branch: string, why: string) =>
  never(`branch ${branch} of ${service.repository} is taken: ${why}`);
