import type { RestEndpointMethodTypes } from "@octokit/rest";
import { number, object, string } from "zod";
import { UpstreamError } from "../../errors.ts";
import type { ListedChange } from "../../git/model.ts";
import type { RedeployTool } from "../../incident/remedies/redeployment.ts";
import type { DeployRun, Order } from "../../ports/redeploys.ts";
import type { Service } from "../../ports/service.ts";
import { ask, unlessMissing } from "./api/call.ts";
import { type Github, never, repoOf } from "./api/repository.ts";
import { maxFiles } from "./git/commits.ts";
import { compare } from "./git/compare.ts";

type Place = { repository: string };
type ListedRun =
  RestEndpointMethodTypes["actions"]["listWorkflowRuns"]["response"]["data"]["workflow_runs"][number];
type Workflow = Extract<RedeployTool, { workflow: string }>;

const runDetails = object({ workflow_run_id: number(), html_url: string() });
const created = object({ id: number() });

const folder = ".github/workflows/";
/** Runs and deployments that may be the one that was ordered. */
const mostRuns = 30;
/** GitHub's clock may be behind ours. */
const skewMs = 30_000;

export const workflow = async (
  github: Github,
  place: Place,
  { workflow: file, ref }: { workflow: string; ref: string },
): Promise<{ digest: string; text: string } | undefined> => {
  const path = `${folder}${file}`;
  const found = await unlessMissing(
    ask(`read ${path} of ${place.repository} at ${ref}`, () =>
      github.octokit.repos.getContent({ ...repoOf(place), path, ref }),
    ),
  );
  if (found === undefined) return undefined;
  if (Array.isArray(found) || found.type !== "file" || found.encoding !== "base64")
    throw never(`${path} of ${place.repository} at ${ref} is not a file`);
  return { digest: found.sha, text: Buffer.from(found.content, "base64").toString() };
};

export const startDeploy = (
  github: Github,
  place: Place,
  order: Order,
): Promise<Pick<DeployRun, "id" | "url"> | undefined> =>
  "deployment" in order.tool
    ? createDeployment(github, place, { ...order, environment: order.tool.deployment })
    : dispatch(github, place, order.tool);

/** GitHub names the run since February 2026; older GitHub Enterprise Servers refuse to be asked for it, and then did nothing. */
const dispatch = async (github: Github, place: Place, tool: Workflow) => {
  const send = (isNamed: boolean) =>
    ask<unknown>(`dispatch ${tool.workflow} of ${place.repository}`, async () => {
      const { status, data } = await github.octokit.actions.createWorkflowDispatch({
        ...{ ...repoOf(place), workflow_id: tool.workflow, ref: tool.ref, inputs: tool.inputs },
        ...(isNamed && { return_run_details: true }),
      });
      return { data: status === 204 ? undefined : data };
    });
  const answer = await send(true).catch((error: unknown) => {
    if (isUnknownParameter(error)) return send(false);
    throw error;
  });
  const named = runDetails.safeParse(answer).data;
  return named && { id: named.workflow_run_id, url: named.html_url };
};

const isUnknownParameter = (error: unknown): boolean =>
  error instanceof UpstreamError &&
  (error.status === 400 || error.status === 422) &&
  error.message.includes("return_run_details");

/** Its commit ran here before, so that its checks are not asked again, and nothing is merged into it. */
const createDeployment = async (
  github: Github,
  place: Place,
  { sha, id, environment }: Order & { environment: string },
) => {
  const made = await ask<unknown>(`create a deployment of ${place.repository} to ${environment}`, () =>
    github.octokit.repos.createDeployment({
      ...{ ...repoOf(place), ref: sha, environment, auto_merge: false, required_contexts: [] },
      ...{ description: "Countersteer puts the last good deploy back", payload: { countersteer: id } },
    }),
  );
  const named = created.safeParse(made).data;
  return named && { id: named.id, url: deploymentsPage(place, github, environment) };
};

const deploymentsPage = ({ repository }: Place, { octokit }: Github, environment: string): string => {
  const api = octokit.request.endpoint.DEFAULTS.baseUrl;
  const site = api === "https://api.github.com" ? "https://github.com" : api.replace(/\/api\/v3$/, "");
  return `${site}/${repository}/deployments/${encodeURIComponent(environment)}`;
};

