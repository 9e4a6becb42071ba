import { branchTip, type Commit, commitJson, isAncestor, listCommits } from "../git/commits.ts";
import { changedFiles } from "../git/diff.ts";
import { noreply } from "../git/objects.ts";
import { accountJson } from "../json.ts";
import { fullPullJson } from "../pulls/pull.ts";
import type { Account, Github, PullRecord, Repo } from "../state.ts";

const nothing = /^0+$/;
/** The number of commits that a push event lists (GitHub docs: push). */
const pushed = 2048;

export type Move = { ref: string; before: string; after: string; by: Account };

/** Does what GitHub does after a ref moved: sends the push event, and updates the pulls from and onto the branch. */
export const refMoved = async (github: Github, repo: Repo, move: Move): Promise<void> => {
  if (move.before === move.after) return;
  repo.pushes.push({ ...move, id: github.nextId(), at: github.clock() });
  // GitHub tells of branches and tags only (docs: push).
  const isTold = github.listening() && /^refs\/(heads|tags)\//.test(move.ref);
  if (isTold) github.emit(repo, "push", move.by, await pushPayload(github, repo, move));
  const branch = /^refs\/heads\/(.+)$/.exec(move.ref)?.[1];
  for (const pull of repo.pulls.values()) {
    if (pull.state !== "open" || (pull.head !== branch && pull.base !== branch)) continue;
    if (nothing.test(move.after)) await closePull(github, repo, pull, move.by);
    else if (pull.head === branch) await headMoved(github, repo, pull, move);
    else await landedOtherwise(github, repo, pull, move);
  }
};

const headMoved = async (
  github: Github,
  repo: Repo,
  pull: PullRecord,
  { before, after, by }: Move,
): Promise<void> => {
  pull.headSha = after;
  pull.baseSha = (await branchTip(repo, pull.base)) ?? pull.baseSha;
  pull.updatedAt = github.clock();
  await emitPull(github, repo, pull, "synchronize", by, { before, after });
};

/** A head that has landed on its base by other means counts as merged. */
const landedOtherwise = async (
  github: Github,
  repo: Repo,
  pull: PullRecord,
  { before, after, by }: Move,
): Promise<void> => {
  if (await isAncestor(repo, pull.headSha, after))
    await closePull(github, repo, pull, by, { sha: pull.headSha, before });
};

/** Closes a pull, as merged when it is given what that left on the base branch. */
export const closePull = async (
  github: Github,
  repo: Repo,
  pull: PullRecord,
  by: Account,
  merged?: { sha: string; before: string },
): Promise<void> => {
  const at = github.clock();
  Object.assign(pull, { state: "closed", closedAt: at, closedBy: by, updatedAt: at });
  delete pull.autoMerge;
  repo.queue = repo.queue.filter(({ number }) => number !== pull.number);
  if (merged) pull.merged = { at, by, ...merged };
  await emitPull(github, repo, pull, "closed", by);
};

export const emitPull = async (
  github: Github,
  repo: Repo,
  pull: PullRecord,
  action: string,
  by: Account,
  extra: Record<string, unknown> = {},
): Promise<void> => {
  if (!github.listening()) return;
  const pull_request = await fullPullJson(github, repo, pull, null);
  github.emit(repo, "pull_request", by, { action, number: pull.number, pull_request, ...extra });
};

/** A commit as a push event lists it. */
const pushedCommit = async (github: Github, repo: Repo, commit: Commit) => {
  const json = commitJson(github, repo, commit);
  const files = await changedFiles(repo, commit.parents[0], commit.sha);
  const paths = (...of: string[]) =>
    files.filter((file) => of.includes(file.status)).map((file) => file.path);
  const person = (of: "author" | "committer") => ({
    name: commit[of].name,
    email: commit[of].email,
    ...(json[of] && { username: json[of].login }),
  });
  return {
    id: commit.sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: json.commit.committer.date,
    url: json.html_url,
    author: person("author"),
    committer: person("committer"),
    added: paths("added", "renamed"),
    removed: [...paths("removed"), ...files.flatMap((file) => file.previous ?? [])],
    modified: paths("modified", "changed"),
  };
};

const pushPayload = async (github: Github, repo: Repo, { ref, before, after, by }: Move) => {
  const [created, deleted] = [nothing.test(before), nothing.test(after)];
  const range = created ? [after, "--not", `--exclude=${ref}`, "--all"] : [`${before}..${after}`];
  const commits = deleted
    ? []
    : await listCommits(repo, ["--reverse", "--topo-order", `--max-count=${pushed}`, ...range, "--"]);
  const listed = await Promise.all(commits.map((commit) => pushedCommit(github, repo, commit)));
  return {
    ref,
    before,
    after,
    created,
    deleted,
    forced: !created && !deleted && !(await isAncestor(repo, before, after)),
    base_ref: null,
    compare: `${github.origin}/github/${repo.fullName}/compare/${before.slice(0, 12)}...${after.slice(0, 12)}`,
    commits: listed,
    head_commit: listed.at(-1) ?? null,
    pusher: { name: by.login, email: noreply(by) },
    sender: accountJson(github, by),
  };
};
