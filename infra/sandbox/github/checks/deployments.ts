import type { Hono } from "hono";
import { z } from "zod";
import { body, type Ctx, type Env, iso, notFound, paged, refused } from "../answers.ts";
import { resolve } from "../git/commits.ts";
import { accountJson, repoUrl } from "../json.ts";
import type { Deployment, DeploymentStatus, Github, Repo } from "../state.ts";

const newDeployment = z.object({
  ref: z.string("ref wasn't supplied"),
  task: z.string().default("deploy"),
  environment: z.string().default("production"),
  payload: z.unknown().optional(),
  description: z.string().nullish(),
});
const newStatus = z.object({
  state: z.enum(
    ["error", "failure", "inactive", "in_progress", "queued", "pending", "success"],
    "state is not valid",
  ),
  description: z.string().default(""),
  target_url: z.string().default(""),
  log_url: z.string().optional(),
  environment_url: z.string().default(""),
});

const deploymentOf = (c: Ctx): Deployment => {
  const found = c.var.repo.deployments.find(({ id }) => id === Number(c.req.param("id")));
  if (!found) throw notFound();
  return found;
};

const deploymentUrl = (github: Github, repo: Repo, { id }: Deployment): string =>
  `${repoUrl(github, repo)}/deployments/${id}`;

const deploymentJson = (github: Github, repo: Repo, made: Deployment) => ({
  url: deploymentUrl(github, repo, made),
  id: made.id,
  node_id: `DE_${made.id}`,
  sha: made.sha,
  ref: made.ref,
  task: made.task,
  payload: made.payload ?? {},
  original_environment: made.environment,
  environment: made.environment,
  description: made.description,
  creator: accountJson(github, made.creator),
  created_at: iso(made.createdAt),
  updated_at: iso(made.statuses.at(-1)?.createdAt ?? made.createdAt),
  statuses_url: `${deploymentUrl(github, repo, made)}/statuses`,
  repository_url: repoUrl(github, repo),
  transient_environment: false,
  production_environment: made.environment === "production",
});

const statusJson = (github: Github, repo: Repo, made: Deployment, status: DeploymentStatus) => ({
  url: `${deploymentUrl(github, repo, made)}/statuses/${status.id}`,
  id: status.id,
  node_id: `DES_${status.id}`,
  state: status.state,
  creator: accountJson(github, status.creator),
  description: status.description,
  environment: made.environment,
  target_url: status.targetUrl,
  log_url: status.targetUrl,
  environment_url: status.environmentUrl,
  created_at: iso(status.createdAt),
  updated_at: iso(status.createdAt),
  deployment_url: deploymentUrl(github, repo, made),
  repository_url: repoUrl(github, repo),
});

const create = async (c: Ctx, github: Github) => {
  const repo = c.var.repo;
  const given = await body(c, newDeployment);
  const commit = await resolve(repo, given.ref);
  if (!commit) throw refused(422, `No ref found for: ${given.ref}`);
  const made: Deployment = {
    id: github.nextId(),
    sha: commit.sha,
    ref: given.ref,
    task: given.task,
    environment: given.environment,
    payload: given.payload,
    description: given.description ?? null,
    creator: c.var.actor,
    createdAt: github.clock(),
    statuses: [],
  };
  repo.deployments.push(made);
  const deployment = deploymentJson(github, repo, made);
  github.emit(repo, "deployment", c.var.actor, { action: "created", deployment });
  return deployment;
};

const list = (c: Ctx, github: Github) => {
  const { sha, ref, environment } = c.req.query();
  const found = c.var.repo.deployments
    .filter((made) => (sha ?? made.sha) === made.sha && (ref ?? made.ref) === made.ref)
    .filter((made) => (environment ?? made.environment) === made.environment);
  return paged(c, github.origin, found.reverse()).map((made) => deploymentJson(github, c.var.repo, made));
};

const listStatuses = (c: Ctx, github: Github) => {
  const made = deploymentOf(c);
  const page = paged(c, github.origin, made.statuses.toReversed());
  return page.map((status) => statusJson(github, c.var.repo, made, status));
};

const addStatus = async (c: Ctx, github: Github) => {
  const repo = c.var.repo;
  const made = deploymentOf(c);
  const given = await body(c, newStatus);
  const status: DeploymentStatus = {
    id: github.nextId(),
    state: given.state,
    description: given.description,
    targetUrl: given.log_url ?? given.target_url,
    environmentUrl: given.environment_url,
    creator: c.var.actor,
    createdAt: github.clock(),
  };
  made.statuses.push(status);
  const json = statusJson(github, repo, made, status);
  const payload = { deployment_status: json, deployment: deploymentJson(github, repo, made) };
  // GitHub sends no webhook when a deployment becomes inactive.
  if (status.state !== "inactive")
    github.emit(repo, "deployment_status", c.var.actor, { action: "created", ...payload });
  return json;
};

export const deploymentRoutes = (app: Hono<Env>, github: Github): void => {
  const all = "/repos/:owner/:repo/deployments";
  app.post(all, async (c) => c.json(await create(c, github), 201));
  app.get(all, (c) => c.json(list(c, github)));
  app.get(`${all}/:id`, (c) => c.json(deploymentJson(github, c.var.repo, deploymentOf(c))));
  app.get(`${all}/:id/statuses`, (c) => c.json(listStatuses(c, github)));
  app.post(`${all}/:id/statuses`, async (c) => c.json(await addStatus(c, github), 201));
};
