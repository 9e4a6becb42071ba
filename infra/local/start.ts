import { parseArgs } from "node:util";
import { jsonLog } from "../../shared/adapters/log.ts";
import { environment } from "../host/environment.ts";
import { ConfigurationError, readSettings } from "../host/settings.ts";
import { startTelemetry } from "../host/telemetry.ts";
import { helpOf } from "../host/variables.ts";
import { startServer } from "./server.ts";

const help = `usage: npm start

Runs the server. These environment variables set it up:
${helpOf(environment)}
Without any credentials the sandbox plays GitHub and Slack.`;

/** How long a stop may take before it is cut short, in ms. */
const shutdownTimeoutMs = 10_000;

/** `start`: runs until SIGINT or SIGTERM, then stops gracefully. 1 when it cannot start. */
export const start = async (argv: string[]): Promise<number> => {
  try {
    const { values } = parseArgs({ args: argv, options: { help: { type: "boolean", short: "h" } } });
    if (values.help) {
      console.log(help);
      return 0;
    }
  } catch (error) {
    console.error(`${(error as Error).message}\n${help}`);
    return 2;
  }
  const log = jsonLog((line) => process.stderr.write(line), Date.now);
  try {
    const flush = await startTelemetry(process.env);
    const server = await startServer(readSettings(process.env), log);
    log.info("ready", { url: server.url, pid: process.pid });
    await new Promise((resolve) => {
      process.once("SIGINT", resolve);
      process.once("SIGTERM", resolve);
    });
    log.info("stopping");
    setTimeout(() => process.exit(1), shutdownTimeoutMs).unref();
    await server.stop();
    await flush();
    log.info("stopped");
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    console.error(error.message);
    return 1;
  }
};
