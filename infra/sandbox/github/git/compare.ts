import type { Hono } from "hono";
import { type Ctx, type Env, link, notFound, pageOf, refused } from "../answers.ts";
import { repoUrl } from "../json.ts";
import type { Github, Repo } from "../state.ts";
import { commitJson, commitsOf, listCommits, mergeBase, parseCommit, resolve } from "./commits.ts";
import { changedFiles, fileJson } from "./diff.ts";

/** The number of files that GitHub shows of a comparison, all of them on its first page. */
const fileLimit = 300;

const status = (ahead: number, behind: number): string => {
  if (ahead > 0 && behind > 0) return "diverged";
  if (ahead > 0) return "ahead";
  return behind > 0 ? "behind" : "identical";
};

/** `git rev-list --left-right --count`: commits only in the first, and only in the second. */
export const distance = async (
  repo: Repo,
  one: string,
  other: string,
): Promise<{ behind: number; ahead: number }> => {
  const text = await repo.git.text(["rev-list", "--left-right", "--count", `${one}...${other}`, "--"]);
  const [behind = 0, ahead = 0] = text.split("\t").map(Number);
  return { behind, ahead };
};

/**
 * The merge base, the number of commits only in the first, and those only in the second. GitHub lists them oldest first; git's --skip
 * and --max-count count from the newest, so all are listed. Where nothing is only in the first, that is the merge base.
 */
const sidesOf = async (repo: Repo, one: string, other: string) => {
  const order = ["--topo-order", "--reverse"];
  const marked = await repo.git.text(["rev-list", "--left-right", ...order, `${one}...${other}`, "--"]);
  const lines = marked.split("\n").filter(Boolean);
  const behind = lines.filter((line) => line.startsWith("<")).length;
  if (behind > 0)
    return {
      ...{ behind, meeting: await mergeBase(repo, one, other) },
      commits: await listCommits(repo, [...order, `${one}..${other}`, "--"]),
    };
  return {
    behind,
    meeting: one,
    commits: await commitsOf(
      repo,
      lines.map((line) => line.slice(1)),
    ),
  };
};

const compare = async (c: Ctx, github: Github, basehead: string) => {
  const repo = c.var.repo;
  const [from = "", to = "", extra] = basehead.split("...").map((name) => name.replace(/^[^/:]+:/, ""));
  const [base, head] = extra === undefined ? [await resolve(repo, from), await resolve(repo, to)] : [];
  if (!base || !head) throw notFound();
  const { meeting, behind, commits } = await sidesOf(repo, base.sha, head.sha);
  if (!meeting) throw refused(404, `No common ancestor between ${from} and ${to}.`);
  const ahead = commits.length;
  const { page, perPage } = pageOf(c, 250, 250);
  link(c, github.origin, {
    page,
    more: commits.length > page * perPage,
    last: Math.ceil(commits.length / perPage),
  });
  const files = page === 1 ? await changedFiles(repo, meeting, head.sha) : undefined;
  const api = repoUrl(github, repo);
  const web = `${github.origin}/github/${repo.fullName}`;
  return {
    url: `${api}/compare/${basehead}`,
    html_url: `${web}/compare/${basehead}`,
    permalink_url: `${web}/compare/${base.sha}...${head.sha}`,
    diff_url: `${web}/compare/${basehead}.diff`,
    patch_url: `${web}/compare/${basehead}.patch`,
    base_commit: commitJson(github, repo, base),
    merge_base_commit: commitJson(github, repo, parseCommit((await repo.git.object(meeting))!)),
    status: status(ahead, behind),
    ahead_by: ahead,
    behind_by: behind,
    total_commits: ahead,
    commits: commits
      .slice((page - 1) * perPage, page * perPage)
      .map((commit) => commitJson(github, repo, commit)),
    ...(files && { files: files.slice(0, fileLimit).map((file) => fileJson(github, repo, head.sha, file)) }),
  };
};

export const compareRoutes = (app: Hono<Env>, github: Github): void => {
  app.get("/repos/:owner/:repo/compare/:basehead{.+}", async (c) =>
    c.json(await compare(c, github, c.req.param("basehead"))),
  );
};
