import type { Hono } from "hono";
import { type Env, iso, notFound, paged, refused } from "./answers.ts";
import { resolve } from "./git/commits.ts";
import { accountJson, repoUrl } from "./json.ts";
import type { Github, Push } from "./state.ts";
import { actorOf } from "./tokens.ts";

/** Pushes, members of teams, and files by path. */
export const accountRoutes = (app: Hono<Env>, github: Github): void => {
  app.get("/repos/:owner/:repo/activity", (c) => {
    const ref = c.req.query("ref");
    const wanted = ref?.startsWith("refs/") ? ref : `refs/heads/${ref}`;
    const pushes = c.var.repo.pushes.filter((push) => ref === undefined || push.ref === wanted);
    return c.json(paged(c, github.origin, pushes.toReversed()).map((push) => pushJson(github, push)));
  });

  app.get("/orgs/:org/teams/:slug/memberships/:login", (c) => {
    if (!actorOf(github, c.req.header("Authorization"))) throw refused(401, "Bad credentials");
    const members = github.teams.get(`${c.req.param("org")}/${c.req.param("slug")}`.toLowerCase());
    const login = c.req.param("login").toLowerCase();
    if (!members?.some((one) => one.toLowerCase() === login)) throw notFound();
    return c.json({ url: `${github.origin}/github${c.req.path}`, role: "member", state: "active" });
  });

  app.get("/repos/:owner/:repo/contents/:path{.+}", async (c) => {
    const repo = c.var.repo;
    const path = c.req.param("path");
    const commit = await resolve(repo, c.req.query("ref") ?? "HEAD");
    const object = commit && (await repo.git.object(`${commit.sha}:${path}`));
    if (object?.type !== "blob") throw notFound();
    const url = `${repoUrl(github, repo)}/contents/${path}`;
    return c.json({
      ...{
        type: "file",
        encoding: "base64",
        size: object.content.length,
        name: path.split("/").at(-1),
        path,
      },
      ...{ content: object.content.toString("base64"), sha: object.sha, url, html_url: url },
    });
  });
};

const pushJson = (github: Github, { id, ref, before, after, by, at }: Push) => ({
  ...{ id, node_id: `P_${id}`, before, after, ref, timestamp: iso(at) },
  activity_type: /^0+$/.test(before) ? "branch_creation" : "push",
  actor: accountJson(github, by),
});
