import { readFileSync } from "node:fs";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import type { Work } from "../../functions/step.ts";
import type { AwsAccess } from "../../shared/adapters/aws-access.ts";
import { jsonLog } from "../../shared/adapters/log.ts";
import type { Config } from "../../shared/config.ts";
import type { ActiveAlerts } from "../../shared/ports/active-alerts.ts";
import type { Chat } from "../../shared/ports/chat.ts";
import type { Log } from "../../shared/ports/log.ts";
import type { Logs } from "../../shared/ports/logs.ts";
import type { Metrics } from "../../shared/ports/metrics.ts";
import type { Paging } from "../../shared/ports/paging.ts";
import type { Redeploys } from "../../shared/ports/redeploys.ts";
import type { Registry } from "../../shared/ports/registry.ts";
import { senderVariables } from "../host/access/senders.ts";
import { type ReadMatcher, readCompiled } from "./compiled.ts";
import { type ConfigObject, readConfigObject } from "./config-object.ts";
import { type HeldConfig, holdConfig } from "./held-config.ts";
import { type HeldSecrets, holdSecrets } from "./held-secrets.ts";
import { exportLog } from "./log-records.ts";
import { metricLines } from "./metric-lines.ts";
import type { Exporting } from "./otlp.ts";
import { loadSecrets, ofSenders, type Secret, secretsOf } from "./secrets.ts";
import { exportSpans } from "./spans.ts";
import { carryTraces, inTrace } from "./trace.ts";

export type FunctionName = keyof typeof secretsOf;
export type Env = Record<string, string | undefined>;

/** The parts that a function is given, built once at each cold start. `secret` knows only those that are the function's. */
export type Host = {
  env: Env;
  secret: (name: Secret) => string | undefined;
  /** Whether this instance has seen a value that is not there any more. */
  hasVanished: (name: Secret) => boolean;
  /** A value as Parameter Store has it now. Throws when it cannot be read. */
  fresh: (name: Secret) => Promise<string | undefined>;
  /** Reads the secrets again, because one was refused. Returns whether one has changed. */
  renew: () => Promise<boolean>;
  /** The token of a sender, where the function knows senders, by the variable that the configuration names. */
  sender: (variable: string) => string | undefined;
  config: () => Config;
  clock: () => number;
  wait: (ms: number) => Promise<void>;
  /** A number in [0, 1). */
  random: () => number;
  log: Log;
  stands?: Stands;
};

/** One function: its name and how it is made. Its handler takes one event at a time, as Lambda gives them. */
export type Definition<Event = never, Result = unknown> = {
  name: FunctionName;
  /** Reads the matchers of a function that selects services or rules by labels. */
  matcher?: ReadMatcher;
  make: (host: Host) => (event: Event) => Promise<Result>;
  /** Whether it has lost a secret of its callers: then a refusal leaves as 503, which senders repeat. */
  isShut?: (host: Host) => boolean;
};

/** Systems that stand in for those of the environment. A function still gets only those that it asks for. */
export type Stands = {
  source: Pick<Work, "history" | "trees" | "pulls" | "merging" | "changes" | "accounts">;
  chat: Chat;
  metrics: Metrics;
  logs?: Logs;
  activeAlerts?: ActiveAlerts;
  redeploys?: Redeploys;
  paging?: Paging;
  registry?: Registry;
  /** AWS itself. */
  dynamodb?: DynamoDBClient;
  eventbridge?: EventBridgeClient;
};

/** The sources of a host's secrets, configuration and time: Lambda, the emulator, or a test. */
export type Surroundings = {
  env: Env;
  /** The values of those of the secrets that are kept elsewhere than in the environment. */
  loadSecrets: (names: string[], env: Env) => Promise<Partial<Record<string, string>>>;
  /** The configuration where it is an object of its own, or undefined when it is still that of `etag`. */
  loadConfig?: (env: Env, etag: string | undefined) => Promise<ConfigObject | undefined>;
  clock: () => number;
  wait: (ms: number) => Promise<void>;
  random?: () => number;
  write: (line: string) => void;
  config?: Config;
  stands?: Stands;
};

