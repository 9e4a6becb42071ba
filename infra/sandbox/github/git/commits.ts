import type { Hono } from "hono";
import { type GitObject, isRefName } from "../../git.ts";
import { type Ctx, type Env, iso, link, notFound, paged, pageOf, refused } from "../answers.ts";
import { accountJson, repoUrl } from "../json.ts";
import { account, type Github, type Repo } from "../state.ts";
import { changedFiles, fileJson } from "./diff.ts";

export type Signature = { name: string; email: string; at: number };
export type Commit = {
  sha: string;
  tree: string;
  parents: string[];
  author: Signature;
  committer: Signature;
  message: string;
};

/** A commit object, parsed (git-cat-file; gpgsig and the like are continuation headers and skipped). */
export const parseCommit = (object: GitObject): Commit => {
  const text = object.content.toString();
  const end = text.indexOf("\n\n");
  const headers = text.slice(0, end < 0 ? undefined : end).split("\n");
  const values = (key: string) =>
    headers.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
  return {
    sha: object.sha,
    tree: values("tree")[0] ?? "",
    parents: values("parent"),
    author: parseSignature(values("author")[0]),
    committer: parseSignature(values("committer")[0]),
    message: end < 0 ? "" : text.slice(end + 2).replace(/\n+$/, ""),
  };
};

const parseSignature = (line = ""): Signature => {
  const found = /^(.*?) ?<(.*?)> (\d+)/.exec(line);
  return { name: found?.[1] ?? "", email: found?.[2] ?? "", at: Number(found?.[3] ?? 0) * 1000 };
};

/** The commit a sha, branch or tag names, or undefined. */
export const resolve = async (repo: Repo, name: string): Promise<Commit | undefined> => {
  if (/^[0-9a-f]{7,40}$/.test(name)) {
    const object = await repo.git.object(`${name}^{commit}`);
    if (object?.type === "commit") return parseCommit(object);
  }
  if (!isRefName(name)) return undefined;
  const short = name.replace(/^refs\//, "");
  for (const ref of name === "HEAD"
    ? ["HEAD"]
    : [`refs/heads/${name}`, `refs/tags/${name}`, `refs/${short}`]) {
    const object = await repo.git.object(`${ref}^{commit}`);
    if (object?.type === "commit") return parseCommit(object);
  }
  return undefined;
};

export const branchTip = async (repo: Repo, branch: string): Promise<string | undefined> =>
  isRefName(branch) ? (await repo.git.object(`refs/heads/${branch}^{commit}`))?.sha : undefined;

export const isAncestor = async (repo: Repo, ancestor: string, descendant: string): Promise<boolean> =>
  (await repo.git.run(["merge-base", "--is-ancestor", ancestor, descendant])).code === 0;

export const mergeBase = async (repo: Repo, one: string, other: string): Promise<string | undefined> => {
  const ran = await repo.git.run(["merge-base", one, other]);
  return ran.code === 0 ? ran.stdout.toString().trim() : undefined;
};

/** The commits `git rev-list` names for these arguments, in its order. */
export const listCommits = async (repo: Repo, args: string[]): Promise<Commit[]> => {
  const shas = (await repo.git.text(["rev-list", ...args])).split("\n").filter(Boolean);
  return commitsOf(repo, shas);
};

export const commitsOf = async (repo: Repo, shas: string[]): Promise<Commit[]> => {
  const objects = await Promise.all(shas.map((sha) => repo.git.object(sha)));
  return objects.flatMap((object) => (object ? [parseCommit(object)] : []));
};

/** The login GitHub would show for an e-mail address, as far as the address itself tells. */
export const loginOf = (email: string): string | undefined => {
  if (email === "noreply@github.com") return "web-flow";
  const noreply = /^(?:\d+\+)?(.+)@users\.noreply\.github\.com$/.exec(email);
  const login = noreply?.[1] ?? email.split("@")[0]?.toLowerCase().replace(/[._+]/g, "-");
  return login && /^[a-z\d][a-z\d-]*(\[bot\])?$/i.test(login) ? login : undefined;
};

const person = ({ name, email, at }: Signature) => ({ name, email, date: iso(at) });
const userOf = (github: Github, { email }: Signature) => {
  const login = loginOf(email);
  return login ? accountJson(github, account(login, login.endsWith("[bot]") ? "Bot" : "User")) : null;
};
export const unsigned = {
  verified: false,
  reason: "unsigned",
  signature: null,
  payload: null,
  verified_at: null,
};

export const commitJson = (github: Github, repo: Repo, commit: Commit) => {
  const api = repoUrl(github, repo);
  const page = `${github.origin}/github/${repo.fullName}`;
  return {
    sha: commit.sha,
    node_id: `C_${commit.sha}`,
    commit: {
      author: person(commit.author),
      committer: person(commit.committer),
      message: commit.message,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      url: `${api}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: unsigned,
    },
    url: `${api}/commits/${commit.sha}`,
    html_url: `${page}/commit/${commit.sha}`,
    comments_url: `${api}/commits/${commit.sha}/comments`,
    author: userOf(github, commit.author),
    committer: userOf(github, commit.committer),
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${api}/commits/${sha}`,
      html_url: `${page}/commit/${sha}`,
    })),
  };
};

