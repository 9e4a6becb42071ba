import { randomUUID } from "node:crypto";
import type { Work } from "../../functions/step.ts";
import { stoppable, stoppableMerging, stoppableRedeploys } from "../../functions/stop/stoppable.ts";
import type { Claim, Refusal } from "../../shared/adapters/dynamodb/claim.ts";
import { type BusEvent, readNote } from "../../shared/adapters/eventbridge/detail.ts";
import type { GithubPorts } from "../../shared/adapters/github/github.ts";
import type { Status } from "../../shared/incident/model.ts";
import { asOf } from "../../shared/policy/emergency.ts";
import type { ActiveAlerts } from "../../shared/ports/active-alerts.ts";
import type { Chat } from "../../shared/ports/chat.ts";
import type { Decisions } from "../../shared/ports/decisions.ts";
import type { StopIssues } from "../../shared/ports/kill-switch.ts";
import type { Logs } from "../../shared/ports/logs.ts";
import type { Metrics } from "../../shared/ports/metrics.ts";
import type { Opinions } from "../../shared/ports/opinions.ts";
import type { Redeploys } from "../../shared/ports/redeploys.ts";
import type { Registry } from "../../shared/ports/registry.ts";
import type { Store } from "../../shared/ports/store.ts";
import type { Traces } from "../../shared/ports/traces.ts";
import type { Step } from "../../shared/process.ts";
import { serviceOf, servicesIn } from "../host/settings/services.ts";
import { deniedPort } from "./adapters/denied.ts";
import { processOf, storeOf } from "./adapters/store.ts";
import type { Definition, Env, FunctionName, Host } from "./host.ts";
import { stopOf } from "./stop.ts";

/**
 * The time for which a step keeps others from its incident, unless it ends before. It is longer than any function may run, so a step
 * that was cut off has ended when the next begins.
 */
export const leaseMs = 90_000;
/** The time to wait for work that is under way, in ms. A look that the tick asked for does not wait: the next tick asks again. */
const retryWaits = [250, 750];

export type Ports = {
  source?: (host: Host) => GithubPorts;
  chat?: (host: Host) => Chat;
  metrics?: (host: Host) => Metrics;
  logs?: (host: Host) => Logs;
  traces?: (host: Host) => Traces;
  registry?: (host: Host) => Registry | undefined;
  activeAlerts?: (host: Host) => ActiveAlerts | undefined;
  decisions?: (host: Host) => Decisions | undefined;
  opinions?: (host: Host) => Opinions | undefined;
  redeploys?: (host: Host) => Redeploys;
  places?: (host: Host) => NonNullable<Work["places"]>;
};

/** A function that runs one step of the loop when an event wakes it. The event only names the incident; the stored state decides. */
export const stepFunction = <S extends Status>(
  step: (work: Work) => Step<S>,
  ports: Ports = {},
): Definition<BusEvent, void> => {
  const { name, statuses } = step(deniedPort<Work>("work"));
  return {
    name: name as FunctionName,
    make: (host) => {
      const store = storeOf(host);
      const given = portsOf(host, ports);
      const lease = leaseOf(host);
      return async (event) => {
        const { incidentId: id, version } = readNote(event);
        const waits = event["detail-type"] === "LookAsked" && name !== "diagnose" ? [] : retryWaits;
        const claim = await claimWithRetries(
          () => store.claim(id, { purpose: "work", statuses, version, leaseMs: lease }),
          { wait: host.wait, waits },
        );
        if ("refused" in claim) {
          host.log.info("nothing to do", { incident: id, because: claim.refused, version });
          return;
        }
        try {
          const work = workOf(host, claim.store, given);
          await processOf(host, claim.store).run(step(work), await claim.store.load(id));
        } finally {
          await claim.release();
        }
      };
    },
  };
};

/** Claims once more while another works on the incident, but not for ever: the tick comes back to it. */
const claimWithRetries = async (
  claim: () => Promise<Claim | Refusal>,
  { wait, waits }: { wait: Host["wait"]; waits: number[] },
): Promise<Claim | Refusal> => {
  for (const ms of waits) {
    const taken = await claim();
    if (!("refused" in taken) || taken.refused !== "busy") return taken;
    await wait(ms);
  }
  return claim();
};

export const leaseOf = ({ env }: Pick<Host, "env">): number => Number(env.LEASE_MS ?? leaseMs);

type Given = Omit<
  Work,
  "store" | "clock" | "nonce" | "configuration" | "serviceOf" | "servicesIn" | "handle" | "pageOf"
> & {
  issues: StopIssues;
};

export const portsOf = (
  host: Host,
  {
    source,
    chat,
    metrics,
    logs,
    registry,
    activeAlerts,
    decisions,
    redeploys,
    traces,
    places,
    opinions,
  }: Ports,
): Given => {
  const asked = registry?.(host);
  const { stands } = host;
  const held = activeAlerts && (stands ? stands.activeAlerts : activeAlerts(host));
  const denied = repository(deniedPort<GithubPorts>("source"));
  const { issues } = denied;
  const policy = decisions?.(host);
  const model = opinions?.(host);
  return {
    ...(source === undefined ? denied : stands ? { ...stands.source, issues } : repository(source(host))),
    chat: chat === undefined ? deniedPort<Chat>("chat") : (stands?.chat ?? chat(host)),
    metrics: metrics === undefined ? deniedPort<Metrics>("metrics") : (stands?.metrics ?? metrics(host)),
    ...(logs === undefined ? {} : { logs: stands?.logs ?? logs(host) }),
    ...(traces === undefined ? {} : { traces: traces(host) }),
    ...(places === undefined ? {} : { places: places(host) }),
    ...(asked === undefined ? {} : { registry: asked }),
    ...(held === undefined ? {} : { activeAlerts: held }),
    ...(policy === undefined ? {} : { decisions: policy }),
    ...(model === undefined ? {} : { opinions: model }),
    ...(redeploys === undefined ? {} : { redeploys: stands?.redeploys ?? redeploys(host) }),
  };
};

/** A browser cannot sign a request as an identity of the account: its page has a link only where the configuration names a way there. */
export const pageOf = (baseUrl: string | undefined, { PAGES_LOGIN: login, BASE_URL }: Env, id: string) => {
  if (login === "off" || (login === "iam" && baseUrl === undefined)) return undefined;
  return `${baseUrl ?? BASE_URL ?? ""}/incidents/${id}`;
};

const repository = (source: GithubPorts) => ({
  ...{ history: source, trees: source, pulls: source, changes: source, issues: source },
  merging: source,
  accounts: source,
});

export const workOf = (host: Host, store: Store, { issues, ...given }: Given): Work => {
  const { clock, config, env } = host;
  const stop = stopOf(host, issues, store);
  return {
    ...{ store, clock, ...given, killSwitch: stop, pulls: stoppable(given.pulls, stop) },
    merging: stoppableMerging(given.merging, stop),
    ...(given.redeploys && { redeploys: stoppableRedeploys(given.redeploys, stop) }),
    ...{ nonce: randomUUID, configuration: () => asOf(config(), clock()) },
    handle: processOf(host, store).handle,
    serviceOf: (name) => serviceOf(config(), name),
    servicesIn: (repository) => servicesIn(config(), repository),
    pageOf: (id) => pageOf(config().baseUrl, env, id),
  };
};
