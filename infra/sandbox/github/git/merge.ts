import { refused } from "../answers.ts";
import type { Account, Github, PullRecord, Repo } from "../state.ts";
import { branchTip, type Commit, listCommits, parseCommit } from "./commits.ts";
import { signedBy, webFlow, writeCommit } from "./objects.ts";

/** The tree of a real three-way merge of two commits, or undefined when it conflicts. */
export const mergeTree = async (repo: Repo, ours: string, theirs: string): Promise<string | undefined> => {
  const ran = await repo.git.run([
    "merge-tree",
    "--write-tree",
    "--allow-unrelated-histories",
    "--no-messages",
    ours,
    theirs,
  ]);
  if (ran.code > 1) throw new Error(`git merge-tree ${ours} ${theirs}: ${ran.code} ${ran.stderr.trim()}`);
  return ran.code === 0 ? ran.stdout.toString().trim() : undefined;
};

/** The test merge of an open pull, made once for each pair of shas. */
export const trial = async (github: Github, repo: Repo, pull: PullRecord) => {
  const base = (await branchTip(repo, pull.base)) ?? pull.baseSha;
  const key = `${base} ${pull.headSha}`;
  if (pull.trial?.key === key) return pull.trial;
  const tree = await mergeTree(repo, base, pull.headSha);
  const message = `Merge ${pull.headSha} into ${base}`;
  const by = webFlow(github);
  const sha = tree
    ? await writeCommit(repo, { tree, parents: [base, pull.headSha], message, author: by, committer: by })
    : null;
  pull.trial = { key, mergeable: tree !== undefined, sha };
  return pull.trial;
};

export type MergeOrder = {
  method: "merge" | "squash" | "rebase";
  title?: string | undefined;
  message?: string | undefined;
  by: Account;
};

/** Makes the commit that a merge of `head` onto `base` leaves on the base branch. */
export const mergeCommit = async (
  github: Github,
  repo: Repo,
  pull: PullRecord,
  base: string,
  order: MergeOrder,
): Promise<string> => {
  const { method, title, message, by } = order;
  if (method === "rebase") return rebase(github, repo, pull, base);
  const tree = await mergeTree(repo, base, pull.headSha);
  if (!tree) throw refused(405, "Pull Request is not mergeable");
  const text = (first: string, rest: string) =>
    [title ?? first, message ?? rest].filter(Boolean).join("\n\n");
  if (method === "merge")
    return writeCommit(repo, {
      tree,
      parents: [base, pull.headSha],
      message: text(`Merge pull request #${pull.number} from ${repo.owner}/${pull.head}`, pull.title),
      author: signedBy(github, by),
      committer: webFlow(github),
    });
  const commits = await listCommits(repo, ["--reverse", "--no-merges", `${base}..${pull.headSha}`, "--"]);
  return writeCommit(repo, {
    tree,
    parents: [base],
    message: text(`${pull.title} (#${pull.number})`, squashed(commits)),
    author: signedBy(github, pull.user),
    committer: webFlow(github),
  });
};

const squashed = (commits: Commit[]): string => {
  if (commits.length === 1) return commits[0]!.message.split("\n").slice(1).join("\n").trim();
  return commits.map((commit) => `* ${commit.message}`).join("\n\n");
};

/** Replays each commit of the pull onto the base branch. */
const rebase = async (github: Github, repo: Repo, pull: PullRecord, base: string): Promise<string> => {
  const commits = await listCommits(repo, [
    "--reverse",
    "--topo-order",
    "--no-merges",
    `${base}..${pull.headSha}`,
    "--",
  ]);
  let tip = base;
  for (const commit of commits) {
    const tree = await pick(repo, tip, commit);
    if (!tree) throw refused(405, "This branch can't be rebased");
    const { name, email, at } = commit.author;
    const author = `${name} <${email}> ${at / 1000} +0000`;
    tip = await writeCommit(repo, {
      tree,
      parents: [tip],
      message: commit.message,
      author,
      committer: webFlow(github),
    });
  }
  return tip;
};

/** A cherry-pick: git 2.39 takes no merge base, so ours is written as a child of the commit's parent, which makes that the base. */
const pick = async (repo: Repo, onto: string, commit: Commit): Promise<string | undefined> => {
  const { tree } = parseCommit((await repo.git.object(onto))!);
  const by = "sandbox <sandbox@localhost> 0 +0000";
  const ours = await writeCommit(repo, {
    tree,
    parents: commit.parents.slice(0, 1),
    message: "ours",
    author: by,
    committer: by,
  });
  return mergeTree(repo, ours, commit.sha);
};