export const findDeploy = (github: Github, place: Place, order: Order): Promise<DeployRun | undefined> =>
  "deployment" in order.tool
    ? findDeployment(github, place, { ...order, environment: order.tool.deployment })
    : findRun(github, place, { ...order, tool: order.tool });

/** The run whose title holds the id, by its `run-name`. Another one is a person's, or was ordered for another incident. */
const findRun = async (
  github: Github,
  place: Place,
  { tool, id, since }: Order & { tool: Workflow },
): Promise<DeployRun | undefined> => {
  const after = `>=${new Date(since - skewMs).toISOString().replace(/\.\d+Z$/, "Z")}`;
  const { workflow_runs: listed } = await ask(
    `list the runs of ${tool.workflow} of ${place.repository}`,
    () =>
      github.octokit.actions.listWorkflowRuns({
        ...{ ...repoOf(place), workflow_id: tool.workflow, event: "workflow_dispatch" },
        ...{ branch: tool.ref, created: after, per_page: mostRuns },
      }),
  );
  const found = listed.find((run) => run.display_title?.includes(id));
  return found && runOf(found);
};

const runOf = ({ id, html_url: url, status, conclusion }: ListedRun): DeployRun => {
  if (status !== "completed") return { id, url, state: "running", detail: status ?? "queued" };
  return {
    id,
    url,
    state: conclusion === "success" ? "succeeded" : "failed",
    detail: conclusion ?? "unknown",
  };
};

const findDeployment = async (
  github: Github,
  place: Place,
  { sha, id, environment }: Order & { environment: string },
): Promise<DeployRun | undefined> => {
  const listed = await ask(`list the deployments of ${place.repository} to ${environment}`, () =>
    github.octokit.repos.listDeployments({ ...repoOf(place), sha, environment, per_page: mostRuns }),
  );
  const found = listed.find(({ payload }) => JSON.stringify(payload).includes(id));
  return found && readDeployment(github, place, { id: found.id, environment });
};

export const readDeploy = async (
  github: Github,
  place: Place,
  { tool, id }: { tool: RedeployTool; id: number },
): Promise<DeployRun> => {
  if ("deployment" in tool) return readDeployment(github, place, { id, environment: tool.deployment });
  return runOf(
    await ask(`read run ${id} of ${place.repository}`, () =>
      github.octokit.actions.getWorkflowRun({ ...repoOf(place), run_id: id }),
    ),
  );
};

const states: Record<string, DeployRun["state"]> = {
  ...{ success: "succeeded", failure: "failed", error: "failed", inactive: "failed" },
};

const readDeployment = async (
  github: Github,
  place: Place,
  { id, environment }: { id: number; environment: string },
): Promise<DeployRun> => {
  const [latest] = await ask(`read deployment ${id} of ${place.repository}`, () =>
    github.octokit.repos.listDeploymentStatuses({ ...repoOf(place), deployment_id: id, per_page: 1 }),
  );
  const detail = latest?.state ?? "queued";
  const url = latest?.log_url || latest?.target_url || deploymentsPage(place, github, environment);
  return {
    id,
    url,
    state: Object.hasOwn(states, detail) ? (states[detail] ?? "running") : "running",
    detail,
  };
};

export const changedFiles = async (
  github: Github,
  service: Service,
  { from, to }: { from: string; to: string },
): Promise<ListedChange[] | undefined> => {
  const { status, files } = await compare(github, service, { base: from, head: to });
  return (status === "ahead" || status === "identical") && files.length < maxFiles ? files : undefined;
};

export const deployTimes = async (github: Github, place: Place, file: string): Promise<number[]> => {
  const { workflow_runs: listed } = await ask(`list the runs of ${file} of ${place.repository}`, () =>
    github.octokit.actions.listWorkflowRuns({
      ...{
        ...repoOf(place),
        workflow_id: file,
        event: "workflow_dispatch",
        status: "success",
        per_page: mostRuns,
      },
    }),
  );
  return listed
    .map((run) => Date.parse(run.updated_at) - Date.parse(run.run_started_at ?? run.created_at))
    .filter((ms) => ms > 0);
};
