import { join } from "node:path";
import { leftAlone } from "../../functions/http/left.ts";
import { routes } from "../../functions/routes.ts";
import { github, githubClient } from "../../shared/adapters/github/github.ts";
import { jsonLog } from "../../shared/adapters/log.ts";
import { slack, slackClient } from "../../shared/adapters/slack/slack.ts";
import { sqliteStore } from "../../shared/adapters/sqlite/store.ts";
import { createProcess } from "../../shared/process.ts";
import { listen } from "../host/server/listen.ts";
import { readConfig, readSettings } from "../host/settings/settings.ts";

/** The product's receivers and store without the loop behind them, to measure the cost of a durable webhook. */
const { port, dataDir, configFile, secrets, access } = readSettings(process.env);
const config = readConfig(configFile);
const log = jsonLog((line) => process.stderr.write(line), Date.now);
const store = await sqliteStore({ path: join(dataDir, "countersteer.db") });
const policies = new Map(config.services.map(({ name, policy }) => [name, policy]));
const app = routes({
  process: createProcess({ store, clock: Date.now, log, policyOf: (name) => policies.get(name)! }),
  ...{ store, config, secrets, access, log, clock: Date.now, wake: () => {} },
  chat: slack({ client: slackClient({ token: "none" }) }),
  leave: leftAlone({ store, clock: Date.now, log }),
  accounts: github({ client: githubClient({ apiUrl: "http://127.0.0.1:1", token: "none" }) }),
});
await listen(app.fetch, { port, host: "127.0.0.1" });
