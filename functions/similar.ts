import { emptyIncident, type Incident, type Started } from "../shared/incident/model.ts";
import { roundsBefore } from "../shared/incident/rounds/earlier.ts";
import { type Similar, similarTo } from "../shared/incident/rounds/similar.ts";
import type { Store } from "../shared/ports/store.ts";
import { inLanes } from "./lanes.ts";

/** Incidents in which similar ones are looked for, the latest written first: each is a read of the store. */
const mostCompared = 200;

/** Earlier troubles that are like this one, of the services that `isTold` names. */
export const similarIncidents = async (
  store: Pick<Store, "list" | "log">,
  incident: Started,
  isTold: (service: string) => boolean,
): Promise<Similar[]> => {
  const ids = (await store.list()).filter((id) => isTold(emptyIncident(id).service));
  const others: Incident[] = [];
  await inLanes(ids.slice(0, mostCompared), {
    ...{ lanes: 8, isOver: () => false },
    work: async (id) => {
      const rounds = roundsBefore(await store.log(id), Number.POSITIVE_INFINITY);
      others.push(...rounds.map((round) => ({ ...round, id })));
    },
  });
  return similarTo(incident, others);
};
