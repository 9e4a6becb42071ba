import { flushCompileCache } from "node:module";
import { jsonLog } from "../../../shared/adapters/log.ts";
import type { Log } from "../../../shared/ports/log.ts";
import { runCommand, standardIo, untilStopped } from "../command.ts";
import type { Server } from "./listen.ts";
import { prettyLine } from "./pretty-line.ts";
import { startTelemetry } from "./telemetry.ts";

/** How long a stop may take before it is cut short. */
const shutdownTimeoutMs = 10_000;

/** A command that runs a server until SIGINT or SIGTERM, then stops it gracefully. SIGHUP has it read its configuration again, and `--pretty` writes the log for people. */
export const serverCommand =
  (name: string, help: string, start: (log: Log) => Promise<Server>) =>
  (argv: string[]): Promise<number> =>
    runCommand(
      { name, help, options: { pretty: { type: "boolean" } } },
      { argv, io: standardIo() },
      async ({ values }) => {
        const shown = values.pretty ? prettyLine : (line: string) => line;
        const { tell, flush } = await startTelemetry(process.env);
        const write = (line: string): void => {
          process.stderr.write(shown(line));
          tell(line);
        };
        const log = jsonLog(write, Date.now);
        const server = await start(log);
        process.on("SIGHUP", () => server.reload?.());
        // From the line on that it is ready, a signal ends it in order.
        const stopped = untilStopped();
        log.info("ready", { url: server.url, pid: process.pid });
        // A start after a crash is as fast as one after a stop.
        flushCompileCache();
        await stopped;
        log.info("stopping");
        setTimeout(() => process.exit(1), shutdownTimeoutMs).unref();
        await server.stop();
        await flush();
        log.info("stopped");
        return 0;
      },
    );
