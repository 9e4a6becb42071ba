import { parseArgs } from "node:util";
import { jsonLog } from "../../shared/adapters/log.ts";
import { ConfigurationError, readSettings } from "../host/settings.ts";
import { startTelemetry } from "../host/telemetry.ts";
import { startServer } from "./server.ts";

const help = `usage: npm start

Runs the server. It is set up by the environment:
  PORT (8080), HOST (127.0.0.1)      where it listens
  DATA_DIR (.data)                   where its database lives
  COUNTERSTEER_CONFIG                the YAML file of services; without it, the commented example
  ALERTMANAGER_TOKEN, DEPLOYS_TOKEN  what Alertmanager and deployers authenticate with
  FLAGS_TOKEN                        the same of those who tell of feature flags; LaunchDarkly signs with it
  GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY; GITHUB_API_URL, GITHUB_WEBHOOK_SECRET
  SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET; SLACK_API_URL
  PROMETHEUS_URL                     where recovery is measured, and the course of what alerts watch
  LOKI_URL, LOKI_TENANT, LOKI_TOKEN; ELASTICSEARCH_URL, ELASTICSEARCH_API_KEY
                                     where log lines are read, for services that configure it
  REGISTRY_AUTH_FILE                 logins of registries, as docker and podman write them
  TICK_MS (5000)                     how often waiting incidents are looked at
  OTEL_EXPORTER_OTLP_ENDPOINT        where traces and metrics go; unset: off
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
