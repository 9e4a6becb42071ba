import type { Server as HttpServer } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { leftAlone } from "../../functions/http/left.ts";
import type { Polling } from "../../functions/poll.ts";
import { routes } from "../../functions/routes.ts";
import { type SqliteStore, sqliteStore } from "../../shared/adapters/sqlite/store.ts";
import type { Config } from "../../shared/config.ts";
import { messageOf } from "../../shared/errors.ts";
import { asOf } from "../../shared/policy/emergency.ts";
import type { Log } from "../../shared/ports/log.ts";
import { createProcess } from "../../shared/process.ts";
import { warnOfMissingLogin } from "../host/access/access.ts";
import { archiveDir } from "../host/adapters/archive.ts";
import { topicOf } from "../host/adapters/topic.ts";
import { ConfigurationError } from "../host/errors.ts";
import type { Server } from "../host/server/listen.ts";
import { addressOf, listen } from "../host/server/listen.ts";
import { policyOf, retentionOf } from "../host/settings/services.ts";
import type { Settings } from "../host/settings/settings.ts";
import { type LiveConfiguration, liveConfiguration } from "./configuration.ts";
import { examining, type Pace } from "./examining.ts";
import { createLoop, waking } from "./loop.ts";
import { startPolling } from "./polling.ts";
import { startRetention } from "./retention.ts";
import { scraped } from "./scraped.ts";
import type { Timer } from "./timer.ts";
import { workOf } from "./work.ts";

/** How often the configuration is looked at for changes. */
const configurationEveryMs = 2_500;

/** `timer` waits until a changed configuration has stayed the same. `examines`: when the set-up is looked at by itself. */
type Given = { clock?: () => number; timer?: Timer | undefined; examines?: Pace | undefined };

/** Starts the whole product in this process. Throws ConfigurationError, with nothing left running, when it cannot. */
export const startServer = async (
  settings: Settings,
  log: Log,
  { clock = Date.now, timer, examines }: Given = {},
): Promise<Server> => {
  const undo: (() => Promise<unknown>)[] = [];
  try {
    return await start({ settings, log, clock, timer, examines }, (stop) => undo.unshift(stop));
  } catch (error) {
    for (const stop of undo) await stop();
    throw error;
  }
};

const start = async (
  {
    settings,
    log,
    clock,
    timer,
    examines,
  }: { settings: Settings; log: Log } & Given & { clock: () => number },
  keep: (stop: () => Promise<unknown>) => void,
): Promise<Server> => {
  const configuration = liveConfiguration({ settings, log, timer, onChange: () => void loop.retry() });
  const config = (): Config => configuration.current().config;
  const store = await openStore(settings.dataDir);
  keep(store.close);
  const upstreams = await startUpstreams(config(), settings, log);
  keep(upstreams.stop);
  let url = "";
  const process = createProcess({ store, clock, log, policyOf: (name) => policyOf(config(), name) });
  const handle = waking(process, (id) => loop.wake(id));
  const pageOf = (id: string): string => `${config().baseUrl ?? url}/incidents/${id}`;
  const work = workOf({ settings, config, store, clock, real: upstreams.real }, { handle, pageOf });
  const loop = createLoop({ process, work, log, tickMs: settings.tickMs });
  const leave = leftAlone({ store, clock, log });
  const wake = (ids: string[]) => ids.forEach(loop.wake);
  const app = routes({
    ...{ ...askedByReceivers(work), process, store, clock, log },
    get config() {
      return asOf(config(), clock());
    },
    get secrets() {
      return { ...upstreams.secrets, senders: configuration.current().senders };
    },
    ...topicOf(settings.alertTopic),
    ...{ access: settings.access, wait: (ms) => delay(ms), leave, wake },
    examine: () => setUp.latest(),
  });
  warnOfMissingLogin(settings, log);
  serveMetrics(app, store);
  const http = await listen(app.fetch, settings);
  url = addressOf(http);
  upstreams.connect(url);
  await loop.start();
  const setUp = examining({ settings, store, clock, log }, settings.real && examines);
  const stopOthers = startOthers({ settings, store, clock, log, configuration }, { leave, wake, ...work });
  return {
    url,
    reload: configuration.reload,
    async stop() {
      setUp.stop();
      await Promise.all([stopOthers(), closed(http)]);
      await loop.stop();
      await store.close();
      await upstreams.stop();
    },
  };
};

const watch = ({ reload, stop }: LiveConfiguration): (() => void) => {
  const watching = setInterval(reload, configurationEveryMs).unref();
  return () => {
    clearInterval(watching);
    stop();
  };
};

type Keeping = { settings: Settings; store: SqliteStore; clock: () => number; log: Log };

/** Starts the rest of the work beside the loop: old rounds are archived, deployers are asked, and the configuration is looked at for changes. */
const startOthers = (
  { settings, store, clock, log, configuration }: Keeping & { configuration: LiveConfiguration },
  { leave, wake, registry }: Pick<Polling, "leave" | "wake" | "registry">,
): (() => Promise<void>) => {
  const config = (): Config => configuration.current().config;
  const stopRetention = startRetention({
    ...{ store, clock, log, dir: archiveDir(settings.dataDir) },
    retentionMs: () => retentionOf(config()),
  });
  const polling = {
    ...{ store, clock, log, leave, wake, ...(registry && { registry }) },
    get config() {
      return asOf(config(), clock());
    },
    get tools() {
      return configuration.current().tools;
    },
  };
  const stopPolling = startPolling(polling, settings.pollMs);
  const stopWatching = watch(configuration);
  return async () => {
    stopWatching();
    await Promise.all([stopRetention(), stopPolling()]);
  };
};

/** The outside systems that receivers ask. */
const askedByReceivers = ({ chat, accounts, vouching, flagging, registry }: ReturnType<typeof workOf>) => ({
  ...{ chat, accounts, vouching, flagging },
  ...(registry && { registry }),
});

const serveMetrics = (app: ReturnType<typeof routes>, { active }: SqliteStore): void => {
  const metrics = scraped(active);
  app.get("/metrics", async (context) =>
    context.text(await metrics(), 200, { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" }),
  );
};

const closed = (http: HttpServer): Promise<void> =>
  new Promise((resolve) => {
    http.close(() => resolve());
    http.closeIdleConnections();
  });

/** GitHub and Slack, or the sandbox: it is loaded only where it is used, so a server with credentials starts without it. */
const startUpstreams = async (config: Config, settings: Settings, log: Log) => {
  const { real, secrets } = settings;
  if (real !== undefined) return { real, secrets, connect() {}, async stop() {} };
  return (await import("../host/server/sandbox-as-github.ts")).startSandboxUpstreams(config, settings, log);
};

const openStore = async (dataDir: string): Promise<SqliteStore> => {
  try {
    return await sqliteStore({ path: join(dataDir, "countersteer.db") });
  } catch (error) {
    throw new ConfigurationError(`DATA_DIR ${dataDir} cannot be used: ${messageOf(error)}`);
  }
};
