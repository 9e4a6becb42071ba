import type { Edit } from "../../../git/model.ts";
import { numbered, type RefName } from "../../../git/ref-name.ts";
import type { Pull } from "../../../incident/model.ts";
import type { Proposal, PullNow } from "../../../ports/pulls.ts";
import type { Service } from "../../../ports/service.ts";
import { clip } from "../../../text/format.ts";
import { withRecord } from "../../../text/record-block.ts";
import { ask } from "../api/call.ts";
import { type Github, never, repoOf } from "../api/repository.ts";
import { maxFiles } from "../git/commits.ts";
import { compare } from "../git/compare.ts";
import { writeTree } from "../git/trees.ts";
import { createBranch, isRefused, mustHoldRevert, taken, type Work } from "./branch.ts";
import { withPicture } from "./pictures.ts";
import { findPull, nameOf, readHead, reopenPull, setCheck, toPull, unlessRefused } from "./pulls.ts";

const maxTitle = 250;

/**
 * Tree, commit, branch, pull request, then labels and check. A branch or pull request of an earlier try is adopted when it holds exactly
 * this revert; a tree or commit without a branch leaves no trace.
 */
export const openPull = async (github: Github, service: Service, proposal: Proposal): Promise<Pull> => {
  const { branch, edits, snapshot } = proposal;
  mustBeApprovable(`open the pull request from ${branch} of ${service.repository}`, edits);
  const [found, tree] = await Promise.all([
    findPull(github, service, branch),
    writeTree(github, service, snapshot.headTree, edits),
  ]);
  const pull = await openFrom(github, service, { proposal, tree, found });
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
};

/** The number of branches of one name that are tried. */
const maxNumber = 20;

type Found = { branch: RefName; found: PullNow };

/** The open pull request from one of the branches; else one that was closed and still holds this revert; else a new one from the next branch. */
const openFrom = async (
  github: Github,
  service: Service,
  { found: first, ...work }: Work & { found: PullNow | undefined },
): Promise<Pull> => {
  const known = await numberedPulls(github, service, { root: work.proposal.branch, first });
  const on = (branch: RefName): Work => ({ ...work, proposal: { ...work.proposal, branch } });
  const open = known.find(({ found }) => !isOver(service, found));
  if (open !== undefined) return takeOver(github, service, { ...on(open.branch), found: open.found });
  for (const { branch, found } of known) {
    const mayReopen = found.state === "closed" && found.pull.number !== work.proposal.instead;
    const reopened = mayReopen ? await reopen(github, service, { ...on(branch), found }) : undefined;
    if (reopened !== undefined) return reopened;
  }
  const last = known.at(-1);
  if (last !== undefined && known.length === maxNumber)
    throw taken(service, last.branch, `#${last.found.pull.number} from it is ${last.found.state}`);
  return create(github, service, on(numbered(work.proposal.branch, known.length + 1)));
};

/** The newest pull request of each branch, up to the first that has none or an open one. `first` is that of the first branch. */
const numberedPulls = async (
  github: Github,
  service: Service,
  { root, first }: { root: RefName; first: PullNow | undefined },
): Promise<Found[]> => {
  const known: Found[] = [];
  for (let found = first; found !== undefined; ) {
    known.push({ branch: numbered(root, known.length + 1), found });
    if (!isOver(service, found) || known.length === maxNumber) return known;
    found = await findPull(github, service, numbered(root, known.length + 1));
  }
  return known;
};

const isOver = ({ branch }: Service, { state, pull }: PullNow): boolean =>
  state !== "open" || pull.base !== branch;

/** A closed pull request is opened again only where its branch still holds exactly this revert. */
const reopen = async (github: Github, service: Service, work: Work & { found: PullNow }) => {
  const { pull } = work.found;
  if (pull.base !== service.branch) return undefined;
  const head = await unlessRefused(readHead(github, service, pull.branch));
  if (head !== pull.head) return undefined;
  const holds = await unlessRefused(mustHoldRevert(github, service, { ...work, head }));
  return holds === undefined ? undefined : reopenPull(github, service, pull);
};

const create = async (github: Github, service: Service, { proposal, tree }: Work): Promise<Pull> => {
  const { branch, snapshot, body: markdown, picture } = proposal;
  const [{ head }, body] = await Promise.all([
    createBranch(github, service, { proposal, tree }),
    withPicture(github, service, { markdown, picture }),
  ]);
  const [opened, comparison] = await Promise.all([
    createPull(github, service, { ...proposal, body }),
    compare(github, service, { base: snapshot.head, head }),
  ]);
  if (opened) return toPull(service, opened, comparison);
  const found = await findPull(github, service, branch);
  if (!found) throw taken(service, branch, "GitHub refuses another pull request from it");
  return takeOver(github, service, { proposal, tree, found });
};

/** Undefined when one is open from the branch already. */
export const createPull = async (
  github: Github,
  service: Service,
  { branch, title, body, record, draft }: Proposal,
) => {
  try {
    return await ask(`open the pull request from ${branch} of ${service.repository}`, () =>
      github.octokit.pulls.create({
        ...{ ...repoOf(service), head: branch, base: service.branch },
        ...{ title: clip(title, maxTitle), body: withRecord(body, record), ...(draft && { draft }) },
      }),
    );
  } catch (error) {
    if (isRefused(error, /already exists/i)) return undefined;
    throw error;
  }
};

export const takeOver = async (
  github: Github,
  service: Service,
  work: Work & { found: PullNow },
): Promise<Pull> => {
  const { pull, state } = work.found;
  if (state !== "open") throw taken(service, pull.branch, `#${pull.number} from it is ${state}`);
  if (pull.base !== service.branch) throw taken(service, pull.branch, `#${pull.number} goes to ${pull.base}`);
  await mustHoldRevert(github, service, { ...work, head: pull.head });
  return pull;
};

export const mustBeApprovable = (where: string, edits: Edit[]): void => {
  if (edits.length === 0) throw never(`${where}: there is nothing to change`);
  if (edits.length >= maxFiles)
    throw never(`${where}: it would change ${edits.length} files, too many to approve`);
};
