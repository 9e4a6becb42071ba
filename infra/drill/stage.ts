import type { Work } from "../../functions/step.ts";
import { memoryStore } from "../../shared/adapters/memory.ts";
import type { Config } from "../../shared/config.ts";
import type { Event } from "../../shared/incident/events.ts";
import { type Incident, incidentId } from "../../shared/incident/model.ts";
import { createProcess } from "../../shared/process.ts";
import { policyOf } from "../host/settings/services.ts";
import type { Settings } from "../host/settings/settings.ts";
import { createLoop, waking } from "../local/loop.ts";
import { workOf } from "../local/work.ts";
import type { Place } from "./alertmanager.ts";
import { dryWork, type Failure, type Opened } from "./dry.ts";
import { alertOf, type Fault, metricsOf } from "./faults.ts";

export type Drill = { id: string; place: Place; fault: Fault; channel: string };
type Given = {
  settings: Settings & { real: NonNullable<Settings["real"]> };
  config: Config;
  clock: () => number;
};

/** The loop of a drill: in this process, over a store of its own that nobody reads later. */
export type Stage = {
  work: Work;
  id: string;
  opened: Opened[];
  failures: Failure[];
  /** Begins the trouble that the fault plays, as of now. */
  begin(): Promise<void>;
  now(): Promise<{ incident: Incident; log: Event[] }>;
  ruleOut(incident: Extract<Incident, { status: "proposed" }>): Promise<void>;
  stop(): Promise<void>;
};

const silent = { info() {}, warn() {}, error() {} };
const minute = 60_000;

/** Any likely change is asked about, in the drill's channel; nobody is called. */
const drilled = (config: Config, channel: string): Config => ({
  ...config,
  services: config.services.map((service) => {
    const { page: _, silenceMs: __, ...policy } = service.policy;
    const asking = { ...policy, mode: "approve" as const, minConfidence: 0.01, lookAgainMs: [] };
    return { ...service, channel, policy: asking };
  }),
});

export const stageOf = (drill: Drill, { settings, config, clock }: Given): Stage => {
  const { place, fault, channel } = drill;
  const [opened, failures]: [Opened[], Failure[]] = [[], []];
  const store = memoryStore();
  const playing = drilled(config, channel);
  const onsetAt = clock() - minute;
  const process = createProcess({ store, clock, log: silent, policyOf: (name) => policyOf(playing, name) });
  const handle = waking(process, (one) => loop.wake(one));
  const pageOf = (one: string): string => `${config.baseUrl ?? ""}/incidents/${one}`;
  const given = { settings, config: () => playing, store, clock, real: settings.real };
  const work: Work = {
    ...dryWork(workOf(given, { handle, pageOf }), { ...drill, failures, opened }),
    metrics: metricsOf(fault, onsetAt),
  };
  const loop = createLoop({ process, work, log: silent, tickMs: 1_000 });
  const id = incidentId(place.service.name, place.environment);
  const begin = async (): Promise<void> => {
    await recordDeploys(work, place, onsetAt);
    for (const { name, environments } of troubled(fault, playing, place)) {
      const environment = environments.includes(place.environment)
        ? place.environment
        : (environments[0] ?? "");
      const alerts = [alertOf(fault, { service: name, environment, at: onsetAt })];
      const command = { type: "RecordAlerts", at: clock(), alerts, truncated: false } as const;
      await handle(incidentId(name, environment), command);
    }
    await loop.start();
  };
  return {
    ...{ work, id, opened, failures, begin, stop: loop.stop },
    now: async () => ({ incident: (await store.load(id)).incident, log: await store.log(id) }),
    ruleOut: async ({ round, pull }) => {
      await handle(id, { type: "RuleOut", at: clock(), round, head: pull.head, by: "the drill" });
    },
  };
};

/** The services that break: in the drill of a machine as many as its hold asks for. */
const troubled = (fault: Fault, { services, hold }: Config, { service }: Place): Config["services"] => {
  const others = services.filter(({ name }) => name !== service.name);
  return [service, ...(fault === "node" ? others.slice(0, (hold?.services ?? 3) - 1) : [])];
};

const lookBackMs = 90 * 24 * 60 * minute;
/** Changes of the branch that the played deploys bring, the latest one alone. */
const playedChanges = 6;

/** Plays deploys: of the branch's latest change a minute before the trouble, and of the changes before it earlier. */
const recordDeploys = async (work: Work, { service, environment }: Place, onsetAt: number): Promise<void> => {
  const window = { since: onsetAt - lookBackMs, until: onsetAt, limit: playedChanges };
  const [latest, ...older] = await work.history.commits(service, window).catch(() => []);
  if (latest === undefined) return;
  const at = Math.max(latest.at, onsetAt - minute);
  const record = (sha: string, minutesBefore: number): Promise<unknown> => {
    const place = { service: service.name, environment, status: "succeeded" } as const;
    return work.store.recordDeploy({ ...place, sha, at: at - minutesBefore * minute });
  };
  const [former] = latest.parents;
  const first = former && (await oldestIn(work, service, { former, older }));
  if (first !== undefined) await record(first, 60);
  if (former !== undefined) await record(former, 30);
  await record(latest.sha, 0);
};

/** The oldest of these changes that the former version holds; undefined when it holds none beside itself. */
const oldestIn = async (
  { history }: Work,
  service: Place["service"],
  { former, older }: { former: string; older: { sha: string }[] },
): Promise<string | undefined> => {
  for (const { sha } of older.filter((one) => one.sha !== former).toReversed())
    if (await history.contains(service, { ancestor: sha, descendant: former }).catch(() => false)) return sha;
  return undefined;
};
