import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { archiveOld } from "../../infra/local/retention.ts";
import { pageSize } from "../../shared/adapters/sqlite/schema.ts";
import { sqliteStore } from "../../shared/adapters/sqlite/store.ts";
import { alert, resolved } from "../support/incident.ts";
import { silent, type World, world } from "../support/world.ts";

const day = 24 * 60 * 60 * 1000;
/** Ended rounds are kept for so long; after it, as much goes as comes. */
export const keptDays = 5;

export type Given = { days: number; roundsADay: number; services: number };
/** The size of everything that might grow. `rows` by table; `timers` are those that keep the process alive. */
export type Sizes = {
  day: number;
  rows: Record<string, number>;
  fileBytes: number;
  incidents: number;
  openFiles: number;
  timers: number;
  heapBytes: number;
};
export type Soaked = { sizes: Sizes[]; rounds: number; archives: number };

/**
 * Lets troubles come and go for `days` of virtual time in one process, on one database: each round is diagnosed, told and ended, and once a
 * day what is old is archived. The sizes are measured at the end of each day.
 */
export const soak = async (dir: string, { days, roundsADay, services }: Given): Promise<Soaked> => {
  const path = join(dir, "countersteer.db");
  const store = await sqliteStore({ path });
  const made = world({ store });
  made.state.commits = [];
  const archive = join(dir, "archive");
  const sizes: Sizes[] = [];
  let rounds = 0;
  for (let today = 1; today <= days; today++) {
    for (let count = 0; count < roundsADay; count++) {
      made.state.now = today * day + count * 60_000;
      await comesAndGoes(made, `service-${rounds % services}/production`);
      rounds += 1;
    }
    for (const { id, version } of await store.pending()) await store.consume(id, version);
    const clock = () => made.state.now;
    await store.ready();
    await archiveOld({ store, dir: archive, clock, log: silent, retentionMs: () => keptDays * day });
    forgetOutside(made);
    sizes.push({ day: today, ...(await sizesOf(path)), incidents: (await store.list()).length });
  }
  await store.close();
  return { sizes, rounds, archives: readdirSync(archive).length };
};

const comesAndGoes = async ({ process, state, settle }: World, id: string): Promise<void> => {
  const at = state.now;
  const told = { type: "RecordAlerts", truncated: false } as const;
  await process.handle(id, { ...told, at, alerts: [alert({ startsAt: at })] });
  await settle(id);
  await process.handle(id, { ...told, at: at + 1, alerts: [resolved({ startsAt: at, endsAt: at + 1 })] });
  state.reading = { result: "quiet", since: 0 };
  await settle(id);
};

/** The stand-ins for GitHub and Slack would remember everything. */
const forgetOutside = ({ state }: World): void => {
  for (const kept of [state.messages, state.replies, state.comments, state.pulls]) kept.clear();
  for (const kept of [state.checks, state.proposals, state.whispers, state.pictures, state.illustrated])
    kept.length = 0;
};

const sizesOf = async (path: string): Promise<Omit<Sizes, "day" | "incidents">> => {
  const db = new DatabaseSync(path, { readOnly: true });
  const names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
  const rows = names.map(({ name }) => [
    String(name),
    Number(db.prepare(`SELECT count(*) AS n FROM "${name}"`).get()?.n),
  ]);
  db.close();
  globalThis.gc?.();
  return {
    rows: Object.fromEntries(rows),
    fileBytes: statSync(path).size,
    openFiles: readdirSync("/proc/self/fd").length,
    timers: process.getActiveResourcesInfo().filter((name) => name === "Timeout").length,
    heapBytes: process.memoryUsage().heapUsed,
  };
};

/** Indexes fill their pages unevenly at first: the file takes two more by day 18, and none from then to day 84. */
const settlingBytes = 2 * pageSize;

type Compared = [name: string, before: number, after: number];

/** The sizes that are larger at the end than halfway, by more than `share`. By then as much goes as comes. */
export const grown = ({ sizes }: Soaked, share: number): string[] => {
  const [half, end] = [sizes[Math.floor(sizes.length / 2)], sizes.at(-1)];
  if (half === undefined || end === undefined) return ["nothing was measured"];
  const compared: Compared[] = [
    ...Object.entries(end.rows).map(
      ([table, count]): Compared => [`rows of ${table}`, half.rows[table] ?? 0, count],
    ),
    ["incidents", half.incidents, end.incidents],
    ["bytes of the file", half.fileBytes + settlingBytes, end.fileBytes],
    ["open files", half.openFiles, end.openFiles],
    ["timers", half.timers, end.timers],
  ];
  // Without a collection before each measure the heap tells nothing.
  if (globalThis.gc !== undefined) compared.push(["bytes of the heap", half.heapBytes, end.heapBytes]);
  return compared
    .filter(([, before, after]) => after > before * (1 + share))
    .map(([name, before, after]) => `${name}: ${before} on day ${half.day}, ${after} on day ${end.day}`);
};
