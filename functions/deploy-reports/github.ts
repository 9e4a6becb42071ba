import { lazy, nullish, number, object, string } from "zod";
import type { Configured } from "../../shared/config.ts";
import { putBackBy } from "../../shared/incident/remedies/redeploy.ts";
import { deployedBy, environmentNamed } from "../../shared/policy/deployers.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import { ownValue } from "../../shared/records.ts";
import type { ReceiverContext } from "../http/context.ts";
import { openTroubles } from "../http/troubles.ts";
import { storeDeploys } from "./record.ts";

const address = nullish(string());
const deploymentStatus = lazy(() =>
  object({
    deployment_status: object({
      ...{ state: string(), created_at: string() },
      ...{ target_url: address, log_url: address, environment_url: address },
    }),
    deployment: object({ sha: string(), environment: string() }),
  }),
);
const workflowRun = lazy(() =>
  object({
    action: string(),
    workflow_run: object({
      ...{ id: number(), path: string(), event: string(), head_sha: string(), html_url: address },
      display_title: nullish(string()),
      ...{ head_branch: nullish(string()), conclusion: nullish(string()) },
      ...{ updated_at: nullish(string()), run_started_at: nullish(string()) },
      head_repository: nullish(object({ full_name: string() })),
    }),
    repository: object({ full_name: string() }),
  }),
);

type Status = DeployRecord["status"];
type Happened = Pick<DeployRecord, "sha" | "status"> & { at: string; url: string | undefined };
type Places = { service: string; environment: string }[];

/** `inactive` tells that a later deployment took its place, and the others that nothing runs yet. */
const ofDeployment: Record<string, Status> = {
  ...{ success: "succeeded", failure: "failed", error: "failed", in_progress: "started" },
};
const ofRun: Record<string, Status> = {
  ...{ success: "succeeded", failure: "failed", timed_out: "failed", startup_failure: "failed" },
};

type Report = { event: string; payload: unknown; repository: string };

/** Records what a `deployment_status` or a `workflow_run` tells, for all services of the repository that it is about. Returns the outcome. */
export const recordFromGithub = (
  receiver: ReceiverContext,
  services: Configured[],
  { event, payload, repository }: Report,
): Promise<string> =>
  event === "workflow_run"
    ? recordRun(receiver, services, { payload, repository })
    : recordDeployment(receiver, services, payload);

/** One deployment may be of several services: all those of the repository that have its environment. */
const recordDeployment = async (
  receiver: ReceiverContext,
  services: Configured[],
  payload: unknown,
): Promise<string> => {
  const parsed = deploymentStatus.safeParse(payload);
  if (!parsed.success) return "ignored";
  const { deployment, deployment_status: told } = parsed.data;
  const status = ownValue(ofDeployment, told.state);
  if (status === undefined) return "ignored";
  const { environments: aliases = {} } = receiver.config;
  const places = services.flatMap((service) => placesOf(service, deployment.environment, aliases));
  if (places.length === 0) return "unknown_environment";
  const url = told.target_url || told.log_url || told.environment_url || undefined;
  return store(receiver, places, { sha: deployment.sha, status, at: told.created_at, url });
};

/** A service that names environments of GitHub has no other ones. */
const placesOf = (service: Configured, name: string, aliases: Record<string, string[]>): Places => {
  const isNamed = (service.deploys ?? []).some(({ tool }) => tool === "github");
  const told = { tool: "github" as const, name, values: {} };
  const environments = isNamed
    ? deployedBy([service], told, aliases).map(({ environment }) => environment)
    : [environmentNamed(service.environments, name, { aliases, tool: "github" })];
  return environments.flatMap((environment) =>
    environment === undefined ? [] : [{ service: service.name, environment }],
  );
};

