import { serverCommand } from "../host/server/serve.ts";
import { awsLocal } from "../host/settings/environment.ts";
import { readSettings, readVariables } from "../host/settings/settings.ts";
import { helpOf } from "../host/settings/variables.ts";
import { type EmulatorOptions, startEmulator } from "./emulator.ts";
import { randomSequence } from "./random.ts";

const help = `usage: npm run start:aws-local

Runs on this machine what serverless.yml deploys to AWS: the functions, an HTTP API or a load balancer, a table with its stream, a bus with
its rules, and the tick. The environment variables of npm start set it up, and these:
${helpOf(awsLocal)}`;

export const startAwsLocal = serverCommand("start-aws-local", help, (log) =>
  startEmulator(readSettings(process.env), log, readOptions(process.env)),
);

/** Variables of the functions that show pages. */
export const readers = [
  ...["PAGES_PROXY_HEADER", "PAGES_PROXY_GROUPS_HEADER", "PAGES_PROXY_ADDRESSES"],
  ...["PAGES_OIDC_ISSUER", "PAGES_OIDC_CLIENT_ID", "PAGES_OIDC_SCOPES", "PAGES_OIDC_GROUPS_CLAIM"],
  ...["PAGES_ALB_ARN", "PAGES_ALB_ISSUER", "PAGES_ALB_CLIENT_ID", "PAGES_ALB_KEYS_URL"],
  "PAGES_SESSION_HOURS",
];

const readOptions = (env: Record<string, string | undefined>): EmulatorOptions => {
  const given = readVariables(awsLocal, env);
  const { AWS_LOCAL_SEED: seed, DYNAMODB_ENDPOINT: dynamodb, EVENTBRIDGE_ENDPOINT: eventbridge } = given;
  const calm = { random: randomSequence(0), refused: 0, doubled: 0, lateMs: 5, retryMs: 200 };
  const faulty = { refused: 0.2, doubled: 0.5, lateMs: 300, retryMs: 200 };
  return {
    leaseMs: given.LEASE_MS,
    edge: given.EDGE,
    clientSecret: env.PAGES_OIDC_CLIENT_SECRET?.trim() || undefined,
    readers: Object.fromEntries(readers.map((name) => [name, env[name]])),
    ...(dynamodb && { dynamodb }),
    ...(eventbridge && { eventbridge }),
    faults: seed === undefined ? calm : { ...faulty, random: randomSequence(seed) },
  };
};
