import { parseArgs } from "node:util";
import { jsonLog } from "../../shared/adapters/log.ts";
import { awsLocal } from "../host/environment.ts";
import { ConfigurationError, readSettings, readVariables } from "../host/settings.ts";
import { startTelemetry } from "../host/telemetry.ts";
import { helpOf } from "../host/variables.ts";
import { startEmulator } from "./emulator.ts";
import { randomSequence } from "./random.ts";

const help = `usage: npm run start:aws-local

Runs on this machine what serverless.yml deploys to AWS: the functions, an HTTP API, a table with its stream, a bus with
its rules, and the tick. The environment variables of npm start set it up, and these:
${helpOf(awsLocal)}`;

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
  const given = readVariables(awsLocal, env);
  const { AWS_LOCAL_SEED: seed, DYNAMODB_ENDPOINT: dynamodb, EVENTBRIDGE_ENDPOINT: eventbridge } = given;
  const calm = { random: randomSequence(0), refused: 0, doubled: 0, lateMs: 5, retryMs: 200 };
  const faulty = { refused: 0.2, doubled: 0.5, lateMs: 300, retryMs: 200 };
  return {
    leaseMs: given.LEASE_MS,
    ...(dynamodb && { dynamodb }),
    ...(eventbridge && { eventbridge }),
    faults: seed === undefined ? calm : { ...faulty, random: randomSequence(seed) },
  };
};
