import type { Hono } from "hono";
import { parse } from "yaml";
import { z } from "zod";
import { body, type Ctx, type Env, iso, notFound, paged, refused } from "../answers.ts";
import { branchTip, resolve } from "../git/commits.ts";
import { accountJson, repoUrl } from "../json.ts";
import { type Account, account, type Github, numberOf, type Repo, type WorkflowRun } from "../state.ts";

const folder = ".github/workflows/";
const mostInputs = 25;

const dispatch = z.object({
  ref: z.string("ref wasn't supplied"),
  inputs: z.record(z.string(), z.unknown()).default({}),
  return_run_details: z.boolean().default(false),
});

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

type Input = { required?: unknown; default?: unknown; options?: unknown };
/** The parts of a workflow's file that a dispatch needs. `inputs` is absent where it has no `workflow_dispatch`. */
type Workflow = { path: string; name: string; runName?: string; inputs?: Record<string, Input> };

const workflowAt = async (repo: Repo, file: string, ref: string): Promise<Workflow | undefined> => {
  const path = `${folder}${file}`;
  const commit = await resolve(repo, ref);
  const object = commit && (await repo.git.object(`${commit.sha}:${path}`));
  if (object?.type !== "blob") return undefined;
  const read: unknown = parse(object.content.toString());
  if (!isRecord(read)) return undefined;
  const { name, on, "run-name": runName } = read;
  const named = typeof name === "string" ? name : path;
  const inputs = inputsOf(on);
  return { path, name: named, ...(typeof runName === "string" && { runName }), ...(inputs && { inputs }) };
};

const inputsOf = (on: unknown): Record<string, Input> | undefined => {
  if (on === "workflow_dispatch") return {};
  if (Array.isArray(on)) return on.includes("workflow_dispatch") ? {} : undefined;
  if (!isRecord(on) || !("workflow_dispatch" in on)) return undefined;
  const { workflow_dispatch: trigger } = on;
  const declared = isRecord(trigger) && isRecord(trigger.inputs) ? trigger.inputs : {};
  return Object.fromEntries(
    Object.entries(declared).map(([key, value]) => [key, isRecord(value) ? value : {}]),
  );
};

/** The values of all inputs; 422 as GitHub words it. */
const valuesOf = (
  declared: Record<string, Input>,
  given: Record<string, unknown>,
): Record<string, string> => {
  if (Object.keys(given).length > mostInputs)
    throw refused(422, `Invalid request.\n\nNo more than ${mostInputs} properties are allowed.`);
  const unexpected = Object.keys(given).filter((key) => !Object.hasOwn(declared, key));
  if (unexpected.length > 0) throw refused(422, `Unexpected inputs provided: ${JSON.stringify(unexpected)}`);
  return Object.fromEntries(
    Object.entries(declared).map(([key, input]) => {
      const value = given[key] ?? input.default;
      if (value === undefined && input.required === true)
        throw refused(422, `Required input '${key}' not provided`);
      if (Array.isArray(input.options) && value !== undefined && !input.options.includes(value))
        throw refused(422, `Provided value '${value}' for input '${key}' not in the list of allowed values`);
      return [key, value === undefined ? "" : String(value)];
    }),
  );
};

const titleOf = ({ name, runName }: Workflow, values: Record<string, string>): string =>
  runName?.replace(/\$\{\{\s*(?:github\.event\.)?inputs\.([\w-]+)\s*\}\}/g, (_, key) => values[key] ?? "") ??
  name;

const idOf = (path: string): number => numberOf(path);

const runUrl = (github: Github, repo: Repo, { id }: { id: number }): string =>
  `${github.origin}/github/${repo.fullName}/actions/runs/${id}`;

const runJson = (github: Github, repo: Repo, run: WorkflowRun) => ({
  id: run.id,
  node_id: `WFR_${run.id}`,
  name: run.name,
  path: run.path,
  display_title: run.title,
  head_branch: run.branch,
  head_sha: run.headSha,
  run_number: run.number,
  run_attempt: 1,
  event: run.event,
  status: run.status,
  conclusion: run.conclusion,
  workflow_id: idOf(run.path),
  url: `${repoUrl(github, repo)}/actions/runs/${run.id}`,
  html_url: runUrl(github, repo, run),
  created_at: iso(run.createdAt),
  run_started_at: iso(run.startedAt),
  updated_at: iso(run.updatedAt),
  actor: accountJson(github, run.actor),
  triggering_actor: accountJson(github, run.actor),
  head_repository: { id: repo.id, full_name: repo.fullName },
});

const tell = (github: Github, repo: Repo, run: WorkflowRun, action: string): void =>
  github.emit(repo, "workflow_run", run.actor, { action, workflow_run: runJson(github, repo, run) });

type Started = {
  workflow: Workflow;
  event: string;
  branch: string;
  headSha: string;
  actor: Account;
  title: string;
  inputs: Record<string, string>;
};

