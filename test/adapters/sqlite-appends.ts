import { sqliteStore } from "../../shared/adapters/sqlite/store.ts";
import { ConflictError } from "../../shared/errors.ts";
import { evolve } from "../../shared/incident/evolve.ts";
import { openedEvent } from "../support/facts.ts";

/** Appends without end, eight writers on twelve services, and prints `id version` for each one acknowledged. Ends by being killed. */
const store = await sqliteStore({ path: process.argv[2]! });
process.stdout.write("opened\n");

const append = async (id: string): Promise<void> => {
  const { incident, version } = await store.load(id);
  const opened = openedEvent(version + 1);
  const written = await store.append(id, version, evolve(incident, opened), [opened]);
  process.stdout.write(`${id} ${written}\n`);
};

const write = async (writer: number): Promise<never> => {
  for (let i = writer; ; i += 5)
    await append(`service-${i % 12}/production`).catch((error: unknown) => {
      if (!(error instanceof ConflictError)) throw error;
    });
};
await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(write));
