import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach } from "node:test";
import { sqliteStore as openStore, type SqliteStore } from "../../shared/adapters/sqlite/store.ts";
import type { Alert, Incident } from "../../shared/incident/model.ts";
import type { Store } from "../../shared/ports/store.ts";
import { after as made, openedEvent } from "../support/facts.ts";

export const directory = mkdtempSync(join(tmpdir(), "countersteer-"));
after(() => rmSync(directory, { recursive: true }));

let files = 0;

export const newPath = (): string => join(directory, `${++files}.db`);

/** Closed after the test, however it ends: an open store keeps the process running. */
const stores: SqliteStore[] = [];

export const sqliteStore: typeof openStore = async (options) => {
  const store = await openStore(options);
  stores.push(store);
  return store;
};

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

export const opened = (id: string, round = 1, alerts: Alert[] = []): Incident =>
  made(id, openedEvent(round, alerts));

export const ids = (n: number): string[] => Array.from({ length: n }, (_, i) => `service-${i}/production`);

export const open = (store: Store, id: string, size = 0): Promise<number> =>
  store.append(id, 0, opened(id, 1, bulk(size)), [openedEvent(1, bulk(size))]);

export const bulk = (size: number): Alert[] =>
  size === 0 ? [] : [{ ...alertOf(1, 1), annotations: { summary: "x".repeat(size) } }];

export const alertOf = (n: number, round: number): Alert => ({
  fingerprint: `f${n}`,
  name: "A",
  labels: { [`l${round % 2}`]: "v" },
  annotations: {},
  startsAt: n,
  ...(round % 3 === 0 ? { status: "resolved", endsAt: round } : { status: "firing" }),
});
