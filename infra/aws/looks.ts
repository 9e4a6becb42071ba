import type { DynamodbStore } from "../../shared/adapters/dynamodb/store.ts";
import { troubleIds } from "../../shared/incident/alerts/troubles.ts";
import { isKept, isWatched } from "../../shared/incident/model.ts";
import { type StepName, stepsOf } from "../../shared/incident/schedule/due-steps.ts";

/** The steps that a function which changes no incident asks for by itself. */
export type Looks = "all" | StepName[];

/** Has these incidents and the troubles beside them looked at by those of the steps that are due. */
export const askForLooks = async (store: DynamodbStore, ids: string[], steps: Looks): Promise<void> => {
  const first = await Promise.all(ids.map(store.load));
  const others = new Set(first.flatMap(({ incident }) => troubleIds(incident).slice(1)));
  for (const id of ids) others.delete(id);
  const stored = [...first, ...(await Promise.all([...others].map(store.load)))];
  await store.putLooks(
    stored.flatMap(({ incident, version }) =>
      isWatched(incident)
        ? stepsOf(incident.status)
            .filter((step) => steps === "all" || steps.includes(step) || isKept(incident))
            .map((step) => ({ id: incident.id, version, step }))
        : [],
    ),
  );
};
