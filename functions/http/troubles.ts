import type { IncidentId } from "../../shared/brands.ts";
import { troubleIds } from "../../shared/incident/alerts/troubles.ts";
import { incidentId } from "../../shared/incident/model.ts";
import type { Store, Stored } from "../../shared/ports/store.ts";
import type { ReceiverContext } from "./context.ts";

/** A service's troubles as stored, by number; the first one is always there, if only as one that never was. */
export const openTroubles = async (store: Store, service: string, environment: string): Promise<Stored[]> => {
  const first = await store.load(incidentId(service, environment));
  const [, ...others] = troubleIds(first.incident);
  return [first, ...(await Promise.all(others.map((id) => store.load(id))))];
};

/** The incidents that a change of a service may be about: its own troubles, and those of the services that depend on it. */
export const affectedBy = async (
  { store, config }: Pick<ReceiverContext, "store" | "config">,
  changed: { service: string; environment: string }[],
): Promise<IncidentId[]> => {
  const ids = await Promise.all(
    changed.flatMap(({ service, environment }) => {
      const dependents = config.services.filter(
        ({ dependsOn = [], environments }) =>
          dependsOn.includes(service) && environments.includes(environment),
      );
      return [service, ...dependents.map(({ name }) => name)].map(async (name) =>
        troubleIds((await store.load(incidentId(name, environment))).incident),
      );
    }),
  );
  return [...new Set(ids.flat())];
};