/**
 * A cold start: fetches the configuration and the secrets and makes the function. It is made anew when one of them has changed: the
 * configuration is read again within a minute, the secrets every five minutes, and at once when a receiver refused its caller.
 */
export const open = async <Event, Result>(
  { name, matcher, make, isShut = () => false }: Definition<Event, Result>,
  surroundings: Surroundings,
): Promise<(event: Event) => Promise<Result>> => {
  const { env, clock, wait, random = Math.random, write, loadSecrets, stands } = surroundings;
  const log = jsonLog(write, clock, { function: name });
  const configured = await configOf(surroundings, { matcher, log });
  const held = await secretsHeldFor(name, surroundings, { configured, log });
  const host: Host = {
    ...{ env, clock, wait, random, log, config: configured.current },
    ...(stands && { stands }),
    ...{ secret: held.value, hasVanished: held.hasVanished, sender: held.value, renew: held.renew },
    fresh: async (one) => (await loadSecrets([one], env))[one],
  };
  let handle = make(host);
  const remake = (of = "secrets are"): void => {
    try {
      handle = make(host);
    } catch (error) {
      log.error(`the ${of} not enough, those before still count`, { error });
    }
  };
  const refresh = async (): Promise<void> => {
    const isChanged = await configured.refresh();
    // A changed configuration may name other senders.
    const hasOthers = await (isChanged ? held.reload() : held.refresh());
    if (isChanged || hasOthers) remake(isChanged ? "configuration and the secrets are" : undefined);
  };
  const left = (result: Result): Result =>
    isRefusal(result) && isShut(host) ? Object.assign({}, result, { statusCode: 503 }) : result;
  const answer = async (event: Event): Promise<Result> => {
    await refresh();
    const result = await handle(event);
    if (!isRefusal(result)) return result;
    if (!(await held.renew())) return left(result);
    remake();
    return left(await handle(event));
  };
  const namespace = env.METRICS_NAMESPACE;
  if (!namespace) return answer;
  const tellCounts = metricLines({ namespace, clock, write });
  return (event) => answer(event).finally(tellCounts);
};

/** The function's own secrets; the configuration names those of senders. */
const secretsHeldFor = (
  name: FunctionName,
  { env, clock, loadSecrets }: Surroundings,
  { configured, log }: { configured: HeldConfig; log: Log },
): Promise<HeldSecrets> => {
  const own: readonly Secret[] = secretsOf[name];
  const secrets = (): string[] =>
    own.flatMap((one) => (one === ofSenders ? senderVariables(configured.current()) : [one]));
  const given = Object.fromEntries(secrets().flatMap((one) => (env[one] ? [[one, env[one]]] : [])));
  const load = () => {
    const wanted = secrets().filter((one) => given[one] === undefined);
    return loadSecrets(wanted, env);
  };
  return holdSecrets({ load, given, clock, log });
};

/** The configuration that is given, of an object of its own, or of the function's package; the last is read when it is first asked for. */
const configOf = async (
  { env, config, clock, loadConfig = fromBucket }: Surroundings,
  { matcher, log }: { matcher: ReadMatcher | undefined; log: Log },
): Promise<HeldConfig> => {
  if (config === undefined && env.CONFIG_BUCKET)
    return holdConfig({ load: (etag) => loadConfig(env, etag), matcher, clock, log });
  let read = config;
  return {
    current: () => {
      read ??= readConfig(env, matcher);
      return read;
    },
    refresh: async () => false,
  };
};

/** Whether a receiver answered that it does not know its caller: then it has done nothing. */
const isRefusal = (result: unknown): boolean =>
  typeof result === "object" && result !== null && "statusCode" in result && result.statusCode === 401;

const readConfig = (env: Env, matcher: ReadMatcher | undefined): Config => {
  const file = env.COUNTERSTEER_CONFIG;
  if (!file) throw new Error("COUNTERSTEER_CONFIG is not set: it names the compiled configuration");
  return readCompiled(readFileSync(file, "utf8"), matcher);
};

