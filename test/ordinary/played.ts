import type { Event } from "../../shared/incident/events.ts";
import type { Diagnosis } from "../../shared/incident/model.ts";
import { parseMatcher } from "../../shared/policy/match.ts";
import type { LogLine } from "../../shared/ports/logs.ts";
import { policy, service, type World, type WorldGiven, world } from "../support/world.ts";
import { caseOf, now, type Ordinary } from "./weigh.ts";

/** The diagnosis of the loop, and whether its change is proposed. */
export type Played = { diagnosis: Diagnosis; isProposed: boolean };

const id = "shop/production";

/** Plays an incident through the steps. They read deploys from the store, metrics and logs by their ports, as production does. */
export const played = async (
  given: Ordinary,
  worldOf: (given: Omit<WorldGiven, "store">) => World | Promise<World> = world,
): Promise<Played> => {
  const { alerts, commits, deploys, folders = [], flags = [], logs = [], series = [] } = caseOf(given);
  const traffic = series.find(({ load }) => load === true);
  const made = await worldOf({
    configured: service({
      ...{ name: "shop", match: [parseMatcher('service="shop"')!], repository: "acme/shop" },
      ...{ paths: folders, policy: { ...policy, minConfidence: 0.5 } },
      ...(given.logs !== undefined && { logs: { loki: "{}" } }),
      ...(traffic !== undefined && { traffic: "requests" }),
    }),
  });
  Object.assign(made.state, { now, commits });
  logged(made, logs);
  made.work.metrics.course = async (_, { name }) => ({
    forMs: 0,
    series: series.filter(({ alert, load }) => alert === name && load !== true),
  });
  made.work.metrics.values = async () => ({ points: traffic?.points ?? [] });
  for (const deploy of deploys) await made.store.recordDeploy(deploy);
  for (const flip of flags) await made.store.recordFlip({ environment: "production", ...flip });
  await made.process.handle(id, { type: "RecordAlerts", at: now, alerts, truncated: false });
  await made.settle(id);
  return resultOf(await made.store.log(id));
};

const logged = ({ work }: World, logs: LogLine[]): void => {
  const lines = async (_: unknown, { from, to }: { from: number; to: number }) => ({
    lines: logs.filter(({ at }) => at >= from && at < to),
  });
  Object.assign(work, { logs: { lines } });
};

const unproposed: string[] = ["low_confidence", "no_suspect"];
const resultOf = (events: Event[]): Played => {
  const [diagnosed] = events.flatMap((event) => (event.type === "IncidentDiagnosed" ? [event] : []));
  if (diagnosed === undefined) throw new Error(`not diagnosed: ${JSON.stringify(events)}`);
  const isProposed = !events.some(
    (event) => event.type === "IncidentEscalated" && unproposed.includes(event.reason),
  );
  return { diagnosis: diagnosed.diagnosis, isProposed };
};
