import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startChild, untilReady } from "../../infra/demo/child.ts";
import { findBinaries, freePorts } from "../../infra/demo/monitor/real.ts";
import { alertmanagerAlerts } from "../../shared/adapters/alertmanager/active-alerts.ts";
import type { Incident } from "../../shared/incident/model.ts";
import { doors } from "../support/doors.ts";
import { listening } from "../support/free-port.ts";
import { secrets } from "../support/payloads.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/until.ts";
import { service, type World, world } from "../support/world.ts";

const binaries = await findBinaries();
const skip = binaries === undefined && "prometheus-alertmanager is not on PATH: a pair of them was NOT tried";

/** The product's own doors, on loopback. */
const served = async (t: TestContext, made: World): Promise<string> => {
  const { app } = doors(made);
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const headers = new Headers(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    const answer = await app.request(request.url ?? "/", { method: "POST", body, headers });
    response.writeHead(answer.status).end(await answer.text());
  });
  const port = await listening(server);
  t.after(() => server.close().closeAllConnections());
  return `http://127.0.0.1:${port}`;
};

/** Two Alertmanagers of one cluster, which cut groups at two alerts. */
const startPair = async (t: TestContext, webhook: string): Promise<[string, string]> => {
  const directory = await scratch(t);
  const [first = 0, second = 0, ...peers] = await freePorts(4);
  const inhibited = { target_matchers: ['alertname="PaymentsSlow"'], equal: ["environment"] };
  const config = {
    route: {
      ...{ receiver: "countersteer", group_by: ["alertname", "environment"] },
      ...{ group_wait: "100ms", group_interval: "300ms", repeat_interval: "1h" },
    },
    receivers: [
      {
        name: "countersteer",
        webhook_configs: [
          {
            ...{ url: `${webhook}/webhooks/alertmanager`, max_alerts: 2, send_resolved: true },
            http_config: { authorization: { credentials: secrets.alertmanager } },
          },
        ],
      },
    ],
    inhibit_rules: [{ source_matchers: ['alertname="ZoneDown"'], ...inhibited }],
  };
  const file = join(directory, "alertmanager.yml");
  // JSON is YAML.
  await writeFile(file, JSON.stringify(config));
  const start = async (port: number, own = 0, other = 0): Promise<string> => {
    const url = `http://127.0.0.1:${port}`;
    const child = startChild({
      command: binaries?.alertmanager ?? "",
      args: [
        ...[`--config.file=${file}`, `--storage.path=${join(directory, String(port))}`],
        ...[`--web.listen-address=127.0.0.1:${port}`, `--cluster.listen-address=127.0.0.1:${own}`],
        ...[`--cluster.peer=127.0.0.1:${other}`, "--cluster.peer-timeout=500ms"],
        ...["--cluster.gossip-interval=50ms", "--cluster.settle-timeout=1s"],
      ],
      log: join(directory, `${port}.log`),
    });
    t.after(child.stop);
    await untilReady("Alertmanager", child, async () => (await fetch(`${url}/-/ready`)).ok);
    return url;
  };
  return Promise.all([start(first, peers[0], peers[1]), start(second, peers[1], peers[0])]);
};

type Told = { alertname: string; environment: string; pod?: string };
const tell = async (urls: string[], labels: Told, times: { from: number; to: number }): Promise<void> => {
  const alert = {
    labels: { ...labels, service: "payment-gateway" },
    annotations: { summary: "payments fail for minor units" },
    ...{ startsAt: new Date(times.from).toISOString(), endsAt: new Date(times.to).toISOString() },
  };
  const body = JSON.stringify([alert]);
  const headers = { "content-type": "application/json" };
  await Promise.all(urls.map((url) => fetch(`${url}/api/v2/alerts`, { method: "POST", body, headers })));
};

test("a pair of real Alertmanagers: two replicas' starts are one firing, a cut group is completed, and an inhibition is seen", {
  skip,
}, async (t) => {
  const made = world({ configured: service({ environments: ["production", "eu", "us"] }) });
  Object.defineProperty(made.state, "now", { get: Date.now, set: () => {} });
  const pair = await startPair(t, await served(t, made));
  made.work.activeAlerts = alertmanagerAlerts({ system: "alertmanager", url: pair[0] });
  const incident = async (environment: string) =>
    (await made.store.load(`payment-gateway/${environment}`)).incident;
  const statusIs = (environment: string, wanted: Incident["status"]) =>
    until(
      `${environment} ${wanted}`,
      () => made.settle(`payment-gateway/${environment}`),
      ({ status }) => status === wanted,
    );
  const now = Date.now();
  const open = now + 600_000;
  const failing = { alertname: "PaymentErrorsHigh", environment: "production" };
  await tell(pair, failing, { from: now - 5_000, to: open });
  for (const pod of ["a", "b", "c"])
    await tell(pair, { alertname: "PodFailing", environment: "eu", pod }, { from: now - 5_000, to: open });
  await tell(pair, { alertname: "ZoneDown", environment: "us" }, { from: now - 5_000, to: open });
  // Nothing looks at the incident before its group was cut, in whichever notification that is.
  await until(
    "a cut group",
    () => incident("eu"),
    (one) => "truncated" in one && one.truncated,
  );
  // No change of this world is near the present.
  await Promise.all([statusIs("production", "escalated"), statusIs("eu", "escalated")]);
  // The other replica of Prometheus saw it first.
  await tell(pair, failing, { from: now - 20_000, to: open });
  const eu = await incident("eu");
  assert.deepEqual(
    eu.status !== "none" && [
      eu.alerts.map(({ labels }) => labels.pod).toSorted(),
      "truncated" in eu && eu.truncated,
    ],
    [["a", "b", "c"], false],
  );
  const slow = { alertname: "PaymentsSlow", environment: "us" };
  await tell(pair, slow, { from: now - 5_000, to: open });
  const held = await until(
    "the inhibition",
    () => made.work.activeAlerts?.list(slow) ?? Promise.resolve([]),
    ([one]) => (one?.inhibitedBy.length ?? 0) > 0,
  );
  assert.deepEqual(
    held.map(({ alert, inhibitedBy }) => [alert.name, inhibitedBy.length]),
    [["PaymentsSlow", 1]],
  );
  made.state.reading = { result: "quiet", since: 0 };
  const over = Date.now();
  await Promise.all([
    tell(pair, failing, { from: now - 5_000, to: over }),
    tell(pair, failing, { from: now - 20_000, to: over }),
  ]);
  const ended = await statusIs("production", "closed");
  assert.equal(ended.status === "closed" && ended.outcome, "recovered");
});
