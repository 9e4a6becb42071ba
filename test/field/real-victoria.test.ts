import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startChild, untilReady } from "../../infra/demo/child.ts";
import { freePorts } from "../../infra/demo/monitor/real.ts";
import { prometheus } from "../../shared/adapters/prometheus/prometheus.ts";
import type { Incident } from "../../shared/incident/model.ts";
import { listening } from "../support/free-port.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/until.ts";
import { burning, policy, service, type World, world } from "../support/world.ts";

const isMissing = ["victoria-metrics", "vmalert"].some(
  (name) => spawnSync(name, ["-version"]).error !== undefined,
);
const skip = isMissing && "victoria-metrics and vmalert are not on PATH: they were NOT tried";

const labels = { service: "payment-gateway", environment: "production" };
const recording = {
  record: "victoria:share",
  expr: 'sum by (service) (rate(victoria_total{code="500"}[4s])) / sum by (service) (rate(victoria_total[4s]))',
};
const alerting = [
  { alert: "Recorded", expr: "victoria:share > 0.1" },
  { alert: "Windowless", expr: 'sum by (service) (rate(victoria_total{code="500"})) > 1' },
  { alert: "MetricsQL", expr: "victoria_depth default 0 > 5" },
];

/** VictoriaMetrics that scrapes every second, with vmalert behind its API. `fix` ends the trouble. */
const start = async (t: TestContext): Promise<{ url: string; fix: () => void }> => {
  const directory = await scratch(t);
  const [port, alertPort] = await freePorts(2);
  const [url, alerts] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${alertPort}`];
  const began = Date.now();
  let scrapes = 0;
  let fixedAt: number | undefined;
  const target = createServer((_, response) => {
    const own = Object.entries(labels)
      .map(([name, value]) => `${name}="${value}"`)
      .join(",");
    scrapes += 1;
    const [now, until] = [Date.now(), fixedAt ?? Date.now()];
    response.end(
      [
        `victoria_total{${own},code="500"} ${(until - began) / 100}`,
        `victoria_total{${own},code="200"} ${(now - began) / 100}`,
        `victoria_depth{${own}} ${fixedAt === undefined ? 9 : 1}\n`,
      ].join("\n"),
    );
  });
  const targets = [`127.0.0.1:${await listening(target)}`];
  t.after(() => target.close().closeAllConnections());
  const [scrapeFile, rulesFile] = [join(directory, "scrape.yml"), join(directory, "rules.yml")];
  // JSON is YAML.
  await writeFile(
    scrapeFile,
    JSON.stringify({
      global: { scrape_interval: "1s" },
      scrape_configs: [{ job_name: "pay", honor_labels: true, static_configs: [{ targets }] }],
    }),
  );
  const writeRules = (rules: object[]) =>
    writeFile(rulesFile, JSON.stringify({ groups: [{ name: "pay", interval: "1s", rules }] }));
  await writeRules([recording]);
  const run = async (command: string, given: string[], ready: string): Promise<void> => {
    const child = startChild({
      command,
      args: [...given, "-loggerLevel=ERROR"],
      log: join(directory, command),
    });
    t.after(child.kill);
    await untilReady(command, child, async () => (await fetch(ready)).ok);
  };
  await run(
    "victoria-metrics",
    [
      ...[`-storageDataPath=${join(directory, "data")}`, `-httpListenAddr=127.0.0.1:${port}`],
      ...[`-promscrape.config=${scrapeFile}`, `-vmalert.proxyURL=${alerts}`, "-search.latencyOffset=0s"],
    ],
    `${url}/health`,
  );
  // VictoriaMetrics remembers for ten seconds that a series is not there: no rule asks for one before.
  await until(
    "scrapes",
    () => scrapes,
    (count) => count > 3,
  );
  await run(
    "vmalert",
    [
      ...[
        `-rule=${rulesFile}`,
        `-datasource.url=${url}`,
        `-remoteWrite.url=${url}`,
        "-notifier.url=http://127.0.0.1:1",
      ],
      ...[`-httpListenAddr=127.0.0.1:${alertPort}`, "-evaluationInterval=1s"],
      "-remoteWrite.flushInterval=200ms",
    ],
    `${alerts}/health`,
  );
  const sent = async (): Promise<number> =>
    Number(
      /^vmalert_remotewrite_sent_rows_total (\d+)/m.exec(
        await (await fetch(`${alerts}/metrics`)).text(),
      )?.[1],
    );
  await until("recorded samples", sent, (count) => count > 2);
  await writeRules([recording, ...alerting]);
  await fetch(`${alerts}/-/reload`);
  return { url, fix: () => (fixedAt = Date.now()) };
};

const asked = async (url: string, name: string): Promise<World> => {
  const made = world({
    configured: service({ verify: { holdMs: 3_000 }, policy: { ...policy, minConfidence: 0 } }),
  });
  Object.defineProperty(made.state, "now", { get: Date.now, set: () => {} });
  made.work.metrics = prometheus({ url, clock: Date.now });
  await made.alerts([
    { ...burning, name, labels: { ...labels, alertname: name }, startsAt: Date.now() - 2_000 },
  ]);
  await made.settle();
  return made;
};

test("behind VictoriaMetrics and vmalert a recorded rule and one without a window are verified, and MetricsQL is told at once", {
  skip,
}, async (t) => {
  const { url, fix } = await start(t);
  const firing = async (): Promise<number> =>
    (await (await fetch(`${url}/api/v1/alerts`)).text()).split('"state":"firing"').length - 1;
  await until("three alerts", firing, (count) => count === 3);
  const worlds = await Promise.all(["Recorded", "Windowless", "MetricsQL"].map((name) => asked(url, name)));
  const [recorded, windowless, other] = worlds as [World, World, World];
  assert.match(
    JSON.stringify([...other.state.messages.values()]),
    /MetricsQL can never be verified: its expression is not PromQL that can be read \(MetricsQL and LogQL are not\); set verify\.expr and verify\.data/,
  );
  const isOver = async (made: World): Promise<Incident> => {
    await made.approve();
    await made.settle();
    await made.deploy();
    return until(
      "the end",
      () => made.settle(),
      ({ status }) => status === "closed",
    );
  };
  fix();
  const ended = await Promise.all([recorded, windowless].map(isOver));
  assert.deepEqual(
    ended.map((one) => one.status === "closed" && one.outcome),
    ["verified", "verified"],
  );
});
