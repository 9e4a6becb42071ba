import { createHash } from "node:crypto";
import { Hono, type MiddlewareHandler } from "hono";
import { accountRoutes } from "./accounts.ts";
import { type Env, notFound, refused } from "./answers.ts";
import { actionRoutes } from "./checks/actions.ts";
import { checkRoutes } from "./checks/checks.ts";
import { deploymentRoutes } from "./checks/deployments.ts";
import { statusRoutes } from "./checks/statuses.ts";
import { archiveRoutes } from "./git/archives.ts";
import { commitRoutes } from "./git/commits.ts";
import { compareRoutes } from "./git/compare.ts";
import { objectRoutes } from "./git/objects.ts";
import { treeRoutes } from "./git/trees.ts";
import { graphqlRoutes } from "./graphql.ts";
import { goOn } from "./pulls/auto-merge.ts";
import { issueRoutes } from "./pulls/issues.ts";
import { protectionRoutes } from "./pulls/protection.ts";
import { pullRoutes } from "./pulls/pulls.ts";
import { reviewRoutes } from "./pulls/reviews.ts";
import { refRoutes } from "./refs/refs.ts";
import type { Github, Repo } from "./state.ts";
import { actorOf, tokenRoutes } from "./tokens.ts";

/** GitHub's primary limit for a token, an hour. Counted, never enforced. */
const limit = 5000;
const hourMs = 3_600_000;

/** The REST API, to be mounted under `/github`. */
export const githubApi = (github: Github): Hono<Env> => {
  const app = new Hono<Env>();
  /** A write may be what an armed auto-merge or a merge queue waited for. */
  const continued = (repo: Repo) => repo.serially(() => goOn(github, repo));
  app.on("ALL", ["/repos/*", "/graphql", "/orgs/*", "/user", "/app", "/app/*"], counted(github));
  app.get("/", (c) => c.json({ repository_url: `${new URL(c.req.url).origin}/github/repos/{owner}/{repo}` }));
  tokenRoutes(app, github);

  app.use("/repos/:owner/:repo/*", admitted(github, continued));
  graphqlRoutes(app, github, continued);
  for (const routes of [
    accountRoutes,
    protectionRoutes,
    checkRoutes,
    refRoutes,
    objectRoutes,
    treeRoutes,
    archiveRoutes,
    commitRoutes,
    compareRoutes,
    pullRoutes,
    reviewRoutes,
    issueRoutes,
    statusRoutes,
    deploymentRoutes,
    actionRoutes,
  ])
    routes(app, github);
  return app;
};

/** Lets an actor in whose token reaches the repository, and goes on with what waits for a write. */
const admitted =
  (
    github: Github,
    continued: (repo: Repo) => Promise<void>,
  ): MiddlewareHandler<Env, "/repos/:owner/:repo/*"> =>
  async (c, next) => {
    const actor = actorOf(github, c.req.header("Authorization"));
    if (!actor)
      throw refused(401, c.req.header("Authorization") ? "Bad credentials" : "Requires authentication");
    const repo = github.repos.get(`${c.req.param("owner")}/${c.req.param("repo")}`.toLowerCase());
    if (!repo) throw notFound();
    if (
      actor.repositories &&
      !actor.repositories.some((name) => name.toLowerCase() === repo.name.toLowerCase())
    )
      throw notFound();
    if (repo.archived && c.req.method !== "GET")
      throw refused(403, "Repository was archived so is read-only.");
    c.set("actor", actor);
    c.set("repo", repo);
    await next();
    if (c.req.method !== "GET" && c.res.ok) await continued(repo);
  };

/** Answers with ETags and counts what is not answered by one. */
const counted = (github: Github): MiddlewareHandler<Env> => {
  let used = 0;
  return async (c, next) => {
    await next();
    const tag = c.req.method === "GET" && c.res.status === 200 && (await etag(c.res));
    const fresh = tag && c.req.header("If-None-Match") === tag;
    if (fresh) c.res = new Response(null, { status: 304, headers: c.res.headers });
    if (!fresh) used += 1;
    if (tag) c.header("ETag", tag);
    c.header("X-RateLimit-Limit", String(limit));
    c.header("X-RateLimit-Remaining", String(Math.max(limit - used, 1)));
    c.header("X-RateLimit-Used", String(used));
    c.header("X-RateLimit-Reset", String(Math.ceil((github.clock() + hourMs) / 1000)));
    c.header("X-RateLimit-Resource", "core");
    c.header("X-GitHub-Media-Type", "github.v3; format=json");
  };
};

const etag = async (response: Response): Promise<string> => {
  const bytes = new Uint8Array(await response.clone().arrayBuffer());
  return `W/"${createHash("sha256").update(bytes).digest("hex")}"`;
};
