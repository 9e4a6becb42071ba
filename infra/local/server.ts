import { mkdirSync } from "node:fs";
import type { Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { routes } from "../../functions/routes.ts";
import type { Work } from "../../functions/step.ts";
import { observedFetch } from "../../shared/adapters/calls.ts";
import { github, githubClient } from "../../shared/adapters/github.ts";
import { prometheus } from "../../shared/adapters/prometheus.ts";
import { slack, slackClient } from "../../shared/adapters/slack.ts";
import { sqliteStore } from "../../shared/adapters/sqlite.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { Policy } from "../../shared/incident/model.ts";
import type { Log, Metrics } from "../../shared/ports.ts";
import { createProcess } from "../../shared/process.ts";
import { createLoop } from "./loop.ts";
import { readConfig, type Settings, Unusable } from "./settings.ts";
import { standIn } from "./stand-in.ts";

export type Server = { url: string; stop(): Promise<void> };

/** Starts the whole product in this process. Throws Unusable, with nothing left running, when it cannot. */
export const startServer = async (settings: Settings, log: Log): Promise<Server> => {
  const config = readConfig(settings.configFile);
  mkdirSync(settings.dataDir, { recursive: true });
  const store = await sqliteStore({ path: join(settings.dataDir, "countersteer.db") });
  const sandbox =
    settings.real === undefined ? await standIn({ config, dataDir: settings.dataDir, log }) : undefined;
  const real = sandbox?.real ?? settings.real!;
  const secrets = { ...settings.secrets, ...sandbox?.secrets };
  const clock = Date.now;
  let url = "";
  const serviceOf: Work["serviceOf"] = (name) => {
    const service = config.services.find((one) => one.name === name);
    if (service === undefined)
      throw new UpstreamError("configuration", `the service ${name} is no longer configured`, {
        retryable: false,
      });
    return service;
  };
  const process = createProcess({
    store,
    clock,
    log,
    policyOf: (name) => config.services.find((one) => one.name === name)?.policy ?? abandoned,
  });
  const chat = slack({ client: slackClient({ ...real.slack, fetch: observedFetch("slack") }) });
  const work: Work = {
    store,
    chat,
    clock,
    serviceOf,
    source: github({ client: githubClient({ ...real.github, fetch: observedFetch("github") }) }),
    metrics:
      settings.prometheusUrl === undefined
        ? unset
        : prometheus({ url: settings.prometheusUrl, fetch: observedFetch("prometheus") }),
    pageOf: (id) => `${config.baseUrl ?? url}/incidents/${id}`,
  };
  const loop = createLoop({ process, work, log, tickMs: settings.tickMs });
  const app = routes({
    process,
    store,
    chat,
    config,
    secrets,
    clock,
    log,
    wake: (ids) => ids.forEach(loop.wake),
  });
  const http = await listen(app.fetch, settings).catch(async (error: unknown) => {
    await sandbox?.stop();
    await store.close();
    throw error;
  });
  url = addressOf(http);
  sandbox?.connect(url);
  await loop.start();
  return {
    url,
    async stop() {
      await new Promise<void>((resolve) => {
        http.close(() => resolve());
        http.closeIdleConnections();
      });
      await loop.stop();
      await store.close();
      await sandbox?.stop();
    },
  };
};

/** For incidents of a service that is no longer configured: nothing is done any more but told. */
const abandoned: Policy = {
  mode: "observe",
  minConfidence: 1,
  stepMs: 0,
  approvalMs: 0,
  deployMs: 0,
  verifyMs: 0,
};

/** Without Prometheus nothing can be seen to recover. */
const unset: Metrics = { read: async () => ({ result: "unknown", detail: "PROMETHEUS_URL is not set" }) };

const listen = (
  fetch: (request: Request) => Response | Promise<Response>,
  { port, host }: Settings,
): Promise<HttpServer> =>
  new Promise((resolve, reject) => {
    const server = serve({
      fetch,
      port,
      hostname: host,
      // Slow clients: 10 s for the headers, 15 s for the whole request.
      serverOptions: { headersTimeout: 10_000, requestTimeout: 15_000, maxHeaderSize: 16 * 1024 },
    }) as HttpServer;
    server.once("listening", () => resolve(server));
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        new Unusable(
          `cannot listen on ${host}:${port}: ${error.code === "EADDRINUSE" ? "the port is in use" : error.message}`,
        ),
      ),
    );
  });

const addressOf = (server: HttpServer): string => {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
};
