import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkConfig } from "../../infra/cli/check-config.ts";
import { doctor } from "../../infra/cli/doctor.ts";
import { init } from "../../infra/cli/init/command.ts";
import { readSettings } from "../../infra/host/settings/settings.ts";
import { examining } from "../../infra/local/examining.ts";
import { startServer } from "../../infra/local/server.ts";
import { gitSync } from "../support/git-runner.ts";
import { openShop } from "../support/github-shop.ts";
import { webhook } from "../support/payloads.ts";
import { quietPrometheus } from "../support/prometheus.ts";
import { inbox, scratch } from "../support/scratch.ts";

const rules = `groups:
  - name: shop
    rules: [{ alert: PaymentErrorsHigh, expr: up == 0, labels: { service: shop } }]
`;

test("from a clone and the rules of Prometheus to the first observed incident: init, check-config, doctor, start, one alert", async (t) => {
  const shop = await openShop(t);
  const dir = await scratch(t);
  const prometheus = await quietPrometheus("PaymentErrorsHigh");
  t.after(prometheus.close);
  const clone = join(dir, "clone");
  gitSync(dir, ["clone", "-q", shop.git("rev-parse", "--absolute-git-dir"), clone]);
  writeFileSync(join(dir, "rules.yaml"), rules);
  const file = join(dir, "countersteer.yaml");
  const env = {
    ...{ COUNTERSTEER_CONFIG: file, DATA_DIR: join(dir, "data"), PORT: "0", ALERTMANAGER_TOKEN: "alerts" },
    ...{ GITHUB_TOKEN: shop.sandbox.token, GITHUB_API_URL: shop.sandbox.github },
    ...{ SLACK_BOT_TOKEN: shop.sandbox.slackToken, SLACK_API_URL: shop.sandbox.slack },
    ...{ SLACK_SIGNING_SECRET: "signs", PROMETHEUS_URL: prometheus.url },
  };
  const said: string[] = [];
  const io = { out: (text: string) => void said.push(text), err: (text: string) => void said.push(text) };

  const asked = ["--channel", "C0OPS", "--repo", "acme/shop", "--dir", clone];
  const written = [...asked, "--rules", join(dir, "rules.yaml"), "--file", file];
  assert.equal(await init(written, io, { env: {} }), 0, said.join(""));
  // The incident ends with its first look instead of its last, ten minutes later.
  const draft = readFileSync(file, "utf8");
  writeFileSync(file, draft.replace("{ mode: observe }", "{ mode: observe, lookAgain: [] }"));
  assert.equal(await checkConfig([file], io), 0, said.join(""));
  said.length = 0;
  assert.equal(await doctor([], io, { env }), 0, said.join(""));
  assert.deepEqual(
    said.filter((line) => line.startsWith("FAILED")),
    [],
  );

  const logged = inbox<{ message: string; to?: unknown; about?: unknown; text?: unknown }>();
  const note = (message: string, fields: Record<string, unknown> = {}) => logged.put({ ...fields, message });
  const log = { info: note, warn: note, error: note };
  const server = await startServer(readSettings(env), log, { examines: { firstMs: 0, everyMs: 3_600_000 } });
  t.after(server.stop);
  const wrong = await logged.first(({ about }) => about === "alerts");
  assert.match(String(wrong.text), /^no alert has come in yet/);
  await logged.first(({ message }) => message === "looked at the set-up");
  const deep = await fetch(`${server.url}/readyz?deep`);
  const { findings } = (await deep.json()) as { findings: { about: string; level: string }[] };
  assert.deepEqual([deep.status, findings.find(({ about }) => about === "slack")?.level], [200, "ok"]);
  const startsAt = new Date().toISOString();
  const alert = {
    labels: { alertname: "PaymentErrorsHigh", service: "shop", environment: "production" },
    startsAt,
  };
  const answer = await fetch(`${server.url}/webhooks/alertmanager`, {
    method: "POST",
    headers: { authorization: "Bearer alerts", "content-type": "application/json" },
    body: JSON.stringify(webhook([alert])),
  });
  assert.equal(answer.status, 202);
  await logged.first(({ to }) => to === "closed");
  const address = `${server.url}/incidents/shop/production`;
  const read = await fetch(address, { headers: { accept: "application/json" } });
  const { status, outcome, suspects } = (await read.json()) as Record<string, unknown>;
  assert.deepEqual([status, outcome, Array.isArray(suspects)], ["closed", "observed", true]);
  assert.deepEqual(shop.git("for-each-ref", "--format=%(refname)", "refs/heads"), "refs/heads/main");
});

test("a server that starts again and again never looks at its set-up: the first look waits its time", () => {
  const asked: unknown[] = [];
  const store = new Proxy({}, { get: (_, name) => asked.push(name) });
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const given = { settings: {}, store, clock: () => 0, log } as unknown as Parameters<typeof examining>[0];
  const { stop } = examining(given, { firstMs: 60_000, everyMs: 60_000 });
  stop();
  assert.deepEqual(asked, []);
});
