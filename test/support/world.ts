import { announce } from "../../functions/announce/announce.ts";
import { followUp } from "../../functions/announce/follow-up.ts";
import type { Work } from "../../functions/step.ts";
import { runner } from "../../functions/steps.ts";
import { killSwitch } from "../../functions/stop/kill-switch.ts";
import { stoppable, stoppableMerging, stoppableRedeploys } from "../../functions/stop/stoppable.ts";
import { policyOf, serviceOf } from "../../infra/host/settings/services.ts";
import { memoryStore } from "../../shared/adapters/memory.ts";
import type { Config, Configured } from "../../shared/config.ts";
import type { Command } from "../../shared/incident/commands.ts";
import { type Alert, type Incident, isActive, isWatched } from "../../shared/incident/model.ts";
import type { Policy } from "../../shared/incident/policy.ts";
import { asOf } from "../../shared/policy/emergency.ts";
import { parseMatcher } from "../../shared/policy/match.ts";
import type { Log } from "../../shared/ports/log.ts";
import type { Image } from "../../shared/ports/registry.ts";
import type { Store } from "../../shared/ports/store.ts";
import { createProcess } from "../../shared/process.ts";
import { alert, approve, id, sha } from "./incident.ts";
import { chatOf } from "./world/chat.ts";
import { metricsOf } from "./world/metrics.ts";
import { mergingOf, pullsOf, redeploysOf } from "./world/pulls.ts";
import { accountsOf, historyOf, treesOf } from "./world/repository.ts";
import { holdState } from "./world/state.ts";

export { culprit } from "./world/state.ts";

/** The whole core over ports written by hand, which record their calls; time moves by assignment. */
export type World = ReturnType<typeof world>;

export const policy: Policy = {
  mode: "approve",
  minConfidence: 0.3,
  autoConfidence: 0.3,
  lookAgainMs: [],
  changePrior: 0.7,
  stepMs: 60_000,
  approvalMs: 600_000,
  deployMs: 600_000,
  verifyMs: 600_000,
  cooldownMs: 604_800_000,
  deadlineMs: 10_000_000,
};

export const service = (over: Partial<Configured> = {}): Configured => ({
  ...{
    name: "payment-gateway",
    repository: "acme/payments",
    branch: "main",
    paths: [],
    environments: ["production"],
  },
  ...{ channel: "C1", approvers: ["UANN"], verify: { holdMs: 5_000 }, environmentLabel: "environment" },
  match: [parseMatcher('service="payment-gateway"')!],
  policy,
  ...over,
});

export const silent: Log = { info() {}, warn() {}, error() {} };

export type WorldGiven = {
  configured?: Configured;
  /** Services beside it. */
  others?: Configured[];
  people?: Config["people"];
  store?: Store;
};

export const world = ({
  configured = service(),
  others = [],
  people,
  store = memoryStore(),
}: WorldGiven = {}) => {
  let config: Config | undefined;
  const configuration = (): Config =>
    config ?? { services: [configured, ...others], ...(people && { people }) };
  /** Until it is configured anew, every other name is the one service. */
  const named = (name: string): Configured =>
    config === undefined ? (others.find((one) => one.name === name) ?? configured) : serviceOf(config, name);
  const held = holdState();
  const { state } = held;
  const clock = () => state.now;
  const process = createProcess({
    ...{ store, clock, log: silent },
    policyOf: (name) => (config === undefined ? named(name).policy : policyOf(config, name)),
  });
  const stop = killSwitch({ store });
  const work: Work = {
    store,
    history: historyOf(held),
    trees: treesOf(held),
    killSwitch: stop,
    pulls: stoppable(pullsOf(held), stop),
    merging: stoppableMerging(mergingOf(held), stop),
    redeploys: stoppableRedeploys(redeploysOf(held), stop),
    accounts: accountsOf(held),
    chat: chatOf(held),
    metrics: metricsOf(held),
    clock,
    nonce: () => "nonce",
    configuration: () => asOf(configuration(), state.now),
    serviceOf: named,
    servicesIn: (repository) => configuration().services.filter((one) => one.repository === repository),
    handle: process.handle,
    pageOf: (id) => `http://countersteer.test/incidents/${id}`,
  };
  const run = runner(process, work);
  const tell = announce(process, work, { follow: followUp });

  /** Two copies of every wake-up at the same instant, until nothing moves, then the announcement, twice as well. */
  const settle = async (one = id): Promise<Incident> => {
    for (;;) {
      const seen = await store.load(one);
      if (!isWatched(seen.incident)) break;
      const moved = await Promise.all([run(seen), run(seen)]);
      if (!moved.some((handled) => handled !== undefined && handled.events.length > 0)) break;
      const after = (await store.load(one)).incident;
      if (isActive(after) && after.delay !== undefined) break;
    }
    const seen = await store.load(one);
    await Promise.allSettled([tell(seen), tell(seen)]);
    return (await store.load(one)).incident;
  };

  const approveNow = (by = "UANN", head = sha("d")) =>
    process.handle(id, approve(by, { at: state.now, head, of: "the approvers of payment-gateway" }));
  const deploy = (commit = sha("f"), status: "succeeded" | "failed" = "succeeded") =>
    store.recordDeploy({
      service: "payment-gateway",
      environment: "production",
      sha: commit,
      status,
      at: state.now,
    });

  return {
    ...{ state, services: configuration().services },
    /** The registry that deploy reports are held against, by an image's digest. */
    registry: { origin: async ({ digest = "" }: Image) => state.origins.get(digest) },
    /** Puts another configuration in the place of the present one. */
    configure: (next: Config) => {
      config = next;
    },
    store,
    process,
    work,
    settle,
    handle: (command: Command) => process.handle(id, command),
    alerts: (alerts: Alert[], truncated = false) =>
      process.handle(id, { type: "RecordAlerts", at: state.now, alerts, truncated }),
    approve: approveNow,
    reject: (detail: string, by = "UANN") =>
      process.handle(id, { type: "Reject", at: state.now, round: 1, head: sha("d"), by, detail }),
    deploy,
    /** Asks, approves, merges, and deploys the merge at `at`. */
    bringLive: async (at: number): Promise<Incident> => {
      await settle();
      await approveNow();
      await settle();
      state.now = at;
      await deploy();
      return settle();
    },
  };
};

export const burning = alert({ startsAt: 10_000, annotations: { summary: "payments fail for minor units" } });