/** The commit of a name. Throws GitHub's answer where there is none. */
export const commitAt = async (repo: Repo, name: string): Promise<Commit> => {
  const commit = await resolve(repo, name);
  if (!commit) throw refused(422, `No commit found for SHA: ${name}`);
  return commit;
};

const instant = (c: Ctx, name: "since" | "until"): string[] => {
  const text = c.req.query(name);
  if (text === undefined) return [];
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw refused(422, `Invalid request.\n\nInvalid date "${text}" for '${name}'.`);
  return [`--${name}=${new Date(at).toISOString()}`];
};

const listRoute = (app: Hono<Env>, github: Github): void => {
  app.get("/repos/:owner/:repo/commits", async (c) => {
    const repo = c.var.repo;
    const from = c.req.query("sha") || "HEAD";
    const start = await resolve(repo, from);
    if (!start && from === "HEAD") throw refused(409, "Git Repository is empty.");
    if (!start) throw notFound();
    const { page, perPage } = pageOf(c);
    const path = c.req.query("path");
    const found = await listCommits(repo, [
      `--max-count=${perPage + 1}`,
      `--skip=${(page - 1) * perPage}`,
      ...instant(c, "since"),
      ...instant(c, "until"),
      start.sha,
      "--",
      ...(path ? [`:(top,literal)${path}`] : []),
    ]);
    link(c, github.origin, { page, more: found.length > perPage });
    return c.json(found.slice(0, perPage).map((commit) => commitJson(github, repo, commit)));
  });
};

export const commitRoutes = (app: Hono<Env>, github: Github): void => {
  listRoute(app, github);

  app.get("/repos/:owner/:repo/commits/:sha/branches-where-head", async (c) => {
    const repo = c.var.repo;
    const commit = await commitAt(repo, c.req.param("sha"));
    const heads = await repo.git.text([
      ...["for-each-ref", "--points-at", commit.sha],
      ...["--format=%(refname:lstrip=2)", "refs/heads"],
    ]);
    const branches = heads.split("\n").filter(Boolean);
    const at = { sha: commit.sha, url: `${repoUrl(github, repo)}/commits/${commit.sha}` };
    return c.json(branches.map((name) => ({ name, commit: at, protected: false })));
  });

  app.get("/repos/:owner/:repo/commits/:ref{.+}", async (c, next) => {
    const ref = c.req.param("ref");
    if (/\/(status|statuses|pulls|branches-where-head)$/.test(ref)) return next();
    const repo = c.var.repo;
    const commit = await commitAt(repo, ref);
    const files = await changedFiles(repo, commit.parents[0], commit.sha);
    const sum = (of: "additions" | "deletions") => files.reduce((total, file) => total + file[of], 0);
    return c.json({
      ...commitJson(github, repo, commit),
      stats: {
        total: sum("additions") + sum("deletions"),
        additions: sum("additions"),
        deletions: sum("deletions"),
      },
      files: paged(c, github.origin, files, pageOf(c, 300, 300)).map((file) =>
        fileJson(github, repo, commit.sha, file),
      ),
    });
  });
};
