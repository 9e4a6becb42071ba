import type { Hono } from "hono";
import { type Env, notFound, paged, pageOf } from "../answers.ts";
import { commitAt, commitJson, isAncestor, listCommits, mergeBase } from "../git/commits.ts";
import { changedFiles, fileJson } from "../git/diff.ts";
import type { Github, PullRecord, Repo } from "../state.ts";
import { baseOf, follow, fullPullJson, mergeability, pullJson, pullOf } from "./pull.ts";
import { edit, merge, open, ownBranch, updateBranch } from "./pull-writes.ts";

const listRoutes = (app: Hono<Env>, github: Github): void => {
  app.get("/repos/:owner/:repo/pulls", async (c) => {
    const { state = "open", head, base, sort, direction = "desc" } = c.req.query();
    const repo = c.var.repo;
    const branch = head && ownBranch(repo, head);
    const found = [...repo.pulls.values()]
      .filter((pull) => state === "all" || pull.state === state)
      .filter((pull) => head === undefined || pull.head === branch)
      .filter((pull) => base === undefined || pull.base === base);
    const key = sort === "updated" ? "updatedAt" : "createdAt";
    found.sort((a, b) => (a[key] - b[key] || a.number - b.number) * (direction === "asc" ? 1 : -1));
    const shown = paged(c, github.origin, found);
    for (const pull of shown) await follow(repo, pull);
    return c.json(await Promise.all(shown.map((pull) => pullJson(github, repo, pull))));
  });

  app.get("/repos/:owner/:repo/commits/:sha/pulls", async (c) => {
    const repo = c.var.repo;
    const commit = await commitAt(repo, c.req.param("sha"));
    const held = await Promise.all([...repo.pulls.values()].map((pull) => brought(repo, pull, commit.sha)));
    const found = [...repo.pulls.values()].filter((_, at) => held[at]);
    return c.json(
      await Promise.all(paged(c, github.origin, found).map((pull) => pullJson(github, repo, pull))),
    );
  });
};

const readRoutes = (app: Hono<Env>, github: Github): void => {
  app.get("/repos/:owner/:repo/pulls/:number", async (c) => {
    const pull = await pullOf(c);
    return c.json(await fullPullJson(github, c.var.repo, pull, await mergeability(github, c.var.repo, pull)));
  });

  app.get("/repos/:owner/:repo/pulls/:number/files", async (c) => {
    const pull = await pullOf(c);
    const files = await pullFiles(c.var.repo, pull);
    return c.json(
      paged(c, github.origin, files).map((file) => fileJson(github, c.var.repo, pull.headSha, file)),
    );
  });

  app.get("/repos/:owner/:repo/pulls/:number/commits", async (c) => {
    const pull = await pullOf(c);
    const commits = await listCommits(c.var.repo, [
      "--reverse",
      "--topo-order",
      `${baseOf(pull)}..${pull.headSha}`,
      "--",
    ]);
    return c.json(
      paged(c, github.origin, commits, pageOf(c)).map((commit) => commitJson(github, c.var.repo, commit)),
    );
  });

  app.get("/repos/:owner/:repo/pulls/:number/merge", async (c) => {
    if (!(await pullOf(c)).merged) throw notFound();
    return c.body(null, 204);
  });
};

const writeRoutes = (app: Hono<Env>, github: Github): void => {
  app.post("/repos/:owner/:repo/pulls", async (c) => {
    const pull = await c.var.repo.serially(() => open(c, github));
    return c.json(await fullPullJson(github, c.var.repo, pull, null), 201);
  });

  app.patch("/repos/:owner/:repo/pulls/:number", async (c) => {
    const pull = await pullOf(c);
    await c.var.repo.serially(() => edit(c, github, pull));
    return c.json(await fullPullJson(github, c.var.repo, pull, await mergeability(github, c.var.repo, pull)));
  });

  app.put("/repos/:owner/:repo/pulls/:number/update-branch", async (c) => {
    await c.var.repo.serially(() => updateBranch(c, github));
    const url = `${github.origin}/github/${c.var.repo.fullName}/pull/${c.req.param("number")}`;
    return c.json({ message: "Updating pull request branch.", url }, 202);
  });

  app.put("/repos/:owner/:repo/pulls/:number/merge", async (c) => {
    const sha = await c.var.repo.serially(() => merge(c, github));
    return c.json({ sha, merged: true, message: "Pull Request successfully merged" });
  });
};

export const pullRoutes = (app: Hono<Env>, github: Github): void => {
  listRoutes(app, github);
  readRoutes(app, github);
  writeRoutes(app, github);
};

/** Whether the merge of the pull brought the commit to its base branch, or its merge would. */
const brought = async (repo: Repo, pull: PullRecord, sha: string): Promise<boolean> => {
  if (pull.state === "closed" && !pull.merged) return false;
  const [from, to] = pull.merged
    ? [pull.merged.before, pull.merged.sha]
    : [`refs/heads/${pull.base}`, pull.headSha];
  return (await isAncestor(repo, sha, to)) && !(await isAncestor(repo, sha, from));
};

/** The files that the pull changes: from its merge base to its head. */
export const pullFiles = async (repo: Repo, pull: PullRecord) => {
  const from = await mergeBase(repo, baseOf(pull), pull.headSha);
  return changedFiles(repo, from ?? baseOf(pull), pull.headSha);
};
