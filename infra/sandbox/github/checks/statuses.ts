import type { Hono } from "hono";
import { z } from "zod";
import { body, type Env, invalid, iso, paged, refused } from "../answers.ts";
import { commitAt } from "../git/commits.ts";
import { typed } from "../git/objects.ts";
import { accountJson, repoJson, repoUrl } from "../json.ts";
import type { Github, Repo, Status } from "../state.ts";

/** GitHub's limits: characters of a description, statuses of one commit and context. */
const limits = { description: 140, each: 1000 };
const newStatus = z.object({
  state: z.enum(["error", "failure", "pending", "success"], "state is not included in the list"),
  target_url: z.string().nullish(),
  description: z.string().nullish(),
  context: z.string().default("default"),
});

/** The latest status of each context of a commit, in the order in which the contexts first appeared. */
export const latestStatuses = (repo: Repo, sha: string): Status[] => [
  ...new Map(
    repo.statuses.filter((status) => status.sha === sha).map((status) => [status.context, status]),
  ).values(),
];

const combined = (statuses: Status[]): string => {
  if (statuses.some(({ state }) => state === "failure" || state === "error")) return "failure";
  return statuses.length > 0 && statuses.every(({ state }) => state === "success") ? "success" : "pending";
};

const statusJson = (github: Github, repo: Repo, status: Status) => ({
  url: `${repoUrl(github, repo)}/statuses/${status.sha}`,
  id: status.id,
  node_id: `SC_${status.id}`,
  state: status.state,
  description: status.description,
  target_url: status.targetUrl,
  context: status.context,
  created_at: iso(status.createdAt),
  updated_at: iso(status.createdAt),
  creator: accountJson(github, status.creator),
});

export const statusRoutes = (app: Hono<Env>, github: Github): void => {
  app.post("/repos/:owner/:repo/statuses/:sha", async (c) => {
    const repo = c.var.repo;
    const given = await body(c, newStatus);
    const commit = await typed(repo, c.req.param("sha"), "commit");
    if (!commit) throw refused(422, `No commit found for SHA: ${c.req.param("sha")}`);
    const because = (message: string) => invalid({ resource: "Status", code: "custom", message });
    if ((given.description ?? "").length > limits.description)
      throw because(`description is too long (maximum is ${limits.description} characters)`);
    if (
      repo.statuses.filter(({ sha, context }) => sha === commit.sha && context === given.context).length >=
      limits.each
    )
      throw because("This SHA and context has reached the maximum number of statuses.");
    const status: Status = {
      id: github.nextId(),
      sha: commit.sha,
      state: given.state,
      context: given.context,
      createdAt: github.clock(),
      description: given.description ?? null,
      targetUrl: given.target_url ?? null,
      creator: c.var.actor,
    };
    repo.statuses.push(status);
    return c.json(statusJson(github, repo, status), 201);
  });

  app.get("/repos/:owner/:repo/commits/:ref{.+}/statuses", async (c) => {
    const { sha } = await commitAt(c.var.repo, c.req.param("ref"));
    const newestFirst = c.var.repo.statuses.filter((status) => status.sha === sha).reverse();
    return c.json(
      paged(c, github.origin, newestFirst).map((status) => statusJson(github, c.var.repo, status)),
    );
  });

  app.get("/repos/:owner/:repo/commits/:ref{.+}/status", async (c) => {
    const { sha } = await commitAt(c.var.repo, c.req.param("ref"));
    const statuses = latestStatuses(c.var.repo, sha);
    return c.json({
      state: combined(statuses),
      statuses: paged(c, github.origin, statuses).map((status) => statusJson(github, c.var.repo, status)),
      sha,
      total_count: statuses.length,
      repository: await repoJson(github, c.var.repo),
      url: `${repoUrl(github, c.var.repo)}/commits/${sha}/status`,
    });
  });
};
