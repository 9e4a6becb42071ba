import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readSettings } from "../../infra/host/settings/settings.ts";
import { startServer } from "../../infra/local/server.ts";
import { webhook } from "../support/payloads.ts";
import { scratch } from "../support/scratch.ts";

const header = "baseUrl: https://countersteer.example.com\nservices:\n";
const service = (name: string, more = ""): string => `  - name: ${name}
    match: ['service="${name}"']
    repository: acme/${name}
    environments: [production]
    channel: C024BE91L
${more}`;

/** A server in observe mode whose file holds the service cart. */
const start = async (t: TestContext) => {
  const directory = await scratch(t);
  const file = join(directory, "countersteer.yaml");
  const write = (...services: string[]) => writeFileSync(file, header + services.join(""));
  write(service("cart"));
  const logged: string[] = [];
  const note = (message: string, { detail }: Record<string, unknown> = {}) =>
    void logged.push([message, detail].filter((part) => part !== undefined).join(": "));
  const server = await startServer(
    readSettings({
      ...{ PORT: "0", DATA_DIR: join(directory, "data"), COUNTERSTEER_CONFIG: file },
      ...{ ALERTMANAGER_TOKEN: "alerts", TICK_MS: "60000", SENDER_TEAM: "theirs" },
    }),
    { info: note, warn: note, error: note },
  );
  t.after(server.stop);
  const fire = async (name: string, token = "alerts"): Promise<unknown> => {
    const alert = { labels: { alertname: "Down", service: name, environment: "production" } };
    const answer = await fetch(`${server.url}/webhooks/alertmanager`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(webhook([alert])),
    });
    const { receipts } = (await answer.json()) as { receipts?: { incident?: string; outcome: string }[] };
    return receipts?.map(({ incident, outcome }) => incident ?? outcome) ?? answer.status;
  };
  /** The lines about the file since the last call, without its folder. */
  const said = (): string[] =>
    logged
      .splice(0)
      .filter((line) => /the changed configuration|registries/.test(line))
      .map((line) => line.replaceAll(`${directory}/`, ""));
  return { ...server, file, write, fire, said };
};

test("a changed file counts from the next look on: services and senders come and go without a new start", async (t) => {
  const server = await start(t);
  assert.deepEqual(await server.fire("search"), ["unknown_service"]);
  writeFileSync(
    server.file,
    `senders: [{ name: team, token: SENDER_TEAM, services: [search] }]\n${header}${service("search")}`,
  );
  assert.deepEqual(await server.fire("search", "theirs"), 401);
  server.reload?.();
  assert.deepEqual(server.said(), ["the changed configuration is used from now on"]);
  assert.deepEqual(await server.fire("search", "theirs"), ["search/production"]);
  assert.deepEqual(await server.fire("cart"), ["unknown_service"]);
});

test("a wrong file is told once, and the former one stays until the file is right", async (t) => {
  const server = await start(t);
  server.write(service("cart").replace("acme/cart", "acme"));
  server.reload?.();
  server.reload?.();
  assert.deepEqual(server.said(), [
    "the changed configuration is not used, the former one stays: countersteer.yaml:5: services.0.repository: OWNER/REPO such as acme/shop, without the address of GitHub",
  ]);
  assert.deepEqual(await server.fire("cart"), ["cart/production"]);
  rmSync(server.file);
  server.reload?.();
  assert.deepEqual(server.said(), [
    "the changed configuration is not used, the former one stays: the configuration countersteer.yaml cannot be read: ENOENT",
  ]);
  server.write(service("cart"), service("search"));
  server.reload?.();
  assert.deepEqual(server.said(), ["the changed configuration is used from now on"]);
  assert.deepEqual(await server.fire("search"), ["search/production"]);
});

test("a file that needs what the environment lacks does not count", async (t) => {
  const server = await start(t);
  server.write(service("cart", "    policy: { page: pagerduty }\n"));
  server.reload?.();
  assert.deepEqual(server.said(), [
    "the changed configuration is not used, the former one stays: cart pages in PagerDuty: PAGERDUTY_ROUTING_KEY must be set",
  ]);
});

test("a file that says the same is not taken up anew", async (t) => {
  const server = await start(t);
  server.write(service("cart"));
  server.reload?.();
  assert.deepEqual(server.said(), []);
});
