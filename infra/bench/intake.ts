import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand, standardIo, wholeNumber } from "../host/command.ts";
import { type Child, startChild } from "./child.ts";
import { load } from "./load.ts";
import { median, quantile } from "./median.ts";
import { config, webhooks } from "./webhook.ts";

const help = `usage: npm run bench -- [options]

Durable intake of ten-alert webhooks against a bare node:http server that keeps nothing, in turns on this machine.
  --rounds N       turns of each server (5)
  --ms N           length of a turn (2000)
  --connections N  keep-alive connections (32)
  --server ARGV    what to run instead of the intake, e.g. "infra/cli/cli.ts start"
  --dir PATH       where the database lives; on a memory disk durability costs nothing (the temporary directory)
  --json           one JSON object instead of a table`;

/** The result of one turn; times in ms. */
type Turn = {
  requests: number;
  perSecond: number;
  p50: number;
  p99: number;
  cpuMicros: number;
  commits: number;
  refused: number;
};

const options = {
  rounds: { type: "string", default: "5" },
  ms: { type: "string", default: "2000" },
  connections: { type: "string", default: "32" },
  server: { type: "string", default: join(import.meta.dirname, "intake-server.ts") },
  dir: { type: "string", default: tmpdir() },
  json: { type: "boolean", default: false },
} as const;

type Given = {
  rounds: number;
  ms: number;
  connections: number;
  server: string;
  dir: string;
  json: boolean;
};

const main = async ({ rounds, ms, connections, server, dir, json }: Given): Promise<void> => {
  const directory = mkdtempSync(join(dir, "countersteer-bench-"));
  const configFile = join(directory, "config.yaml");
  writeFileSync(configFile, config());
  const token = "bench-token";
  const env = { DATA_DIR: directory, COUNTERSTEER_CONFIG: configFile, ALERTMANAGER_TOKEN: token };
  const children: Child[] = [];
  try {
    const bare = await startChild([join(import.meta.dirname, "raw-server.ts")], env);
    children.push(bare);
    const ours = await startChild(server.split(" "), env);
    children.push(ours);
    const next = webhooks(new Date());
    const turn = async (child: Child): Promise<Turn> => {
      const before = await child.usage();
      const run = await load({ port: child.port, token, connections, ms, next });
      const after = await child.usage();
      const requests = run.latencies.length;
      return {
        requests,
        perSecond: requests / run.seconds,
        p50: quantile(run.latencies, 0.5),
        p99: quantile(run.latencies, 0.99),
        cpuMicros: (after.cpuMicros - before.cpuMicros) / requests,
        commits: (after.commits - before.commits) / requests,
        refused: run.refused,
      };
    };
    const turns: { bare: Turn; ours: Turn }[] = [];
    // The first turns warm up and are left out.
    for (let round = -1; round < rounds; round++) {
      const pair = { bare: await turn(bare), ours: await turn(ours) };
      if (round >= 0) turns.push(pair);
    }
    report(turns, json);
  } finally {
    for (const child of children) await child.stop();
    rmSync(directory, { recursive: true });
  }
};

const report = (turns: { bare: Turn; ours: Turn }[], json: boolean): void => {
  const of = (which: "bare" | "ours") => {
    const middle = (key: keyof Turn) => median(turns.map((turn) => turn[which][key]));
    return {
      cpuMicros: middle("cpuMicros"),
      perSecond: middle("perSecond"),
      p50: middle("p50"),
      p99: middle("p99"),
      commits: middle("commits"),
      requests: turns.reduce((sum, turn) => sum + turn[which].requests, 0),
      refused: turns.reduce((sum, turn) => sum + turn[which].refused, 0),
    };
  };
  const ratios = turns.map(({ bare, ours }) => ours.cpuMicros / bare.cpuMicros);
  const result = { bare: of("bare"), ours: of("ours"), cpuRatio: median(ratios), cpuRatios: ratios };
  if (json) {
    console.log(JSON.stringify(result));
    return;
  }
  const row = (name: string, { cpuMicros, perSecond, p50, p99, commits, refused }: (typeof result)["bare"]) =>
    [name, cpuMicros, perSecond, p50.toFixed(1), p99.toFixed(1), commits.toFixed(2), refused]
      .map((cell) => (typeof cell === "number" ? cell.toFixed(0) : cell).padStart(12))
      .join("");
  console.log(
    ["", "CPU µs/req", "req/s", "p50 ms", "p99 ms", "commits/req", "refused"]
      .map((cell) => cell.padStart(12))
      .join(""),
  );
  console.log(`${row("bare", result.bare)}\n${row("ours", result.ours)}`);
  const [low, high] = [Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(2));
  console.log(
    `CPU per request, ours over bare: ${result.cpuRatio.toFixed(2)} (${low} to ${high}; medians of ${turns.length} turns each)`,
  );
};

process.exitCode = await runCommand(
  { name: "bench", help, options },
  { argv: process.argv.slice(2), io: standardIo() },
  async ({ values: { rounds, ms, connections, ...rest } }) => {
    await main({
      rounds: wholeNumber("--rounds", rounds),
      ms: wholeNumber("--ms", ms),
      connections: wholeNumber("--connections", connections),
      ...rest,
    });
    return 0;
  },
);
