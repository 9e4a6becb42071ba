import { type Ctx, iso, notFound } from "../answers.ts";
import { branchTip } from "../git/commits.ts";
import { trial } from "../git/merge.ts";
import { accountJson, repoJson, repoUrl } from "../json.ts";
import type { Github, PullRecord, Repo } from "../state.ts";
import { mergeState } from "./conditions.ts";

export const labelJson = (github: Github, repo: Repo, name: string) => ({
  id: name.length,
  node_id: `LA_${name}`,
  url: `${repoUrl(github, repo)}/labels/${encodeURIComponent(name)}`,
  name,
  color: "ededed",
  default: false,
  description: null,
});

export const pullPage = (github: Github, repo: Repo, number: number): string =>
  `${github.origin}/github/${repo.fullName}/pull/${number}`;

/** Lets the head of an open pull follow its branch, also when nobody told about a push. */
export const follow = async (repo: Repo, pull: PullRecord): Promise<void> => {
  if (pull.state !== "open") return;
  const tip = await branchTip(repo, pull.head);
  if (!tip || tip === pull.headSha) return;
  pull.headSha = tip;
  pull.baseSha = (await branchTip(repo, pull.base)) ?? pull.baseSha;
};

/** The pull the path names, its head brought up to date. */
export const pullOf = async (c: Ctx): Promise<PullRecord> => {
  const pull = c.var.repo.pulls.get(Number(c.req.param("number")));
  if (!pull) throw notFound();
  await follow(c.var.repo, pull);
  return pull;
};

/** A pull as lists show it. */
export const pullJson = async (github: Github, repo: Repo, pull: PullRecord) => {
  const api = repoUrl(github, repo);
  const page = pullPage(github, repo, pull.number);
  const full = await repoJson(github, repo);
  const side = (ref: string, sha: string) => {
    const label = `${repo.owner}:${ref}`;
    return { label, ref, sha, user: full.owner, repo: full };
  };
  return {
    url: `${api}/pulls/${pull.number}`,
    id: pull.id,
    node_id: `PR_${pull.id}`,
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: `${api}/issues/${pull.number}`,
    comments_url: `${api}/issues/${pull.number}/comments`,
    statuses_url: `${api}/statuses/${pull.headSha}`,
    number: pull.number,
    state: pull.state,
    locked: false,
    draft: pull.draft,
    title: pull.title,
    body: pull.body,
    user: accountJson(github, pull.user),
    labels: pull.labels.map((name) => labelJson(github, repo, name)),
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    created_at: iso(pull.createdAt),
    updated_at: iso(pull.updatedAt),
    closed_at: pull.closedAt ? iso(pull.closedAt) : null,
    merged_at: pull.merged ? iso(pull.merged.at) : null,
    merge_commit_sha: pull.merged?.sha ?? pull.trial?.sha ?? null,
    head: side(pull.head, pull.headSha),
    base: side(pull.base, pull.baseSha),
    author_association: "CONTRIBUTOR",
    auto_merge: autoMergeJson(github, pull),
  };
};

const autoMergeJson = (github: Github, { autoMerge, title }: PullRecord) =>
  autoMerge
    ? {
        enabled_by: accountJson(github, autoMerge.by),
        merge_method: autoMerge.method,
        ...{ commit_title: title, commit_message: "" },
      }
    : null;

/** A pull as `GET pulls/:n` and webhooks show it: with what a test merge says. */
export const fullPullJson = async (
  github: Github,
  repo: Repo,
  pull: PullRecord,
  mergeable: boolean | null,
) => {
  const base = (await repo.git.object(baseOf(pull)))?.sha ?? baseOf(pull);
  const head = pull.headSha;
  const [stat, commits] = await Promise.all([
    repo.git.run(["diff", "--shortstat", `${base}...${head}`, "--"]),
    repo.git.run(["rev-list", "--count", `${base}..${head}`, "--"]),
  ]);
  const number = (what: RegExp) => Number(what.exec(stat.stdout.toString())?.[1] ?? 0);
  return {
    ...(await pullJson(github, repo, pull)),
    merged: pull.merged !== undefined,
    mergeable,
    rebaseable: mergeable,
    mergeable_state: (await mergeState(github, repo, { pull, mergeable })).toLowerCase(),
    merged_by: pull.merged ? accountJson(github, pull.merged.by) : null,
    comments: pull.comments.length,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: Number(commits.stdout.toString()),
    additions: number(/(\d+) insertion/),
    deletions: number(/(\d+) deletion/),
    changed_files: number(/(\d+) files? changed/),
  };
};

/** The commit that the pull is compared with: its base branch while open, then the base at its end. */
export const baseOf = (pull: PullRecord): string =>
  pull.state === "open" ? `refs/heads/${pull.base}` : pull.baseSha;

/** Null while GitHub would still compute: for closed pulls, and at the first look when the sandbox is told to be slow about it. */
export const mergeability = async (github: Github, repo: Repo, pull: PullRecord): Promise<boolean | null> => {
  if (pull.state !== "open") return null;
  const before = pull.trial?.key;
  const { key, mergeable } = await trial(github, repo, pull);
  return github.lazyMergeable && before !== key ? null : mergeable;
};
