import { parseArgs } from "node:util";
import { jsonLog } from "../../shared/adapters/log.ts";
import { ConfigurationError, readSettings } from "../host/settings.ts";
import { startTelemetry } from "../host/telemetry.ts";
import { startEmulator } from "./emulator.ts";
import { randomSequence } from "./random.ts";

const help = `usage: npm run start:aws-local

Runs on this machine what serverless.yml deploys to AWS: the functions, an HTTP API, a table with its stream, a bus with
its rules, and the tick. It is set up by the same environment as npm start, and by
  DYNAMODB_ENDPOINT     a DynamoDB that runs already; without it, dynalite in DATA_DIR
  EVENTBRIDGE_ENDPOINT  a bus that runs already; without it, its own
  AWS_LOCAL_SEED        a number: events come late, twice and out of order, and the bus refuses some, by that seed
  LEASE_MS (10000)      how long a function that died keeps others from its incident`;

/** How long a stop may take before it is cut short, in ms. */
const shutdownTimeoutMs = 10_000;

/** `start-aws-local`: runs until SIGINT or SIGTERM, then stops gracefully. 1 when it cannot start. */
export const startAwsLocal = async (argv: string[]): Promise<number> => {
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
    const emulator = await startEmulator(readSettings(process.env), log, readOptions(process.env));
    log.info("ready", { url: emulator.url, pid: process.pid });
    await new Promise((resolve) => {
      process.once("SIGINT", resolve);
      process.once("SIGTERM", resolve);
    });
    log.info("stopping");
    setTimeout(() => process.exit(1), shutdownTimeoutMs).unref();
    await emulator.stop();
    await flush();
    log.info("stopped");
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    console.error(error.message);
    return 1;
  }
};

const readOptions = (env: Record<string, string | undefined>) => {
  const seed = env.AWS_LOCAL_SEED;
  if (seed !== undefined && !/^\d{1,9}$/.test(seed))
    throw new ConfigurationError(`AWS_LOCAL_SEED is ${seed}: give a number`);
  const leaseMs = Number(env.LEASE_MS ?? 10_000);
  if (!Number.isInteger(leaseMs) || leaseMs < 100)
    throw new ConfigurationError(`LEASE_MS is ${env.LEASE_MS}: give milliseconds, at least 100`);
  const calm = { random: randomSequence(0), refused: 0, doubled: 0, lateMs: 5, retryMs: 200 };
  return {
    leaseMs,
    ...(env.DYNAMODB_ENDPOINT ? { dynamodb: env.DYNAMODB_ENDPOINT } : {}),
    ...(env.EVENTBRIDGE_ENDPOINT ? { eventbridge: env.EVENTBRIDGE_ENDPOINT } : {}),
    faults:
      seed === undefined
        ? calm
        : { random: randomSequence(Number(seed)), refused: 0.2, doubled: 0.5, lateMs: 300, retryMs: 200 },
  };
};
