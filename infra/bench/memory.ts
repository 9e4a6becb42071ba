import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { runCommand, standardIo, wholeNumber } from "../host/command.ts";
import { type Child, startChild } from "./child.ts";
import { median } from "./median.ts";
import { config } from "./webhook.ts";

const help = `usage: npm run bench:memory -- [options]

The resident memory of the receivers while strangers send bodies that nothing proves: each connection sends as much as the server takes, and
holds what it has sent. Prints how far the most that the process ever had grew, for each door: the median of several processes.
  --connections N  connections at a time (500)
  --ms N           how long each door is held (5000)
  --runs N         processes for each door, each started for its run alone (5)
  --again          whoever is refused comes again at once, so that thousands of bodies come in a second
  --json           one JSON object instead of a table`;

const options = {
  connections: { type: "string", default: "500" },
  ms: { type: "string", default: "5000" },
  runs: { type: "string", default: "5" },
  again: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
} as const;
type Given = { connections: number; ms: number; runs: number; again: boolean; json: boolean };

/** Each door with a header that makes it read a body before it knows who sends. */
const doors = {
  github: ["/webhooks/github", "x-hub-signature-256: sha256=00"],
  slack: ["/slack/interactions", "x-slack-signature: v0=00"],
  alertmanager: ["/webhooks/alertmanager", "x-grafana-alerting-signature: 00"],
  deploys: ["/webhooks/deploys", "x-signature: sha256=00"],
} as const;
type Door = readonly [path: string, header: string];

const piece = Buffer.alloc(64 * 1024, "[");
const chunk = Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n")]);

/** Sends chunks for as long as the server reads them, and never ends the body. */
const endlessly = (socket: Socket, [path, header]: Door): void => {
  const more = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: localhost\r\n${header}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
  );
  more();
  socket.on("drain", more);
};

const stranger = (port: number, door: Door): Socket => {
  const socket = connect(port, "127.0.0.1");
  socket.on("connect", () => endlessly(socket, door));
  return socket.on("error", () => {}).resume();
};

const refused = async (port: number, [path, header]: Door): Promise<void> => {
  const [name = "", value = ""] = header.split(": ");
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    ...{ method: "POST", headers: { [name]: value }, body: "{}" },
  });
  await response.arrayBuffer();
};

const hold = async (child: Child, door: Door, { connections, ms, again }: Given): Promise<number> => {
  const sockets = new Set<Socket>();
  let isOver = false;
  const open = (): void => {
    const socket = stranger(child.port, door);
    sockets.add(socket);
    socket.on("close", () => {
      sockets.delete(socket);
      if (again && !isOver) setTimeout(open, 20);
    });
  };
  for (let index = 0; index < connections; index++) open();
  await pause(ms);
  isOver = true;
  for (const socket of sockets) socket.destroy();
  return (await child.usage()).peakBytes;
};

const mib = (bytes: number): number => Math.round(bytes / 1024 / 1024);

/** The resident memory of a new process, in MiB. */
const measured = async (
  door: Door,
  env: Record<string, string>,
  given: Given,
): Promise<{ before: number; most: number }> => {
  const child = await startChild([join(import.meta.dirname, "intake-server.ts")], env);
  try {
    // Small bodies warm the door up: compiled code is not a body.
    for (let turn = 0; turn < 50; turn++) await refused(child.port, door);
    const before = (await child.usage()).peakBytes;
    return { before: mib(before), most: mib(await hold(child, door, given)) };
  } finally {
    await child.stop();
  }
};

const environmentIn = (directory: string): Record<string, string> => {
  const configFile = join(directory, "config.yaml");
  writeFileSync(configFile, config());
  const secrets = ["ALERTMANAGER_TOKEN", "DEPLOYS_TOKEN", "GITHUB_WEBHOOK_SECRET", "SLACK_SIGNING_SECRET"];
  return {
    ...{ DATA_DIR: directory, COUNTERSTEER_CONFIG: configFile },
    ...Object.fromEntries(secrets.map((name) => [name, `bench-${name}`])),
  };
};

const main = async (given: Given): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), "countersteer-bench-"));
  const found: Record<string, { before: number; grew: number; runs: number[] }> = {};
  try {
    const env = environmentIn(directory);
    for (const [name, door] of Object.entries(doors)) {
      const all: { before: number; most: number }[] = [];
      for (let run = 0; run < given.runs; run++) all.push(await measured(door, env, given));
      const runs = all.map(({ before, most }) => most - before);
      found[name] = { before: median(all.map(({ before }) => before)), grew: median(runs), runs };
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  if (given.json) return console.log(JSON.stringify(found));
  for (const [name, { before, grew, runs }] of Object.entries(found))
    console.log(`${name.padEnd(14)} ${before} MiB before, ${grew} MiB more (${runs.join(", ")})`);
};

process.exitCode = await runCommand(
  { name: "bench:memory", help, options },
  { argv: process.argv.slice(2), io: standardIo() },
  async ({ values: { connections, ms, runs, again, json } }) => {
    await main({
      connections: wholeNumber("--connections", connections),
      ms: wholeNumber("--ms", ms),
      runs: wholeNumber("--runs", runs),
      ...{ again, json },
    });
    return 0;
  },
);
