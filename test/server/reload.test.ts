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
  let waiting: (() => void)[] = [];
  const timer = (_: number, work: () => void) => {
    waiting.push(work);
    return () => {
      waiting = waiting.filter((one) => one !== work);
    };
  };
  /** The moment is over in which the files that were looked at last must stay the same. */
  const pass = () => waiting.splice(0).forEach((work) => void work());
  const note = (message: string, { detail }: Record<string, unknown> = {}) =>
    void logged.push([message, detail].filter((part) => part !== undefined).join(": "));
  const server = await startServer(
    readSettings({
      ...{ PORT: "0", DATA_DIR: join(directory, "data"), COUNTERSTEER_CONFIG: file },
      ...{ ALERTMANAGER_TOKEN: "alerts", TICK_MS: "60000", SENDER_TEAM: "theirs" },
    }),
    { info: note, warn: note, error: note },
    { timer },
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
  const settle = () => {
    server.reload?.();
    pass();
  };
  return { ...server, directory, file, write, fire, said, pass, settle };
};

test("a changed file counts from the next look on: services and senders come and go without a new start", async (t) => {
  const server = await start(t);
  assert.deepEqual(await server.fire("search"), ["unknown_service"]);
  writeFileSync(
    server.file,
    `senders: [{ name: team, token: SENDER_TEAM, services: [search] }]\n${header}${service("search")}`,
  );
  assert.deepEqual(await server.fire("search", "theirs"), 401);
  server.settle();
  assert.deepEqual(server.said(), ["the changed configuration is used from now on"]);
  assert.deepEqual(await server.fire("search", "theirs"), ["search/production"]);
  assert.deepEqual(await server.fire("cart"), ["unknown_service"]);
});

test("a wrong file is told once, and the former one stays until the file is right", async (t) => {
  const server = await start(t);
  server.write(service("cart").replace("acme/cart", "acme"));
  server.settle();
  server.settle();
  assert.deepEqual(server.said(), [
    "the changed configuration is not used, the former one stays: countersteer.yaml:5: services.0.repository: OWNER/REPO such as acme/shop, without the address of GitHub",
  ]);
  assert.deepEqual(await server.fire("cart"), ["cart/production"]);
  rmSync(server.file);
  server.settle();
  assert.deepEqual(server.said(), [
    "the changed configuration is not used, the former one stays: the configuration countersteer.yaml cannot be read: there is no such file (ENOENT)",
  ]);
  server.write(service("cart"), service("search"));
  server.settle();
  assert.deepEqual(server.said(), ["the changed configuration is used from now on"]);
  assert.deepEqual(await server.fire("search"), ["search/production"]);
});

test("a file that needs what the environment lacks does not count", async (t) => {
  const server = await start(t);
  server.write(service("cart", "    policy: { page: pagerduty }\n"));
  server.settle();
  assert.deepEqual(server.said(), [
    "the changed configuration is not used, the former one stays: cart pages in PagerDuty: PAGERDUTY_ROUTING_KEY must be set",
  ]);
});

test("a file that is still being written counts only once it has stayed the same, and then whole", async (t) => {
  const server = await start(t);
  const { reload = () => {} } = server;
  server.write(service("cart"), service("search"));
  server.settle();
  server.said();
  // All of these parse, and lack a service.
  for (const part of [[service("cart")], [service("search")], [service("cart", "    paths: [cart]\n")]]) {
    server.write(...part);
    reload();
    reload();
    assert.deepEqual(server.said(), []);
  }
  assert.deepEqual(await server.fire("search"), ["search/production"]);
  // Before the moment was over the file grew again, and so nothing of it counts.
  server.write(service("cart"), service("pay"));
  server.pass();
  assert.deepEqual([server.said(), await server.fire("pay")], [[], ["unknown_service"]]);
  server.write(service("cart"), service("search"), service("pay"));
  server.pass();
  server.pass();
  assert.deepEqual(server.said(), ["the changed configuration is used from now on"]);
  assert.deepEqual(await server.fire("pay"), ["pay/production"]);
  // Written anew as it was, while a change of it was waited for.
  server.write(service("cart"));
  reload();
  server.write(service("cart"), service("search"), service("pay"));
  server.pass();
  server.pass();
  assert.deepEqual([server.said(), await server.fire("search")], [[], ["search/production"]]);
});

test("a file that does not parse yet is not told as wrong, and an included one is waited for as well", async (t) => {
  const server = await start(t);
  writeFileSync(server.file, "services: [");
  server.reload?.();
  const other = join(server.directory, "search.yaml");
  writeFileSync(other, "name: search\n");
  writeFileSync(server.file, `include: search.yaml\n${header}${service("cart")}`);
  server.pass();
  assert.deepEqual(server.said(), []);
  writeFileSync(other, `services:\n${service("search")}`);
  server.pass();
  assert.deepEqual(server.said(), []);
  server.pass();
  assert.deepEqual(server.said(), ["the changed configuration is used from now on"]);
  assert.deepEqual(await server.fire("search"), ["search/production"]);
});

test("a file that says the same is not taken up anew", async (t) => {
  const server = await start(t);
  server.write(service("cart"));
  server.settle();
  assert.deepEqual(server.said(), []);
});
