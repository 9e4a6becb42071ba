import { fileURLToPath } from "node:url";
import { startChild, untilReady } from "./child.ts";

/** `kill` is SIGKILL, which leaves the files as a power cut does. */
export type ServerProcess = { url: string; pid: number; stop(): Promise<void>; kill(): Promise<void> };
export type ServerOptions = {
  port: number;
  env: Record<string, string>;
  log: string;
  host?: Host;
  /** The file that runs the command line. */
  program?: string;
};
/** The server of this machine, or what runs on AWS. */
export type Host = "embedded" | "aws-local";

const sources = fileURLToPath(new URL("../cli/cli.ts", import.meta.url));

/** Starts the server as a process of its own on a loopback port and returns when it is ready. */
export const startServerProcess = async ({
  port,
  env,
  log,
  host,
  program = sources,
}: ServerOptions): Promise<ServerProcess> => {
  const url = `http://127.0.0.1:${port}`;
  const child = startChild({
    command: process.execPath,
    args: [program, host === "aws-local" ? "start-aws-local" : "start"],
    env: { ...telemetry(), ...env, PORT: String(port), HOST: "127.0.0.1" },
    log,
  });
  try {
    await untilReady("the server", child, async () => (await fetch(`${url}/readyz`)).ok);
  } catch (error) {
    await child.kill();
    throw error;
  }
  return { url, pid: child.pid, stop: child.stop, kill: child.kill };
};

/** The server sees the `OTEL_` variables of the caller and the seed of the emulator: real credentials stay out of the demo. */
const telemetry = (): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name.startsWith("OTEL_") || name === "AWS_LOCAL_SEED"),
  );
