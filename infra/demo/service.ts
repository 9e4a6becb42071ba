import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Child, startChild, untilReady } from "./child.ts";

/** One process of the payment gateway, started from a checkout. */
export type Running = { sha: string; port: number; child: Child };

/** Starts the checkout in `dir` on a free loopback port and returns when it is healthy; throws when it never is. */
export const startService = async ({
  dir,
  sha,
  commit = sha,
  log,
}: {
  dir: string;
  sha: string;
  /** The commit of the code, where `sha` is a commit of another repository that names the version to run. */
  commit?: string;
  log: string;
}): Promise<Running> => {
  const child = startChild({
    command: process.execPath,
    args: [join("src", "server.js")],
    cwd: dir,
    env: { HOST: "127.0.0.1", PORT: "0", COMMIT_SHA: commit },
    log,
  });
  let port = 0;
  const healthy = async () => {
    port ||= Number(/listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(await readFile(log, "utf8"))?.[1] ?? 0);
    return port > 0 && (await fetch(`http://127.0.0.1:${port}/healthz`)).ok;
  };
  try {
    await untilReady(`payment-gateway ${sha.slice(0, 12)}`, child, healthy);
  } catch (error) {
    await child.kill();
    throw error;
  }
  return { sha, port, child };
};
