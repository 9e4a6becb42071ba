import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { get } from "node:http";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { Usage } from "./gauge.ts";
import { portOf } from "./port.ts";
import { told } from "./told.ts";

export type Child = { port: number; usage(): Promise<Usage>; stop(): Promise<void> };

/** Starts a server, `node ...argv` with PORT in its environment, in a process of its own; resolves once it answers. */
export const startChild = async (argv: string[], env: Record<string, string>): Promise<Child> => {
  const port = await freePort();
  const gauge = new URL("./gauge.ts", import.meta.url).href;
  const child = spawn(process.execPath, ["--import", gauge, ...argv], {
    env: { ...process.env, ...env, PORT: String(port) },
    stdio: ["ignore", "ignore", process.env.BENCH_STDERR === undefined ? "ignore" : "inherit", "ipc"],
  });
  await answering(child, port, argv);
  return {
    port,
    async usage() {
      const answer = told(child, "message");
      child.send("usage");
      return (await answer) as Usage;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, "exit");
      child.kill();
      await exit;
    },
  };
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server);
  server.close();
  await once(server, "close");
  return port;
};

const answering = async (child: ChildProcess, port: number, argv: string[]): Promise<void> => {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (child.exitCode !== null) throw new Error(`${argv.join(" ")} ended with ${child.exitCode}`);
    if (await answers(port)) return;
    await pause(100);
  }
  child.kill();
  throw new Error(`${argv.join(" ")} did not answer within 10 s`);
};

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const request = get({ port, host: "127.0.0.1", path: "/healthz", agent: false });
    request.on("response", (response) => response.resume().on("end", () => resolve(true)));
    request.on("error", () => resolve(false));
  });
