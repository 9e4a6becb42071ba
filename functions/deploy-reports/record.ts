import type { Configured } from "../../shared/config.ts";
import { incidentId } from "../../shared/incident/model.ts";
import { type Deployer, deployedBy } from "../../shared/policy/deployers.ts";
import type { Told } from "../../shared/ports/deployers.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import { span } from "../../shared/telemetry.ts";
import type { ReceiverContext } from "../http/context.ts";
import { heardOf } from "../http/report.ts";
import { notOwned, type Sender } from "../http/sender.ts";
import { affectedBy } from "../http/troubles.ts";
import { commitOf } from "./commit.ts";

/** Why an event is about no deploy that is known here. */
export type LeftOutcome =
  | "unknown_service"
  | "unknown_environment"
  | "not_owned"
  | "no_commit"
  | "other_repository";
/** The result for one event. */
export type Receipt =
  | { outcome: "recorded"; incident: string }
  | { outcome: "recorded"; incidents: string[] }
  | { outcome: "ignored" | LeftOutcome };

/** The parts of a receiver that recording needs. */
export type Recording = Pick<
  ReceiverContext,
  "config" | "store" | "registry" | "clock" | "log" | "leave" | "wake"
>;

/** Records the deploys that a tool tells, each of all services whose configuration names it so. Throws UpstreamError. */
export const recordTold = async (receiver: Recording, sender: Sender, all: Told[]): Promise<Receipt> => {
  const found = await Promise.all(all.map((told) => recordsOf(receiver, sender, told)));
  const records = found.flatMap(({ records }) => records);
  const [left] = found.flatMap(({ left }) => left);
  if (records.length === 0) return { outcome: left ?? "ignored" };
  await storeDeploys(receiver, records);
  const ids = [...new Set(records.map(({ service, environment }) => incidentId(service, environment)))];
  const [only, ...others] = ids;
  return only !== undefined && others.length === 0
    ? { outcome: "recorded", incident: only }
    : { outcome: "recorded", incidents: ids };
};

/** Makes the records durable, and wakes the incidents that they may be about. */
export const storeDeploys = async (receiver: Recording, records: DeployRecord[]): Promise<void> => {
  await span("deploys", {}, () => Promise.all(records.map((one) => receiver.store.recordDeploy(one))));
  receiver.wake(await affectedBy(receiver, records));
};

type Found = { records: DeployRecord[]; left: LeftOutcome[] };

/** The records of a deploy that a tool tells, and the reasons for which it is left alone. Throws UpstreamError. */
export const recordsOf = async (receiver: Recording, sender: Sender, told: Told): Promise<Found> => {
  const { services, environments } = receiver.config;
  const places = deployedBy(services, told, environments);
  // A sender learns nothing of the names that are not its own.
  const isOwn = places.length > 0 || sender.owns(told.name);
  if (!isOwn) return { records: [], left: [await notOwned(receiver, "deploys", sender, told.name)] };
  if (places.length === 0) return { records: [], left: ["unknown_service"] };
  const all = await Promise.all(places.map((place) => recordOf(receiver, { sender, told }, place)));
  return {
    records: all.flatMap((one) => ("records" in one ? one.records : [])),
    left: all.flatMap((one) => ("left" in one ? [one.left] : [])),
  };
};

type Place = { service: Configured; deployer: Deployer; environment?: string };

const recordOf = async (
  receiver: Recording,
  { sender, told }: { sender: Sender; told: Told },
  { service, deployer, environment }: Place,
): Promise<{ records: DeployRecord[] } | { left: LeftOutcome }> => {
  if (!sender.owns(service.name)) return { left: await notOwned(receiver, "deploys", sender, service.name) };
  if (environment === undefined) return { left: "unknown_environment" };
  const commit = await commitOf(receiver, { service, deployer }, told);
  if ("left" in commit) return commit;
  const { status, at, url, version, detail } = told;
  const record: DeployRecord = {
    ...{ service: service.name, environment, sha: commit.sha, status, ...heardOf(receiver, at) },
    ...(url !== undefined && { url }),
    ...(version !== undefined && { version }),
    ...(detail !== undefined && { detail }),
  };
  return { records: told.rolledBack ? await rolledBack(receiver, record) : [record] };
};

/** The rollout before the failed one is looked for in this time. */
const beforeMs = 30 * 24 * 60 * 60_000;

/**
 * A rollout that failed, and the version that the cluster itself put back: the last one that succeeded before. None is guessed where no
 * other one is known.
 */
const rolledBack = async ({ store }: Recording, told: DeployRecord): Promise<DeployRecord[]> => {
  const failed = { ...told, at: told.at - 1 };
  const known = await store.deploys(told.service, told.environment, told.at - beforeMs);
  const former = known.find(
    ({ status, sha, at }) => status === "succeeded" && sha !== told.sha && at < told.at,
  );
  if (former === undefined) return [failed];
  const { version: _, heard: __, ...rest } = told;
  return [
    failed,
    {
      ...{ ...rest, sha: former.sha, status: "succeeded" },
      ...(former.version !== undefined && { version: former.version }),
      detail: told.detail ?? "the rollout was rolled back",
    },
  ];
};
