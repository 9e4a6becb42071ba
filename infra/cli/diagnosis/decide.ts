import type { Work } from "../../../functions/step.ts";
import { runner } from "../../../functions/steps.ts";
import { memoryStore } from "../../../shared/adapters/memory.ts";
import type { Configured } from "../../../shared/config.ts";
import { type Alert, type Incident, incidentId, isActive } from "../../../shared/incident/model.ts";
import type { Accounts } from "../../../shared/ports/accounts.ts";
import type { Chat } from "../../../shared/ports/chat.ts";
import type { Merging } from "../../../shared/ports/merging.ts";
import type { Stored } from "../../../shared/ports/store.ts";
import { createProcess } from "../../../shared/process.ts";
import { unmeasured } from "../../host/settings/services.ts";
import { uncalled } from "../uncalled.ts";
import type { Past } from "./recorded-source.ts";
import { type Decision, decisionOf } from "./report.ts";

/** Alerts of a service that fire at a moment, and its repository as it was then. */
export type Trouble = { alerts: Alert[]; at: number; past: Past; service: Configured; environment: string };

/** The service with what a past repository can tell of it: no other repository is read. */
export const inPast = (
  service: Configured,
  { past, repository }: { past: Past; repository: string },
): Configured => {
  const { dependsOn: _, gitops: __, ...alone } = service;
  return past.isClone ? { ...alone, repository, branch: "HEAD" } : { ...alone, repository };
};

/** The product's own steps, over a repository as it was and a store that is forgotten. */
export const decisionAt = async ({ alerts, at, past, service, environment }: Trouble): Promise<Decision> => {
  // Nothing becomes known later in a replay, so the first look is the last.
  const policy = { ...service.policy, lookAgainMs: [] };
  const store = memoryStore();
  const clock = () => at;
  const log = { info() {}, warn() {}, error() {} };
  const process = createProcess({ store, clock, log, policyOf: () => policy });
  const work: Work = {
    ...{ store, clock, ...past.ports, chat: uncalled<Chat>(), metrics: unmeasured },
    ...{
      accounts: uncalled<Accounts>(),
      merging: uncalled<Merging>(),
      nonce: () => "",
      configuration: () => ({ services: [service] }),
    },
    serviceOf: () => service,
    servicesIn: () => [service],
    handle: process.handle,
    pageOf: (id) => `/incidents/${id}`,
  };
  const id = incidentId(service.name, environment);
  let stored: Stored = await process.handle(id, {
    type: "RecordAlerts",
    at,
    alerts: asOf(alerts, at),
    truncated: false,
  });
  const run = runner(process, work);
  while (stored.incident.status === "opened" || stored.incident.status === "diagnosed") {
    const handled = await run({ ...stored, incident: failed(stored.incident) });
    if (handled === undefined) break;
    stored = handled;
  }
  return decisionOf(failed(stored.incident), past);
};

/** A failed read delays an incident of the product; a replay does not wait. */
const failed = (incident: Incident): Incident => {
  if (isActive(incident) && incident.delay !== undefined) throw new Error(incident.delay.detail);
  return incident;
};

/** The alerts as they were at the moment; all of them firing when none was yet, or none any more. */
const asOf = (alerts: Alert[], at: number): Alert[] => {
  const then = alerts.filter(
    ({ startsAt, endsAt }) => startsAt <= at && (endsAt === undefined || endsAt > at),
  );
  return (then.length > 0 ? then : alerts).map(({ endsAt: _, ...alert }) => ({ ...alert, status: "firing" }));
};
