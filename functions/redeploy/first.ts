import { UpstreamError } from "../../shared/errors.ts";
import type { Intent } from "../../shared/incident/commands.ts";
import type { In } from "../../shared/incident/model.ts";
import { firstOf } from "../../shared/incident/remedies/redeploy.ts";
import type { Redeploy, Redeployment, RedeployTool } from "../../shared/incident/remedies/redeployment.ts";
import { withValues } from "../../shared/policy/redeploy-inputs.ts";
import type { DeployRun, Order, Redeploys } from "../../shared/ports/redeploys.ts";
import type { Service } from "../../shared/ports/service.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import { isSameTool, toolText } from "../../shared/remedy/redeploy/tool.ts";
import { clock, short } from "../../shared/text/format.ts";
import { deployName } from "../../shared/text/timeline.ts";
import type { Work } from "../step.ts";
import { deployingNow, reaches } from "./environment.ts";

type Approved = In<"approved">;
type Here = { work: Work; redeploys: Redeploys; place: Service; incident: Approved; first: Redeploy };
type Begun = Redeployment & { id: string };
type Workflow = Extract<RedeployTool, { workflow: string }>;

const minute = 60_000;
/** GitHub lists a run within seconds; after this time one that is not listed was not begun. */
const listedMs = 2 * minute;

/**
 * Puts the last good deploy back before what was approved is merged. Undefined: nothing is left to do about that, so the merge goes on. A redeploy that
 * cannot be made as approved is left out and told, and the approved revert goes on.
 */
export const redeployFirst = async (
  work: Work,
  place: Service,
  incident: Approved,
): Promise<Intent | null | undefined> => {
  const first = firstOf(incident.remedy);
  const { redeploy } = incident;
  if (first === undefined || redeploy?.end !== undefined) return undefined;
  const { redeploys } = work;
  if (redeploys === undefined) return ended(first, "left_out", "this installation cannot redeploy");
  const here = { work, redeploys, place, incident, first };
  return redeploy?.id === undefined ? begin(here) : follow(here, { ...redeploy, id: redeploy.id });
};

const ended = ({ sha }: Redeploy, how: Ending["how"], detail: string): Ending => ({
  ...{ type: "EndRedeploy", sha, how, detail },
});
type Ending = Extract<Intent, { type: "EndRedeploy" }>;

/** Only the caller whose fact is stored orders it: one that comes back after a crash only looks for what was ordered. */
const begin = async (here: Here): Promise<Intent | null> => {
  const { work, redeploys, place, incident, first } = here;
  const { id: incidentId, round } = incident;
  const changed = await changedSince(here);
  if (changed !== undefined) return ended(first, "left_out", changed);
  const [id, at] = [work.nonce(), work.clock()];
  const tool = toolText(first.tool);
  const begun = { type: "BeginRedeploy", at, round, sha: first.sha, id, tool } as const;
  const { events } = await work.handle(incidentId, begun);
  if (events.length === 0) return null;
  const order = orderOf(here, { id, at });
  const run = await redeploys.startDeploy(place, order).catch((error: unknown) => startFailed(first, error));
  const told = run ?? waits("GitHub was told to redeploy, and does not name the run yet");
  const intent: Intent = "type" in told ? told : { type: "RecordRedeployRun", run: told.id, url: told.url };
  // The step saw the incident before it was begun, so this is decided about the incident as it is by now.
  await work.handle(incidentId, { ...intent, at: work.clock(), round });
  return null;
};

const orderOf = ({ first, incident }: Here, { id, at }: { id: string; at: number }): Order => {
  const values = { sha: first.sha, id, environment: incident.environment };
  const { tool } = first;
  const told = "deployment" in tool ? tool : { ...tool, inputs: withValues(tool.inputs, values) };
  return { tool: told, sha: first.sha, id, since: at };
};

/** A refusal is final. Without an answer, nobody knows whether it began: it is looked for, and never ordered again. A stop came before the order. */
const startFailed = (first: Redeploy, error: unknown): Intent => {
  if (!(error instanceof UpstreamError)) throw error;
  if (error.system === "switch") return ended(first, "held_back", error.message);
  if (!error.retryable) return ended(first, "failed", `it could not be started (${error.message})`);
  return waits(`whether the redeploy began is not known, so it is looked for (${error.message})`);
};

const waits = (detail: string): Intent => ({ type: "Delay", step: "merge", detail });

