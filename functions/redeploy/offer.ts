import type { Configured } from "../../shared/config.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { Reviewable } from "../../shared/incident/diagnosis/review.ts";
import type { Diagnosis, Revert } from "../../shared/incident/model.ts";
import type { Redeploy, RedeployTool } from "../../shared/incident/remedies/redeployment.ts";
import type { DeployRecord, FlipRecord } from "../../shared/ports/store.ts";
import { replacedAt } from "../../shared/remedy/redeploy/deploys.ts";
import { inBetween } from "../../shared/remedy/redeploy/in-between.ts";
import { toolText } from "../../shared/remedy/redeploy/tool.ts";
import { dispatchProblems } from "../../shared/remedy/redeploy/workflow.ts";
import { clock } from "../../shared/text/format.ts";
import { deployName } from "../../shared/text/timeline.ts";
import type { Work } from "../step.ts";
import { deployingNow, reaches } from "./environment.ts";

/** Former deploys that are looked at, the newest first; each costs a call. */
const mostFormer = 8;
const backMs = 90 * 24 * 60 * 60_000;

type Offering = { work: Work; service: Configured; revert: Revert; incident: Reviewable };
/** `later` were deployed since, `done` are all that succeeded; the newest stands first. */
type Former = {
  former: DeployRecord;
  live: DeployRecord;
  later: DeployRecord[];
  done: DeployRecord[];
  flips: FlipRecord[];
  deploys: DeployRecord[];
};

/**
 * The diagnosis with the redeploy of the last good deploy before its first revert, where the service says how it is deployed. With a reason to
 * look twice, the revert alone stays first, and the redeploy is a person's choice.
 */
export const withRedeploy = async (
  work: Work,
  incident: Reviewable,
  diagnosis: Diagnosis,
): Promise<Diagnosis> => {
  const plain = { ...diagnosis, remedies: diagnosis.remedies.map(withoutFirst) };
  const [revert, ...others] = plain.remedies;
  const service = work.serviceOf(incident.service);
  const { rollback } = service;
  if (rollback === undefined || revert?.kind !== "revert" || revert.in !== undefined) return plain;
  if (incident.redeploy !== undefined || !reaches(service, incident.environment)) return plain;
  const found = await offered({ work, service, revert, incident }).catch(unlessOurs);
  if (found === undefined) return plain;
  if (typeof found === "string") return { ...plain, notes: [...(plain.notes ?? []), found] };
  const first: Revert = { ...revert, first: found };
  const both = found.why === undefined ? [first, revert] : [revert, first];
  return { ...plain, remedies: [...both, ...others] };
};

const withoutFirst = (remedy: Diagnosis["remedies"][number]) => {
  if (remedy.kind !== "revert") return remedy;
  const { first: _, ...rest } = remedy;
  return rest;
};

/** The revert does not wait for what is only faster. */
const unlessOurs = (error: unknown): string => {
  if (!(error instanceof UpstreamError)) throw error;
  return `whether the last good deploy can be put back first could not be read (${error.message})`;
};

/** The redeploy, or a sentence that says why there is none; undefined where no former deploy is on record. */
const offered = async (offering: Offering): Promise<Redeploy | string | undefined> => {
  const { work, service } = offering;
  const found = await formerDeploy(offering);
  const { redeploys } = work;
  if (found === undefined || redeploys === undefined || service.rollback === undefined) return undefined;
  const { former, live } = found;
  const { tool } = service.rollback;
  const cannot = (why: string) => `${nameOf(former)} cannot be put back first: ${why}`;
  const deploying = await deployingNow(work, offering.incident, found.deploys);
  if (deploying !== undefined) return cannot(deploying);
  const read = await readTool(offering, tool);
  if (read === undefined) return cannot(`${toolText(tool)} does not exist in ${service.repository}`);
  if (read.problems.length > 0) return cannot(read.problems.join("; "));
  const files = await redeploys.changedFiles(service, { from: former.sha, to: live.sha });
  const why = [...inBetween(files), ...flagReasons(found), ...laterReasons(found)];
  const takesMs = median(await timesOf(offering, found));
  return {
    ...{ sha: former.sha, deployedAt: former.at, live: live.sha, tool },
    ...(former.version !== undefined && { version: former.version }),
    ...(read.digest !== undefined && { digest: read.digest }),
    ...(takesMs !== undefined && { takesMs }),
    ...(why.length > 0 && { why }),
  };
};

