import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { dynamodbClient } from "../../shared/adapters/dynamodb/store.ts";
import { messageOf } from "../../shared/errors.ts";
import type { Log } from "../../shared/ports/log.ts";
import type { Env, FunctionName, Surroundings } from "../aws/host.ts";
import type { Secret } from "../aws/secrets.ts";
import { checkVisibility, warnOfMissingLogin } from "../host/access/access.ts";
import { checkSenderTokens } from "../host/access/senders.ts";
import { ConfigurationError } from "../host/errors.ts";
import { addressOf, type Server, listen as serve } from "../host/server/listen.ts";
import type { startSandboxUpstreams } from "../host/server/sandbox-as-github.ts";
import { readConfig, type Settings } from "../host/settings/settings.ts";
import type { Identities } from "./authorizer.ts";
import { bucketName, configKey, startBucket } from "./bucket.ts";
import { type Bus, type FaultRates, startBus } from "./bus.ts";
import { type Dynalite, startDynalite } from "./dynamodb.ts";
import { gateway } from "./gateway.ts";
import { connect } from "./http.ts";
import { createLambda, type Lambda } from "./lambda.ts";
import { loadBalancer, readListenerRules } from "./load-balancer.ts";
import { readRoles } from "./roles.ts";
import { createStream, type Stream } from "./stream.ts";
import { createTable } from "./table.ts";
import { type Feed, startFeed } from "./table-feed.ts";
import { readWiring } from "./wiring.ts";

export type Emulator = Server & {
  bus: Bus;
  feed: Feed;
  stream: Stream;
  invoke: (name: FunctionName, event: unknown) => Promise<unknown>;
  /** Resolves when nothing is under way any more. */
  settled(): Promise<void>;
};

const table = "countersteer";
const nobody = {
  AWS_REGION: "eu-central-1",
  AWS_ACCESS_KEY_ID: "emulator",
  AWS_SECRET_ACCESS_KEY: "emulator",
};

/** How the emulator differs from what is deployed: where its tables are, how long a lease lasts, and what goes wrong. */
export type EmulatorOptions = {
  /** A DynamoDB that runs already; without one, dynalite. */
  dynamodb?: string;
  /** A bus that runs already; without one, its own. */
  eventbridge?: string;
  leaseMs?: number;
  /** The way in; without one, an HTTP API. */
  edge?: "http" | "private";
  /** Identities of the account: with them the pages are for those who sign, as with PAGES_LOGIN=iam. */
  identities?: Identities;
  /** Variables of the pages' login, as they are. */
  readers?: Env;
  /** The secret of the client of `PAGES_OIDC_ISSUER`. */
  clientSecret?: string | undefined;
  /** The two lesser tokens of GitHub; without them one credential plays all three. */
  lesser?: { read: string; tell: string };
  faults: FaultRates;
  clock?: () => number;
  /** Where the functions' log lines go; standard error without it. */
  write?: (line: string) => void;
};

