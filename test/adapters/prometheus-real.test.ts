import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readAlert } from "../../functions/verify/read-alert.ts";
import { prometheus } from "../../shared/adapters/prometheus/prometheus.ts";
import type { Reading } from "../../shared/ports/metrics.ts";
import type { Service } from "../../shared/ports/service.ts";
import { freePort, listening } from "../support/free-port.ts";
import { until } from "../support/until.ts";

const absent = spawnSync("prometheus", ["--version"]).error !== undefined;
const skip = absent && "prometheus is not on PATH: verification was NOT tried against the real one";
const holdMs = 2000;
const service: Service = {
  name: "payment",
  repository: "acme/payment",
  branch: "main",
  paths: [],
  environments: ["production"],
  channel: "C0OPS",
  approvers: [],
  verify: { holdMs },
};
const alert = {
  name: "HighErrorRatio",
  labels: { alertname: "HighErrorRatio", service: "payment", severity: "critical", pod: "payment-old" },
};

test("a real Prometheus is firing while it burns, quiet when it has held, unknown when the target or itself is gone", {
  skip,
}, async (context) => {
  const app = { ratio: 0.4 };
  const target = createServer((_, response) => {
    const labels = '{service="payment",pod="payment-new"}';
    response.end(
      [
        `# TYPE errors gauge\nerrors${labels} ${app.ratio * 100}\n# TYPE requests gauge\nrequests${labels} 100`,
        '# TYPE failed gauge\nfailed{version="2",pod="b"} 7',
        '# TYPE served gauge\nserved{version="1",pod="a"} 100\nserved{version="2",pod="b"} 100\n',
      ].join("\n"),
    );
  });
  const targetPort = await listening(target);
  const port = await freePort();
  const directory = await mkdtemp(join(tmpdir(), "countersteer-prometheus-"));
  const rules = {
    groups: [
      {
        name: "g",
        rules: [{ alert: alert.name, expr: "errors / requests > 0.05", labels: { severity: "critical" } }],
      },
    ],
  };
  const config = {
    global: { scrape_interval: "1s", evaluation_interval: "1s" },
    rule_files: ["rules.yml"],
    scrape_configs: [{ job_name: "payment", static_configs: [{ targets: [`127.0.0.1:${targetPort}`] }] }],
  };
  // JSON is YAML.
  await writeFile(join(directory, "rules.yml"), JSON.stringify(rules));
  await writeFile(join(directory, "prometheus.yml"), JSON.stringify(config));
  const args = [
    `--config.file=${directory}/prometheus.yml`,
    `--storage.tsdb.path=${directory}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--log.level=error",
  ];
  const server = spawn("prometheus", args, { stdio: "ignore" });
  const exited = once(server, "exit");
  context.after(async () => {
    server.kill("SIGKILL");
    target.close().closeAllConnections();
    await exited;
    await rm(directory, { recursive: true, force: true });
  });

  const metrics = prometheus({ url: `http://127.0.0.1:${port}` });
  const read = () => {
    const to = Date.now();
    return readAlert(metrics, service, { alert, window: { from: to - holdMs, to } });
  };
  await until("firing", read, ({ result }) => result === "firing");

  const healed = Date.now();
  app.ratio = 0;
  const hasHeld = (reading: Reading): boolean =>
    reading.result === "quiet" && reading.since <= Date.now() - holdMs + 500;
  await until("quiet for long enough", read, hasHeld);
  assert.ok(Date.now() - healed >= holdMs - 500);

  const course = await metrics.course(service, { ...alert, startsAt: healed }, Date.now());
  assert.deepEqual([course.forMs, course.unread, course.series.length], [0, undefined, 1]);
  assert.equal(course.series[0]!.metric, "HighErrorRatio's ratio");
  const values = course.series[0]!.points.map(([, value]) => value);
  assert.deepEqual([values[0], values.at(-1), [...new Set(values)].length], [0.4, 0, 2]);

  const byVersion = await metrics.course(
    { ...service, versionLabel: "version", verify: { holdMs, expr: "sum(failed) / sum(served) > 0.01" } },
    { name: alert.name, labels: { alertname: alert.name, version: "2" }, startsAt: healed },
    Date.now(),
  );
  assert.deepEqual(
    [
      byVersion.unread,
      ...[...byVersion.series, ...(byVersion.versions ?? [])].map(({ points }) => points[0]![1]),
    ],
    [undefined, 0.035, 0, 0.07],
  );
  assert.deepEqual(byVersion.versions?.map(({ version }) => version).sort(), ["1", "2"]);
  const traffic = await metrics.values({}, "served", { from: healed, to: Date.now() });
  assert.deepEqual("points" in traffic && [...new Set(traffic.points.map(([, value]) => value))], [200]);

  target.close().closeAllConnections();
  const blind = await until("unknown", read, ({ result }) => result === "unknown");
  assert.deepEqual(blind, {
    result: "unknown",
    verdict: "telemetry_gone",
    detail: "HighErrorRatio: no data to show that it is quiet, as errors returns nothing",
  });

  server.kill("SIGKILL");
  await exited;
  assert.deepEqual(await read(), {
    ...{ result: "unknown", failed: "prometheus" },
    detail: "HighErrorRatio could not be read (Prometheus rules: ECONNREFUSED)",
  });
});