const nameOf = ({ sha, version }: DeployRecord): string =>
  deployName({ sha, ...(version !== undefined && { version }) });

/** The newest deploy on record of this environment that succeeded and does not hold the change. The deploy that runs now must hold it. */
const formerDeploy = async ({ work, service, revert, incident }: Offering): Promise<Former | undefined> => {
  const { deploys, flips } = await work.store.changes(
    service.name,
    incident.environment,
    incident.onsetAt - backMs,
  );
  const done = deploys.filter(({ status }) => status === "succeeded");
  const [live] = done;
  if (live === undefined || !(await holds(work, service, revert, live))) return undefined;
  const before = firstOfEach(done.filter(({ sha }) => sha !== live.sha)).slice(0, mostFormer);
  const later: DeployRecord[] = [];
  for (const former of before) {
    if (await isWithout(work, service, revert, former)) return { former, live, later, done, flips, deploys };
    later.push(former);
  }
  return undefined;
};

const firstOfEach = (deploys: DeployRecord[]): DeployRecord[] =>
  [...new Map(deploys.toReversed().map((one) => [one.sha, one])).values()].sort((a, b) => b.at - a.at);

const holds = (work: Work, service: Configured, { sha }: Revert, deploy: DeployRecord) =>
  work.history.contains(service, { ancestor: sha, descendant: deploy.sha });

/** A range is taken back as a whole: then the former deploy holds no part of it. */
const isWithout = async (
  work: Work,
  service: Configured,
  revert: Revert,
  deploy: DeployRecord,
): Promise<boolean> => {
  if (await holds(work, service, revert, deploy)) return false;
  const { from } = revert;
  return from === undefined || work.history.contains(service, { ancestor: deploy.sha, descendant: from });
};

type Read = { digest?: string; problems: string[] };

const readTool = async ({ work, service }: Offering, tool: RedeployTool): Promise<Read | undefined> => {
  if ("deployment" in tool) return { problems: [] };
  const read = await work.redeploys?.workflow(service, tool);
  return read && { digest: read.digest, problems: dispatchProblems(tool.workflow, read.text, tool.inputs) };
};

/** A flag that was changed since the former version was replaced may count on newer code. */
const flagReasons = ({ former, flips, done, live }: Former): string[] => {
  const since = replacedAt(done, former) ?? live.at;
  const [latest] = flips.filter(({ at }) => at >= since);
  if (latest === undefined) return [];
  return [`flag ${latest.flag} was changed at ${clock(latest.at)}, after ${nameOf(former)} was replaced`];
};

const laterReasons = ({ later }: Former): string[] =>
  later.length === 0
    ? []
    : [
        `${later.length} other deploy${later.length === 1 ? "" : "s"} since then (${later.map(nameOf).join(", ")}) would be taken back with it`,
      ];

/** A workflow's own runs tell how long it takes; a deployment's time stands in the reports of its start and end. */
const timesOf = async ({ work, service }: Offering, { deploys }: Former): Promise<number[]> => {
  const tool = service.rollback?.tool;
  if (tool === undefined || work.redeploys === undefined) return [];
  return "workflow" in tool
    ? work.redeploys.deployTimes(service, tool.workflow).catch(unmeasured)
    : deploys.flatMap((ended) => tookIn(ended, deploys));
};

const unmeasured = (error: unknown): number[] => {
  if (!(error instanceof UpstreamError)) throw error;
  return [];
};

/** The time since the report that the same deploy started. */
const tookIn = ({ sha, status, at }: DeployRecord, deploys: DeployRecord[]): number[] => {
  const started = deploys.find((one) => one.status === "started" && one.sha === sha && one.at < at);
  return status !== "succeeded" || started === undefined ? [] : [at - started.at];
};

/** Fewer than two tell nothing. */
const median = (times: number[]): number | undefined =>
  times.length < 2 ? undefined : times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