/** Starts everything that runs on AWS in this process, as it is deployed. Throws ConfigurationError, with nothing left running, when it cannot. */
export const startEmulator = async (
  settings: Settings,
  log: Log,
  options: EmulatorOptions,
): Promise<Emulator> => {
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const one of undo.splice(0).reverse()) await one();
  };
  try {
    return { ...(await start(settings, log, options, (one) => undo.push(one))), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

type Keep = (stop: () => Promise<unknown>) => void;

const start = async (
  settings: Settings,
  log: Log,
  options: EmulatorOptions,
  keep: Keep,
): Promise<Omit<Emulator, "stop">> => {
  const config = readConfig(settings.configFile);
  checkVisibility(config, settings.access);
  const wiring = readWiring(undefined, options.identities === undefined ? "own" : "iam");
  const sandbox = settings.real === undefined ? await startSandbox(config, settings, log) : undefined;
  if (sandbox !== undefined) keep(sandbox.stop);
  const feed = await startTable(settings, options, keep);
  const senders = settings.senderTokens(config);
  checkSenderTokens(config, { ...settings.secrets, senders });
  const deployed = deployedValues(settings, options, { sandbox, feed });
  const { env } = deployed;
  const parameters = { ...deployed.parameters, ...senderParameters(senders) };
  const roles = readRoles();
  feed.may = (caller, call) => roles.get(caller)?.reaches(call) ?? false;
  const limits = new Map(wiring.map((one) => [one.name, one]));
  Object.assign(env, await startConfig(settings, roles, keep));
  const lambda = createLambda(surroundingsOf({ env, parameters, roles, options }), (name) =>
    limits.get(name),
  );
  const bus = await startBus({ wiring, lambda, log, faults: options.faults });
  env.EVENTBRIDGE_ENDPOINT = options.eventbridge ?? bus.url;
  const stream = createStream({ wiring, lambda, log, retryMs: options.faults.retryMs });
  feed.onRecord = stream.push;
  warnOfMissingLogin(settings, log);
  const http = await serve(wayIn(wiring, lambda, options), settings);
  const url = addressOf(http);
  env.BASE_URL = url;
  sandbox?.connect(url);
  // The work that was under way when the process was killed is lost here, unlike on AWS: every stored incident is delivered again.
  await feed.replay();
  const ticking = startTicks(() => lambda.invoke("tick", {}), settings.tickMs, log);
  const polling = startTicks(() => lambda.invoke("poll", {}), settings.pollMs, log);
  keep(async () => {
    await ticking.stop();
    await polling.stop();
    await closeServer(http);
    await stream.stop();
    await bus.stop();
    await lambda.settled();
  });
  const settled = async () => {
    for (const part of [stream, bus, lambda]) await part.settled();
  };
  return { url, bus, feed, stream, invoke: lambda.invoke, settled };
};

const wayIn = (
  wiring: ReturnType<typeof readWiring>,
  lambda: Lambda,
  { edge, identities }: EmulatorOptions,
) => (edge === "private" ? loadBalancer(readListenerRules(), lambda) : gateway(wiring, lambda, identities));

/** The configuration as an object of its own, which the functions read by their roles. */
const startConfig = async (
  { configFile }: Settings,
  roles: ReturnType<typeof readRoles>,
  keep: Keep,
): Promise<Env> => {
  const bucket = await startBucket(configFile, (caller) => roles.get(caller)?.readsConfig ?? false);
  keep(bucket.stop);
  return { CONFIG_BUCKET: bucketName, CONFIG_KEY: configKey, S3_ENDPOINT: bucket.url };
};

/** The table with its stream, on a DynamoDB that runs already or on dynalite. */
const startTable = async (settings: Settings, options: EmulatorOptions, keep: Keep): Promise<Feed> => {
  const elsewhere = options.dynamodb;
  const { endpoint, connection } =
    elsewhere === undefined
      ? await startDynaliteIn(settings.dataDir, keep)
      : { endpoint: elsewhere, connection: connect(elsewhere) };
  const client = dynamodbClient({
    endpoint,
    region: nobody.AWS_REGION,
    credentials: { accessKeyId: "emulator", secretAccessKey: "emulator" },
  });
  await createTable(client, table);
  client.destroy();
  const feed = await startFeed(connection, table);
  keep(feed.stop);
  return feed;
};

const startSandbox: typeof startSandboxUpstreams = async (config, settings, log) =>
  (await import("../host/server/sandbox-as-github.ts")).startSandboxUpstreams(config, settings, log);

type Upstreams = { sandbox: Awaited<ReturnType<typeof startSandboxUpstreams>> | undefined; feed: Feed };
type Parameters = Partial<Record<string, string | undefined>>;

/** A role may name all parameters that begin alike. */
const isNamedBy = (allowed: string, name: string): boolean =>
  allowed.endsWith("*") ? name.startsWith(allowed.slice(0, -1)) : allowed === name;

/** The functions' environment, and the content of Parameter Store. */
const deployedValues = (
  settings: Settings,
  { lesser, leaseMs, readers, clientSecret }: EmulatorOptions,
  { sandbox, feed }: Upstreams,
): { env: Env; parameters: Parameters } => {
  const { prometheus, paging, opa, access, deployers, grafana, kibana } = settings;
  const real = sandbox?.real ?? settings.real!;
  const evidence = evidenceOf(settings);
  const parameters = {
    ...parametersOf(real, sandbox?.secrets ?? settings.secrets, paging),
    PROMETHEUS_TOKEN: prometheus.token,
    PROMETHEUS_LOGINS: prometheus.logins,
    ...{ OPA_TOKEN: opa.token, GRAFANA_TOKEN: grafana.token, GRAFANA_RULES_TOKEN: grafana.rulesToken },
    ...{ ARGOCD_TOKEN: deployers.argocd?.token, KUBERNETES_TOKEN: deployers.addressed?.token },
    ...{ PAGES_TOKEN: access.tokens[0], PAGES_TOKEN_PREVIOUS: access.tokens[1] },
    PAGES_PROXY_SECRET: access.proxy?.secret,
    ...{
      PAGES_SESSION_SECRET: access.session?.keys[0],
      PAGES_SESSION_SECRET_PREVIOUS: access.session?.keys[1],
    },
    PAGES_OIDC_CLIENT_SECRET: clientSecret,
    ...(lesser && { GITHUB_READ_TOKEN: lesser.read, GITHUB_TELL_TOKEN: lesser.tell }),
    ...evidence.parameters,
  };
  const env: Env = {
    ...nobody,
    ...{ SLACK_API_URL: real.slack.apiUrl, GITHUB_API_URL: real.github.apiUrl },
    ...{ PROMETHEUS_URL: prometheus?.url, PROMETHEUS_TENANT: prometheus?.tenant },
    ...{ OPA_URL: opa.url, GRAFANA_URL: grafana.url, KIBANA_URL: kibana, ARGOCD_URL: deployers.argocd?.url },
    CLOUDWATCH_LOGS_URL: settings.logs.cloudwatch?.url,
    ALERT_TOPIC_ARN: settings.alertTopic,
    ...{ KUBERNETES_URL: deployers.addressed?.url, KUBERNETES_CA: deployers.addressed?.ca },
    ...{ ALERTMANAGER_URL: paging.alertmanager?.url, PAGERDUTY_URL: paging.pagerduty?.url },
    ...{ TABLE_NAME: table, EVENT_BUS_NAME: "countersteer", DYNAMODB_ENDPOINT: feed.url },
    ...{ ...evidence.env, ...readers },
    ...(settings.access.isOpen && { PAGES_LOGIN: "none" }),
    LEASE_MS: String(leaseMs ?? 5_000),
  };
  return { env, parameters };
};

/** Where log lines and traces are read, and who is asked for a second opinion. */
const evidenceOf = ({ logs, traces, opinion }: Settings): { env: Env; parameters: Parameters } => ({
  env: {
    ...{
      LOKI_URL: logs.loki?.url,
      LOKI_TENANT: logs.loki?.tenant,
      ELASTICSEARCH_URL: logs.elasticsearch?.url,
    },
    ...{ TEMPO_URL: traces.tempo?.url, TEMPO_TENANT: traces.tempo?.tenant, JAEGER_URL: traces.jaeger?.url },
    TEMPO_DATASOURCE: traces.grafana?.datasource,
    ...{ OPINION_URL: opinion.url, OPINION_MODEL: opinion.model, OPINION_BUDGET: String(opinion.budget) },
  },
  parameters: {
    ...{ LOKI_TOKEN: logs.loki?.token, ELASTICSEARCH_API_KEY: logs.elasticsearch?.apiKey },
    ...{ TEMPO_TOKEN: traces.tempo?.token, JAEGER_TOKEN: traces.jaeger?.token },
    OPINION_TOKEN: opinion.token,
  },
});

type Deployment = {
  env: Env;
  parameters: Parameters;
  roles: ReturnType<typeof readRoles>;
  options: EmulatorOptions;
};

/** The surroundings that Lambda gives each function: its variables, and the secrets that its role may read. */
const surroundingsOf =
  ({ env, parameters, roles, options }: Deployment) =>
  (name: FunctionName): Surroundings => ({
    env: {
      ...env,
      AWS_ACCESS_KEY_ID: name,
      ...(roles.get(name)?.readsConfig === false && { CONFIG_BUCKET: "" }),
    },
    clock: options.clock ?? Date.now,
    loadSecrets: async (names) => {
      const allowed = roles.get(name)?.secrets ?? [];
      const denied = names.filter((secret) => !allowed.some((one) => isNamedBy(one, secret)));
      if (denied.length > 0) throw new Error(`the role of ${name} may not read ${denied.join(", ")}`);
      const there = names.filter((secret) => parameters[secret] !== undefined);
      return Object.fromEntries(there.map((secret) => [secret, parameters[secret]!]));
    },
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    write: options.write ?? ((line) => process.stderr.write(line)),
  });

const closeServer = (http: Awaited<ReturnType<typeof serve>>): Promise<void> =>
  new Promise((resolve) => {
    http.close(() => resolve());
    http.closeAllConnections();
  });

const startDynaliteIn = async (dataDir: string, keep: Keep): Promise<Dynalite> => {
  const path = join(dataDir, "dynamodb");
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new ConfigurationError(`DATA_DIR ${dataDir} cannot be used: ${messageOf(error)}`);
  }
  const dynalite = await startDynalite(path);
  keep(dynalite.stop);
  return dynalite;
};

/** The content of Parameter Store, with one GitHub credential for all three parameters. */
const parametersOf = (
  { github, slack }: NonNullable<Settings["real"]>,
  secrets: Settings["secrets"],
  paging: Settings["paging"],
): Partial<Record<Secret, string | undefined>> => ({
  ...("token" in github
    ? { GITHUB_TOKEN: github.token, GITHUB_READ_TOKEN: github.token, GITHUB_TELL_TOKEN: github.token }
    : { ...appAs("GITHUB", github), ...appAs("GITHUB_READ", github), ...appAs("GITHUB_TELL", github) }),
  ALERTMANAGER_TOKEN: secrets.alertmanager,
  DEPLOYS_TOKEN: secrets.deploys,
  FLAGS_TOKEN: secrets.flags,
  GITHUB_WEBHOOK_SECRET: secrets.github,
  SLACK_SIGNING_SECRET: secrets.slack,
  OPERATOR_TOKEN: secrets.operator,
  ALERTMANAGER_TOKEN_PREVIOUS: secrets.previous?.alertmanager,
  ...{ GRAFANA_SECRET: secrets.grafana, GRAFANA_SECRET_PREVIOUS: secrets.previous?.grafana },
  DEPLOYS_TOKEN_PREVIOUS: secrets.previous?.deploys,
  FLAGS_TOKEN_PREVIOUS: secrets.previous?.flags,
  GITHUB_WEBHOOK_SECRET_PREVIOUS: secrets.previous?.github,
  SLACK_SIGNING_SECRET_PREVIOUS: secrets.previous?.slack,
  OPERATOR_TOKEN_PREVIOUS: secrets.previous?.operator,
  SLACK_BOT_TOKEN: slack.token,
  ALERTMANAGER_API_TOKEN: paging.alertmanager?.token,
  PAGERDUTY_ROUTING_KEY: paging.pagerduty?.routingKey,
  PAGE_WEBHOOK_TOKEN: paging.webhookToken,
});

/** The present token of each sender, and the former one under its own name. */
const senderParameters = (senders: Record<string, string[]>): Parameters =>
  Object.fromEntries(
    Object.entries(senders).flatMap(([name, [token, former]]) => [
      [name, token],
      [`${name}_PREVIOUS`, former],
    ]),
  );

const appAs = (prefix: string, { appId, privateKey }: { appId: string; privateKey: string }) => ({
  [`${prefix}_APP_ID`]: appId,
  [`${prefix}_APP_PRIVATE_KEY`]: privateKey,
});

/** One tick after the other. */
const startTicks = (tick: () => Promise<unknown>, ms: number, log: Log) => {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const beat = (): void => {
    running = tick()
      .then(
        () => {},
        (error: unknown) => log.error("a scheduled function failed", { error }),
      )
      .finally(() => {
        if (!stopped) timer = setTimeout(beat, ms);
      });
  };
  beat();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
};
