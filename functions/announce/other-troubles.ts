import { alertsOfRound } from "../../shared/incident/alerts/alerts.ts";
import { troubleIds } from "../../shared/incident/alerts/troubles.ts";
import { type Incident, incidentId, isActive } from "../../shared/incident/model.ts";
import type { Store } from "../../shared/ports/store.ts";
import type { BesideTrouble } from "../../shared/text/chat-message.ts";

/** The other open troubles of the incident's service. Only the first one knows how many there are. */
export const besideTroubles = async (
  store: Pick<Store, "load">,
  incident: Incident,
): Promise<BesideTrouble[]> => {
  const { id, service, environment } = incident;
  const first = incidentId(service, environment);
  const ids = troubleIds(id === first ? incident : (await store.load(first)).incident);
  const others = await Promise.all(ids.filter((other) => other !== id).map((other) => store.load(other)));
  return others
    .map((stored) => stored.incident)
    .filter(isActive)
    .map((other) => ({ id: other.id, alerts: [...new Set(alertsOfRound(other).map(({ name }) => name))] }));
};
