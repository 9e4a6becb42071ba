import { isReviewDue, tick } from "../../functions/tick.ts";
import { stepOf } from "../../shared/incident/due-steps.ts";
import { followUpDue } from "../../shared/incident/follow-up.ts";
import { dueOf } from "../../shared/incident/model.ts";
import type { Definition } from "./host.ts";
import { processOf, storeOf } from "./store.ts";

/** How long after its due time an incident may be found by the first tick that gets to it. Past that an alarm reads `overdue`. */
const graceMs = 120_000;

/** Every minute: escalates what is overdue, and has everything that waits, or has news that nobody was told, looked at. */
export const ticker: Definition<unknown, void> = {
  name: "tick",
  make: (host) => {
    const store = storeOf(host);
    const onTick = tick({
      store,
      process: processOf(host, store),
      clock: host.clock,
      isBusy: store.isClaimed,
    });
    return async () => {
      const late = host.clock() - graceMs;
      const waiting = await onTick();
      const wanted = waiting.flatMap(({ incident, version }) => {
        const look = { id: incident.id, version };
        const own = { ...look, step: stepOf[incident.status] };
        if (incident.status === "proposed" && isReviewDue(incident, host.clock()))
          return [own, { ...look, step: "diagnose" as const }];
        return followUpDue(incident) === undefined ? [own] : [own, { ...look, step: "propose" as const }];
      });
      const untold = (await store.pending()).map(({ id, version }) => ({
        id,
        version,
        step: "announce" as const,
      }));
      await store.putLooks([...wanted, ...untold]);
      const overdue = waiting.filter(({ incident }) => (dueOf(incident) ?? late + 1) <= late).length;
      host.log.info("ticked", { waiting: waiting.length, untold: untold.length, overdue });
    };
  },
};
