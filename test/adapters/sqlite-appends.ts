import { sqliteStore } from "../../shared/adapters/sqlite.ts";
import { ConflictError } from "../../shared/errors.ts";
import type { Incident } from "../../shared/incident/model.ts";

/** Appends without end, eight writers on twelve services, and prints `id version` for each one acknowledged. Ends by being killed. */
const store = await sqliteStore({ path: process.argv[2]! });
process.stdout.write("opened\n");

const append = async (id: string): Promise<void> => {
  const { incident, version } = await store.load(id);
  const at = version + 1;
  const next: Incident = {
    status: "opened",
    ...{ id, service: incident.service, environment: incident.environment, round: at, alerts: [] },
    ...{ openedAt: at, onsetAt: at, truncated: false, due: at },
  };
  const written = await store.append(id, version, next, [
    { type: "IncidentClosed", at, outcome: "recovered" },
  ]);
  process.stdout.write(`${id} ${written}\n`);
};

const write = async (writer: number): Promise<never> => {
  for (let i = writer; ; i += 5)
    await append(`service-${i % 12}/production`).catch((error: unknown) => {
      if (!(error instanceof ConflictError)) throw error;
    });
};
await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(write));
