import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";

/** A process of the demo. `exited` resolves with how it ended; `log` is the file that holds what it printed. */
export type Child = {
  pid: number;
  log: string;
  exited: Promise<string>;
  running(): boolean;
  stop(): Promise<void>;
  kill(): Promise<void>;
};
export type Command = {
  command: string;
  args: string[];
  cwd?: string;
  env?: Record<string, string | undefined>;
  log: string;
};

/** How long a process may take to end by itself after SIGTERM: longer than the server gives itself. */
const graceMs = 15_000;
/** A start takes seconds, on a machine that is busy with much else many. */
const startTimeoutMs = 60_000;

/** Starts a process whose output goes to the file `log`. It does not outlive this one, however this one exits. */
export const startChild = ({ command, args, cwd, env, log }: Command): Child => {
  const file = openSync(log, "a");
  const child = spawn(command, args, {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", file, file],
  });
  closeSync(file);
  const killNow = () => child.kill("SIGKILL");
  process.once("exit", killNow);
  const exited = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  exited.then(() => process.off("exit", killNow));
  const running = () => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  return {
    pid: child.pid ?? 0,
    log,
    exited,
    running,
    async stop() {
      if (running()) await end(child, exited);
    },
    async kill() {
      if (!running()) return;
      child.kill("SIGKILL");
      await exited;
    },
  };
};

const end = async (child: ChildProcess, exited: Promise<string>): Promise<void> => {
  const force = setTimeout(() => child.kill("SIGKILL"), graceMs);
  child.kill("SIGTERM");
  await exited;
  clearTimeout(force);
};

/** Resolves once `ready` holds; throws when the process ends first or `timeoutMs` pass. */
export const untilReady = async (
  what: string,
  child: Child,
  ready: () => Promise<boolean>,
  timeoutMs = startTimeoutMs,
): Promise<void> => {
  const deadline = Date.now() + timeoutMs;
  while (child.running() && Date.now() < deadline) {
    if (await ready().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  const how = child.running() ? `is not ready after ${timeoutMs / 1000} s` : `ended (${await child.exited})`;
  const last = likelyError(await readFile(child.log, "utf8").catch(() => ""));
  throw new Error(`${what} ${how}${last ? `: ${last.slice(0, 300)}` : ""}`);
};

/** The line of a log that most likely says what went wrong. */
const likelyError = (log: string): string | undefined => {
  const lines = log.trim().split("\n");
  return lines.findLast((line) => /error|cannot|fail/i.test(line) && !/^\s+at /.test(line)) ?? lines.at(-1);
};