/**
 * The handler of a definition on Lambda. A value that the cold start could not get is asked for again by the next event. `patience` is that
 * with a collector.
 */
export const onLambda = <Event, Result>(
  definition: Definition<Event, Result>,
  patience?: Exporting["patience"],
) => {
  let made: Promise<(event: Event) => Promise<Result>> | undefined;
  let telling: Telling | undefined;
  const start = () => {
    carryTraces();
    telling ??= tellingOf(definition.name, process.env, patience);
    const { tell } = telling;
    made ??= open(definition, {
      env: process.env,
      loadSecrets: fromParameters,
      clock: Date.now,
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      write: (line) => {
        process.stdout.write(line);
        tell?.(line);
      },
    }).catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
  // Lambda gives the time before the first event a whole CPU.
  if (process.env.AWS_LAMBDA_FUNCTION_NAME !== undefined) start().catch(() => {});
  return (event: Event): Promise<Result> => {
    const handler = start();
    const answer = inTrace(process.env._X_AMZN_TRACE_ID, async () => (await handler)(event));
    // Lambda freezes a function that has answered: its spans and its log are sent before.
    return telling?.flush === undefined ? answer : answer.finally(telling.flush);
  };
};

type Telling = { tell?: (line: string) => void; flush?: () => Promise<unknown> };

/** Returns the parts that tell a collector of an event: its log lines at once, all of it before the answer. Without a collector there are none. */
const tellingOf = (
  name: FunctionName,
  { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_LOGS_EXPORTER: logs }: Env,
  patience: Exporting["patience"],
): Telling => {
  if (!endpoint) return {};
  const exporting = { endpoint, name, clock: Date.now, patience };
  const sendSpans = exportSpans(exporting);
  if (logs === "none") return { flush: sendSpans };
  const { tell, flush } = exportLog(exporting);
  return { tell, flush: () => Promise.all([sendSpans(), flush()]) };
};

/** How the environment says that AWS is reached; `endpoint` names the variable that points elsewhere. */
export const accessOf = ({ env }: Pick<Host, "env">, endpoint: string): AwsAccess => {
  const { AWS_REGION: region, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  const credentials = accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined;
  const sessionToken = env.AWS_SESSION_TOKEN;
  return {
    ...(env[endpoint] ? { endpoint: env[endpoint] } : {}),
    ...(region ? { region } : {}),
    ...(credentials ? { credentials: sessionToken ? { ...credentials, sessionToken } : credentials } : {}),
  };
};

/** The access of the function's own role. */
const ownAccess = (env: Env, endpoint: string) => {
  const { region, credentials, ...rest } = accessOf({ env }, endpoint);
  if (region === undefined || credentials === undefined)
    throw new Error("AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not all set");
  return { region, credentials, ...rest };
};

/** The object `CONFIG_KEY` of the bucket `CONFIG_BUCKET`. */
const fromBucket: NonNullable<Surroundings["loadConfig"]> = (env, etag) =>
  readConfigObject(
    {
      ...{ bucket: needed({ env }, "CONFIG_BUCKET"), key: needed({ env }, "CONFIG_KEY") },
      ...ownAccess(env, "S3_ENDPOINT"),
    },
    etag,
  );

/** Below `SECRETS_PATH` in Parameter Store. */
const fromParameters: Surroundings["loadSecrets"] = (names, env) => {
  if (names.length === 0) return Promise.resolve({});
  const { region, credentials, endpoint } = ownAccess(env, "SSM_ENDPOINT");
  const vault = { path: needed({ env }, "SECRETS_PATH"), region, credentials };
  return loadSecrets(names, endpoint === undefined ? vault : { ...vault, endpoint });
};

/** The value of a variable that the function cannot do without. */
export const needed = ({ env }: Pick<Host, "env">, name: string): string => {
  const value = env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};
