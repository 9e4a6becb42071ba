import { join } from "node:path";
import { archiveDir, writeArchive } from "../../infra/host/adapters/archive.ts";
import { sqliteStore } from "../../shared/adapters/sqlite/store.ts";
import { createProcess } from "../../shared/process.ts";
import { alert, notify, policy, resolved, sha } from "../support/incident.ts";

/** Writes to a new data directory as the server does, and prints a line of JSON for each thing that the server would answer 2xx for. */
const dataDir = process.argv[2] ?? "";
const path = join(dataDir, "countersteer.db");
const day = 24 * 60 * 60 * 1000;
let store = await sqliteStore({ path });

const silent = { info() {}, warn() {}, error() {} };
const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`);

/** One round of an incident: it begins on the day, and its alert resolves an hour later. */
const round = async (id: string, on: number): Promise<void> => {
  const { handle } = createProcess({ store, clock: () => 0, log: silent, policyOf: () => policy });
  const at = on * day;
  await handle(id, notify([alert({ startsAt: at })], { at }));
  say({ incident: id, version: (await store.load(id)).version });
  await handle(id, notify([resolved({ startsAt: at, endsAt: at + 1 })], { at: at + 1 }));
  const { version } = await store.load(id);
  say({ incident: id, version });
  await store.consume(id, version);
};
const deploy = async (letter: string): Promise<void> => {
  const place = { service: "shop", environment: "production", status: "succeeded" } as const;
  await store.recordDeploy({ ...place, sha: sha(letter), at: day });
  say({ deploy: sha(letter) });
};
const archive = (): Promise<number> =>
  store.archive(5 * day, async (facts) => void writeArchive(archiveDir(dataDir), 9 * day, facts));

await round("api/production", 1);
await Promise.all([round("web/production", 2), deploy("a"), round("jobs/production", 8)]);
await archive();
await round("api/production", 9);
await store.close();
store = await sqliteStore({ path });
await deploy("b");
await store.setRegister("switch", 0, { stopped: true, at: day, by: "ann", why: "too much" });
say({ stopped: true });
await round("web/production", 10);
await store.close();