/** Why it is not what people approved any more, as a sentence: by the configuration, the workflow's file, or what runs now. */
const changedSince = async (here: Here): Promise<string | undefined> => {
  const { work, incident, first } = here;
  const service = work.serviceOf(incident.service);
  const { rollback } = service;
  const isSame = rollback !== undefined && isSameTool(rollback.tool, first.tool);
  if (!isSame || !reaches(service, incident.environment))
    return "the configuration says something else about redeploys than when people were asked";
  const deploys = await work.store.deploys(incident.service, incident.environment, first.deployedAt);
  const done = deploys.filter(({ status }) => status === "succeeded");
  if (!done.some(({ sha, at }) => sha === first.sha && at === first.deployedAt))
    return `${nameOf(first)} is no former deploy of ${incident.environment} on record any more`;
  const [live] = done;
  if (live !== undefined && live.sha !== first.live)
    return `${short(live.sha)} was deployed at ${clock(live.at)}, since people were asked`;
  return (
    (await deployingNow(work, incident, deploys)) ??
    ("deployment" in first.tool ? undefined : workflowChanged(here, first.tool))
  );
};

const workflowChanged = async (
  { redeploys, place, first }: Here,
  tool: Workflow,
): Promise<string | undefined> => {
  const file = await redeploys.workflow(place, tool).catch(refusal());
  if (file !== undefined && "refused" in file) return `${toolText(tool)} could not be read (${file.refused})`;
  return file?.digest === first.digest ? undefined : `${toolText(tool)} was changed since people were asked`;
};

/** The refusal to tell something. A failure that may pass is waited for, unless that took too long. */
const refusal =
  ({ isTooLong = false } = {}) =>
  (error: unknown): { refused: string } => {
    if (!(error instanceof UpstreamError) || (error.retryable && !isTooLong)) throw error;
    return { refused: error.message };
  };

/** Live once a report says so; over once its run is. */
const follow = async (here: Here, redeploy: Begun): Promise<Intent> => {
  const { work, incident, first } = here;
  const live = await reportedLive(here, redeploy);
  if (live !== undefined)
    return ended(first, "live", `${nameOf(first)} was reported live at ${clock(live.at)}`);
  const sinceMs = work.clock() - redeploy.at;
  const isTooLong = sinceMs >= work.serviceOf(incident.service).policy.deployMs;
  const run = await runOf(here, redeploy).catch(refusal({ isTooLong }));
  if (run === undefined || "refused" in run) {
    const why =
      run === undefined ? "GitHub lists no run of it" : `GitHub tells nothing of its run (${run.refused})`;
    if (sinceMs < listedMs) return waits(`the redeploy was ordered, and ${why} yet`);
    return ended(first, "unknown", `${why}, and it is not ordered twice`);
  }
  if (redeploy.run === undefined) return { type: "RecordRedeployRun", run: run.id, url: run.url };
  return afterRun(here, { run, isTooLong });
};

const afterRun = (
  { work, first }: Here,
  { run: { state, detail, url }, isTooLong }: { run: DeployRun; isTooLong: boolean },
): Intent => {
  if (state === "failed") return ended(first, "failed", `the run ended as ${detail} (${url})`);
  if (state === "succeeded")
    return ended(first, "ran", `the run has ended, and ${nameOf(first)} is not reported live yet (${url})`);
  if (isTooLong)
    return ended(first, "unknown", `the run is still ${detail} after policy.deployTimeout (${url})`);
  return {
    ...{ type: "Delay", step: "merge", until: work.clock() },
    detail: `approved; ${nameOf(first)} is being put back first (${detail}: ${url})`,
  };
};

const nameOf = (first: Redeploy): string => deployName(first);

const runOf = async (here: Here, redeploy: Begun): Promise<DeployRun | undefined> => {
  const { redeploys, place, first } = here;
  return redeploy.run === undefined
    ? redeploys.findDeploy(place, orderOf(here, redeploy))
    : redeploys.readDeploy(place, { tool: first.tool, id: redeploy.run });
};

/** The newest deploy that succeeded is the former one again. A deployer's clock may be behind ours, so it need only be later than before. */
const reportedLive = async (
  { work: { store }, incident: { service, environment }, first }: Here,
  { sha }: Begun,
): Promise<DeployRecord | undefined> => {
  const deploys = await store.deploys(service, environment, first.deployedAt);
  const live = deploys.find(({ status }) => status === "succeeded");
  return live?.sha === sha && live.at > first.deployedAt ? live : undefined;
};