const start = (github: Github, repo: Repo, { workflow, ...started }: Started): WorkflowRun => {
  const at = github.clock();
  const run: WorkflowRun = {
    ...started,
    ...{
      id: github.nextId(),
      number: repo.workflowRuns.length + 1,
      name: workflow.name,
      path: workflow.path,
    },
    ...{ status: "queued", conclusion: null, createdAt: at, startedAt: at, updatedAt: at },
  };
  repo.workflowRuns.push(run);
  tell(github, repo, run, "requested");
  return run;
};

/** Begins a run, or ends it with a conclusion, as its runner would. */
export const moveRun = (github: Github, repo: Repo, id: number, conclusion?: string): void => {
  const run = repo.workflowRuns.find((one) => one.id === id);
  if (run === undefined) throw new Error(`no run ${id} in ${repo.fullName}`);
  run.updatedAt = github.clock();
  if (conclusion === undefined) {
    run.startedAt = github.clock();
    run.status = "in_progress";
    tell(github, repo, run, "in_progress");
    return;
  }
  run.status = "completed";
  run.conclusion = conclusion;
  tell(github, repo, run, "completed");
};

/** Runs the workflow that a push to the branch starts. */
export const pushRun = async (
  github: Github,
  repo: Repo,
  { file, branch }: { file: string; branch: string },
): Promise<WorkflowRun> => {
  const headSha = await branchTip(repo, branch);
  const workflow = headSha && (await workflowAt(repo, file, headSha));
  if (!headSha || !workflow) throw new Error(`no workflow ${file} on ${branch} of ${repo.fullName}`);
  const actor = account(repo.owner);
  return start(github, repo, {
    workflow,
    event: "push",
    branch,
    headSha,
    actor,
    title: workflow.name,
    inputs: {},
  });
};

const dispatched = async (c: Ctx, github: Github): Promise<Response> => {
  const repo = c.var.repo;
  const given = await body(c, dispatch);
  const branch = given.ref.replace(/^refs\/(heads|tags)\//, "");
  const commit = await resolve(repo, branch);
  if (!commit) throw refused(422, `No ref found for: ${given.ref}`);
  const workflow = await workflowAt(repo, c.req.param("workflow") ?? "", commit.sha);
  if (!workflow) throw notFound();
  if (!workflow.inputs) throw refused(422, "Workflow does not have 'workflow_dispatch' trigger");
  const inputs = valuesOf(workflow.inputs, given.inputs);
  const run = start(github, repo, {
    ...{ workflow, event: "workflow_dispatch", branch, headSha: commit.sha, actor: c.var.actor },
    ...{ title: titleOf(workflow, inputs), inputs },
  });
  if (!given.return_run_details) return c.body(null, 204);
  return c.json({
    workflow_run_id: run.id,
    run_url: `${repoUrl(github, repo)}/actions/runs/${run.id}`,
    html_url: runUrl(github, repo, run),
  });
};

/** GitHub's search syntax for `created`, as far as `>=INSTANT` goes. */
const isCreated = ({ createdAt }: WorkflowRun, wanted: string | undefined): boolean => {
  const since = /^>=?(.+)$/.exec(wanted ?? "")?.[1];
  return since === undefined || Math.floor(createdAt / 1000) * 1000 >= Date.parse(since);
};

const listRuns = (c: Ctx, github: Github) => {
  const { event, branch, actor, status, created } = c.req.query();
  const file = c.req.param("workflow");
  const found = c.var.repo.workflowRuns
    .filter((run) => run.path === `${folder}${file}` || String(idOf(run.path)) === file)
    .filter((run) => (event ?? run.event) === run.event && (branch ?? run.branch) === run.branch)
    .filter((run) => (actor ?? run.actor.login) === run.actor.login && isCreated(run, created))
    .filter((run) => status === undefined || status === run.status || status === run.conclusion);
  const shown = paged(c, github.origin, found.toReversed()).map((run) => runJson(github, c.var.repo, run));
  return { total_count: found.length, workflow_runs: shown };
};

/** GitHub Actions: workflows that are dispatched, and their runs. No job is run here: `moveRun` plays the runner. */
export const actionRoutes = (app: Hono<Env>, github: Github): void => {
  const all = "/repos/:owner/:repo/actions";
  app.post(`${all}/workflows/:workflow/dispatches`, (c) => dispatched(c, github));
  app.get(`${all}/workflows/:workflow/runs`, (c) => c.json(listRuns(c, github)));
  app.get(`${all}/workflows/:workflow`, async (c) => {
    const workflow = await workflowAt(c.var.repo, c.req.param("workflow"), "HEAD");
    if (!workflow) throw notFound();
    const { name, path } = workflow;
    return c.json({ id: idOf(path), node_id: `W_${idOf(path)}`, name, path, state: "active" });
  });
  app.get(`${all}/runs/:id`, (c) => {
    const run = c.var.repo.workflowRuns.find(({ id }) => id === Number(c.req.param("id")));
    if (!run) throw notFound();
    return c.json(runJson(github, c.var.repo, run));
  });
};
