import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { routes } from "../../functions/routes.ts";
import type { Work } from "../../functions/step.ts";
import { killSwitch } from "../../functions/stop/kill-switch.ts";
import { stoppable, stoppableMerging } from "../../functions/stop/stoppable.ts";
import { github, githubClient } from "../../shared/adapters/github/github.ts";
import { observedFetch } from "../../shared/adapters/http/observed-fetch.ts";
import { prometheus } from "../../shared/adapters/prometheus/prometheus.ts";
import { slack, slackClient } from "../../shared/adapters/slack/slack.ts";
import { type SqliteStore, sqliteStore } from "../../shared/adapters/sqlite/store.ts";
import type { Config } from "../../shared/config.ts";
import { messageOf } from "../../shared/errors.ts";
import { asOf } from "../../shared/policy/emergency.ts";
import type { Log } from "../../shared/ports/log.ts";
import { createProcess } from "../../shared/process.ts";
import { warnOfMissingLogin } from "../host/access.ts";
import { archiveDir } from "../host/archive.ts";
import { decisionsOf } from "../host/decisions.ts";
import { ConfigurationError } from "../host/errors.ts";
import type { Server } from "../host/listen.ts";
import { addressOf, listen } from "../host/listen.ts";
import { logsOf } from "../host/logs.ts";
import { alertmanagerOf, pagingOf } from "../host/paging.ts";
import { registriesOf } from "../host/registries.ts";
import type { startSandboxUpstreams } from "../host/sandbox-as-github.ts";
import { isMeasured, policyOf, retentionOf, serviceOf, servicesIn, unmeasured } from "../host/services.ts";
import type { Settings } from "../host/settings.ts";
import { waitsOf } from "../host/waits.ts";
import { liveConfiguration } from "./configuration.ts";
import { createLoop } from "./loop.ts";
import { startRetention } from "./retention.ts";
import { scraped } from "./scraped.ts";

/** How often the configuration is looked at for changes. */
const configurationEveryMs = 5_000;

/** Starts the whole product in this process. Throws ConfigurationError, with nothing left running, when it cannot. */
export const startServer = async (
  settings: Settings,
  log: Log,
  { clock = Date.now }: { clock?: () => number } = {},
): Promise<Server> => {
  const undo: (() => Promise<unknown>)[] = [];
  try {
    return await start({ settings, log, clock }, (stop) => undo.unshift(stop));
  } catch (error) {
    for (const stop of undo) await stop();
    throw error;
  }
};

const start = async (
  { settings, log, clock }: { settings: Settings; log: Log; clock: () => number },
  keep: (stop: () => Promise<unknown>) => void,
): Promise<Server> => {
  const configuration = liveConfiguration({ settings, log, onChange: () => void loop.retry() });
  const config = (): Config => configuration.current().config;
  const store = await openStore(settings.dataDir);
  keep(store.close);
  const sandbox = settings.real === undefined ? await startSandbox(config(), settings, log) : undefined;
  if (sandbox !== undefined) keep(sandbox.stop);
  const real = sandbox?.real ?? settings.real!;
  let url = "";
  const process = createProcess({
    ...{ store, clock, log },
    policyOf: (name) => policyOf(config(), name),
  });
  const repository = github({
    client: githubClient({
      ...{ ...real.github, clock, fetch: observedFetch("github") },
      waits: waitsOf(store, "github"),
    }),
  });
  const measured = prometheus({ ...settings.prometheus, clock, fetch: observedFetch("prometheus") });
  const stop = killSwitch({
    ...{ store, issues: repository },
    issue: () => config().killSwitch,
  });
  const work: Work = {
    ...{ store, clock, history: repository, trees: repository, changes: repository },
    ...{ killSwitch: stop, pulls: stoppable(repository, stop) },
    merging: stoppableMerging(repository, stop),
    ...{ accounts: repository, nonce: randomUUID },
    chat: slack({
      clock,
      waits: waitsOf(store, "slack"),
      client: slackClient({ ...real.slack, fetch: observedFetch("slack") }),
    }),
    get metrics() {
      return isMeasured(config(), settings.prometheus.url) ? measured : unmeasured;
    },
    logs: logsOf(settings.logs),
    paging: pagingOf(settings.paging, clock),
    ...alertmanagerOf(settings.paging, clock),
    ...decisionsOf(settings.opa),
    ...registriesOf(config(), settings.logins),
    configuration: () => asOf(config(), clock()),
    serviceOf: (name) => serviceOf(config(), name),
    servicesIn: (repository) => servicesIn(config(), repository),
    handle: async (id, command, seen) => {
      const handled = await process.handle(id, command, seen);
      if (handled.events.length > 0) loop.wake(id);
      return handled;
    },
    pageOf: (id) => `${config().baseUrl ?? url}/incidents/${id}`,
  };
  const loop = createLoop({ process, work, log, tickMs: settings.tickMs });
  const app = routes({
    ...{ process, store, clock, log, chat: work.chat, accounts: repository },
    vouching: repository,
    ...(work.registry && { registry: work.registry }),
    get config() {
      return asOf(config(), clock());
    },
    get secrets() {
      return { ...(sandbox?.secrets ?? settings.secrets), senders: configuration.current().senders };
    },
    access: settings.access,
    wake: (ids) => ids.forEach(loop.wake),
    wait: (ms) => delay(ms),
  });
  warnOfMissingLogin(settings, log);
  const metrics = scraped(store.active);
  app.get("/metrics", async (context) =>
    context.text(await metrics(), 200, { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" }),
  );
  const http = await listen(app.fetch, settings);
  url = addressOf(http);
  sandbox?.connect(url);
  await loop.start();
  const dir = archiveDir(settings.dataDir);
  const stopRetention = startRetention({ store, dir, clock, log, retentionMs: () => retentionOf(config()) });
  const watching = setInterval(configuration.reload, configurationEveryMs).unref();
  return {
    url,
    reload: configuration.reload,
    async stop() {
      clearInterval(watching);
      await new Promise<void>((resolve) => {
        http.close(() => resolve());
        http.closeIdleConnections();
      });
      await loop.stop();
      await stopRetention();
      await store.close();
      await sandbox?.stop();
    },
  };
};

/** Loads the sandbox only where it is used: a server with credentials starts without it. */
const startSandbox: typeof startSandboxUpstreams = async (config, settings, log) =>
  (await import("../host/sandbox-as-github.ts")).startSandboxUpstreams(config, settings, log);

const openStore = async (dataDir: string): Promise<SqliteStore> => {
  try {
    mkdirSync(dataDir, { recursive: true });
    return await sqliteStore({ path: join(dataDir, "countersteer.db") });
  } catch (error) {
    throw new ConfigurationError(`DATA_DIR ${dataDir} cannot be used: ${messageOf(error)}`);
  }
};
