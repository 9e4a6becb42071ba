import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Hono } from "hono";
import { everybody } from "../../functions/login/access.ts";
import { pages } from "../../functions/pages/pages.ts";
import { type SqliteStore, sqliteStore } from "../../shared/adapters/sqlite/store.ts";
import { parseConfig } from "../../shared/config.ts";
import { incidentId } from "../../shared/incident/model.ts";
import { createProcess } from "../../shared/process.ts";
import { runCommand, standardIo, wholeNumber } from "../host/command.ts";
import { policyOf } from "../host/settings/services.ts";
import { median } from "./median.ts";

const help = `usage: npm run bench:list -- [--incidents N] [--rounds N]

The list of incidents over a store of SQLite with many: the time of its first page, of a filter by text, and of its JSON, each the median
of the rounds, and the bytes of the page.
  --incidents N  services with an incident each (10000)
  --rounds N     (15)`;

const options = {
  incidents: { type: "string", default: "10000" },
  rounds: { type: "string", default: "15" },
} as const;

const begin = Date.UTC(2026, 10, 24);
const looks = [
  ["first page", "/incidents", "text/html"],
  ["text that none has", "/incidents?q=nowhere", "text/html"],
  ["JSON", "/incidents", "application/json"],
] as const;

const config = `services:
  - { name: any, match: ['service="any"'], repository: any/any, environments: [production], channel: C024BE91L }
`;

/** One opened incident for each service; returns how long one took. */
const filled = async (store: SqliteStore, count: number): Promise<string> => {
  const parsed = parseConfig(config);
  if ("problems" in parsed) throw new Error("the configuration of the bench is wrong");
  const policy = policyOf(parsed.config, "any");
  const log = { info() {}, warn() {}, error() {} };
  const { handle } = createProcess({ store, clock: () => begin, log, policyOf: () => policy });
  const from = performance.now();
  for (let first = 0; first < count; first += 500)
    await Promise.all(
      Array.from({ length: Math.min(500, count - first) }, (_, place) => {
        const service = `service-${first + place}`;
        const labels = { alertname: "ErrorsHigh", service, environment: "production" };
        const alert = { fingerprint: service, name: "ErrorsHigh", status: "firing", labels } as const;
        return handle(incidentId(service, "production"), {
          ...{ type: "RecordAlerts", at: begin, truncated: false },
          alerts: [{ ...alert, annotations: { summary: "payments fail" }, startsAt: begin - 60_000 }],
        });
      }),
    );
  return `${count} incidents, ${((performance.now() - from) / count).toFixed(2)} ms to open one`;
};

const main = (argv: string[], io = standardIo()): Promise<number> =>
  runCommand({ name: "bench:list", help, options }, { argv, io }, async ({ values }) => {
    const incidents = wholeNumber("--incidents", values.incidents);
    const rounds = wholeNumber("--rounds", values.rounds);
    const dir = mkdtempSync(join(tmpdir(), "bench-list-"));
    const store = await sqliteStore({ path: join(dir, "countersteer.db") });
    try {
      io.out(`${await filled(store, incidents)}\n`);
      let now = begin;
      const { list } = pages({ store, clock: () => now, people: () => ({}) });
      const app = new Hono();
      app.get("/incidents", (context) => list(context, { reader: everybody, isVisible: () => true }));
      for (const [name, path, accept] of looks) {
        const times: number[] = [];
        let bytes = 0;
        for (let round = 0; round < rounds; round++) {
          // Readers within a second share their work.
          now += 2_000;
          const from = performance.now();
          bytes = (await (await app.request(path, { headers: { accept } })).text()).length;
          times.push(performance.now() - from);
        }
        io.out(
          `${name.padEnd(20)} ${median(times).toFixed(0).padStart(5)} ms  ${(bytes / 1000).toFixed(0)} KB\n`,
        );
      }
      return 0;
    } finally {
      await store.close();
      rmSync(dir, { recursive: true });
    }
  });

process.exitCode = await main(process.argv.slice(2));