/** A run of a workflow that a service names deploys the service's branch. A run of a fork or of a pull request deploys nothing. */
const recordRun = async (
  receiver: ReceiverContext,
  services: Configured[],
  { payload, repository }: Omit<Report, "event">,
): Promise<string> => {
  const parsed = workflowRun.safeParse(payload);
  if (!parsed.success) return "ignored";
  const { action, workflow_run: run, repository: place } = parsed.data;
  const status = statusOf(action, run.conclusion);
  const isOwn = (run.head_repository?.full_name ?? place.full_name) === place.full_name;
  if (status === undefined || !isOwn || run.event.startsWith("pull_request")) return "ignored";
  const name = run.path.replace(/@.*$/, "").replace(/^.*\//, "");
  const at = (status === "started" ? run.run_started_at : run.updated_at) ?? "";
  const happened = { status, at, url: run.html_url ?? undefined };
  const orders = services.filter((service) => isOrder(service, run, name));
  const ordered = await Promise.all(
    orders.map((service) => recordOrder(receiver, service, { run, happened })),
  );
  if (ordered.includes("recorded")) return "recorded";
  const others = services.filter((service) => !orders.includes(service));
  const found = deployedBy(others, { tool: "workflow", name, values: {} }, receiver.config.environments);
  if (found.length === 0) return "ignored";
  const here = found.filter(
    ({ service }) =>
      run.event === "release" ||
      isVersion(run.head_branch) ||
      branchesOf(service, repository).includes(run.head_branch ?? ""),
  );
  if (here.length === 0) return "other_branch";
  const places = here.flatMap(({ service, environment }) =>
    environment === undefined ? [] : [{ service: service.name, environment }],
  );
  if (places.length === 0) return "unknown_environment";
  return store(receiver, places, { ...happened, sha: run.head_sha });
};

type Run = { id: number; event: string; display_title?: string | null | undefined };

/** A dispatched run of the workflow by which the service is redeployed deploys the commit that an input names, not the head of its branch. */
const isOrder = ({ rollback }: Configured, { event }: Run, file: string): boolean =>
  event === "workflow_dispatch" &&
  rollback !== undefined &&
  "workflow" in rollback.tool &&
  rollback.tool.workflow === file;

type Ended = { run: Run; happened: Omit<Happened, "sha"> };

/** The event does not tell the inputs, so only the runs of our own redeploys are known. */
const recordOrder = async (
  receiver: ReceiverContext,
  { name: service, environments }: Configured,
  { run: { id, display_title: title }, happened }: Ended,
): Promise<string> => {
  for (const environment of environments) {
    const troubles = await openTroubles(receiver.store, service, environment);
    const ours = troubles
      .map(({ incident }) => putBackBy(incident))
      .find(
        (redeploy) => redeploy?.run === id || (redeploy?.id !== undefined && title?.includes(redeploy.id)),
      );
    if (ours !== undefined)
      return store(receiver, [{ service, environment }], { ...happened, sha: ours.sha });
  }
  return "ignored";
};

/** The run of a tag has the tag's name in the place of the branch's, and nothing else tells the two apart. */
const isVersion = (ref: string | null | undefined): boolean =>
  /^v?\d+\.\d+\.\d+([-+][\w.+-]*)?$/.test(ref ?? "");

const statusOf = (action: string, conclusion: string | null | undefined): Status | undefined => {
  if (action === "in_progress") return "started";
  if (action !== "completed") return undefined;
  return ownValue(ofRun, conclusion ?? "");
};

const branchesOf = (service: Configured, repository: string): string[] =>
  [service, ...(service.gitops ?? [])]
    .filter((place) => place.repository.toLowerCase() === repository.toLowerCase())
    .map(({ branch }) => branch);

const store = async (
  receiver: ReceiverContext,
  places: Places,
  { sha, status, at: told, url }: Happened,
): Promise<string> => {
  const at = Date.parse(told);
  const now = receiver.clock();
  const records = places.map(
    (place): DeployRecord => ({
      ...{ ...place, sha, status, at: Number.isNaN(at) ? now : Math.min(at, now) },
      ...(url !== undefined && { url }),
    }),
  );
  await storeDeploys(receiver, records);
  return "recorded";
};
