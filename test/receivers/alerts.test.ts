import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { UpstreamError } from "../../shared/errors.ts";
import { doors } from "../support/doors.ts";
import { id } from "../support/incident.ts";
import { webhook } from "../support/payloads.ts";
import { world } from "../support/world.ts";

const receiptsOf = async (response: Response) =>
  ((await response.json()) as { receipts: { outcome: string; incident?: string }[] }).receipts;

test("a firing alert is answered 202 with the incident it opened, and the incident is woken", async () => {
  const { notify, woken } = doors();
  const response = await notify(webhook([{}]));
  assert.equal(response.status, 202);
  assert.deepEqual(await receiptsOf(response), [
    { alertname: "PaymentErrorsHigh", fingerprint: "f1", outcome: "opened", incident: id },
  ]);
  assert.deepEqual(woken, [id]);
});

test("each alert of a group has a receipt of its own", async () => {
  const { notify } = doors();
  await notify(webhook([{}, { fingerprint: "f2" }]));
  const group = webhook([
    {},
    { fingerprint: "f2", status: "resolved", endsAt: "1970-01-01T00:00:15Z" },
    { fingerprint: "f3" },
    { fingerprint: "f4", labels: { service: "search" } },
    { fingerprint: "f5", labels: { environment: "staging" } },
    { fingerprint: "f1", startsAt: "1970-01-01T00:00:01Z" },
  ]);
  const outcomes = (await receiptsOf(await notify(group))).map(({ outcome }) => outcome);
  assert.deepEqual(outcomes, [
    "repeat",
    "resolved",
    "joined",
    "unknown_service",
    "unknown_environment",
    "stale",
  ]);
});

test("every captured notification is taken, twice, and the second time changes nothing", async () => {
  const captures = globSync("test/fixtures/alertmanager/*.json", { cwd: join(import.meta.dirname, "../..") });
  assert.ok(captures.length >= 10, `only ${captures.length} captures`);
  for (const file of captures) {
    const capture = JSON.parse(readFileSync(file, "utf8"));
    const body = capture.rawBody ?? JSON.stringify(capture.body ?? capture);
    if (JSON.parse(body).version !== "4") continue;
    const { notify, made } = doors();
    const first = await notify(body.replaceAll(/"service":"[^"]*"/g, '"service":"payment-gateway"'));
    assert.equal(first.status, 202, file);
    const before = await made.store.load(id);
    const second = await notify(body.replaceAll(/"service":"[^"]*"/g, '"service":"payment-gateway"'));
    for (const { outcome } of await receiptsOf(second))
      assert.ok(
        ["repeat", "unknown_environment", "unknown_service"].includes(outcome),
        `${file}: ${outcome}`,
      );
    assert.deepEqual(await made.store.load(id), before, file);
  }
});

test("basic auth works with any user and the token as password", async () => {
  const { notify } = doors();
  const basic = `Basic ${Buffer.from("alertmanager:am-token").toString("base64")}`;
  assert.equal((await notify(webhook([{}]), basic)).status, 202);
});

test("a wrong token is 401, and nothing is parsed or stored", async () => {
  const { notify, made } = doors();
  for (const authorization of ["", "Bearer wrong", "Bearer am-toke", "Basic !!", "am-token"]) {
    const response = await notify("{ this is not even JSON", authorization);
    assert.equal(response.status, 401, authorization);
  }
  assert.deepEqual(await made.store.list(), []);
});

test("a body over the cap is 413, declared or not", async () => {
  const { app } = doors();
  const authorization = "Bearer am-token";
  const declared = await app.request("/webhooks/alertmanager", {
    method: "POST",
    headers: { authorization, "content-length": "99999999" },
    body: "{}",
  });
  assert.equal(declared.status, 413);
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(1024 * 1024)),
  });
  const streamed = await app.request("/webhooks/alertmanager", {
    method: "POST",
    headers: { authorization },
    body: endless,
    duplex: "half",
  } as RequestInit);
  assert.equal(streamed.status, 413);
});

test("what is not JSON or not v4 is 400 with a sentence, and logged once, however often it is repeated", async () => {
  const { notify, lines } = doors();
  for (let times = 0; times < 3; times++) {
    assert.equal((await notify("{")).status, 400);
    const grafana = await notify({ ...webhook([{}]), version: "1" });
    assert.equal(grafana.status, 400);
    assert.match(((await grafana.json()) as { error: string }).error, /version/);
  }
  assert.deepEqual(lines, ["request refused"]);
});

test("a refusal is remembered by its door, whichever incident the address names", async () => {
  const { app, lines } = doors();
  for (let index = 0; index < 20; index++) {
    await app.request(`/incidents/any-${index}/production/retry`, { method: "POST" });
    await app.request(`/incidents/any-${index}/production`, { headers: { host: "evil.example" } });
  }
  assert.deepEqual(lines, ["request refused", "request refused"]);
});

test("an alert without a start gets its receipt and a line in the log, and the others of its group open the incident", async () => {
  const { notify, lines, made } = doors();
  const body = webhook([{ fingerprint: "a1" }, { fingerprint: "b2" }, { fingerprint: "c3" }]);
  const [first, , last] = body.alerts;
  const response = await notify({
    ...body,
    alerts: [first, { ...first, fingerprint: "b2", startsAt: null }, last],
  });
  assert.equal(response.status, 202);
  const { receipts } = (await response.json()) as { receipts: object[] };
  assert.deepEqual(receipts[1], {
    ...{ alertname: "PaymentErrorsHigh", fingerprint: "b2", outcome: "malformed" },
    problem: "alerts[1].startsAt: not an RFC 3339 time",
  });
  assert.equal(receipts.length, 3);
  assert.deepEqual(lines.filter((line) => line === "alert refused").length, 1);
  assert.equal((await made.store.load(id)).incident.alerts.length, 2);
  assert.equal((await notify({ ...body, alerts: [{ ...first, startsAt: null }] })).status, 400);
});

test("a store that fails is 503, so that Alertmanager repeats", async () => {
  const made = world();
  made.store.append = async () => {
    throw new UpstreamError("store", "append: disk full", { retryable: true });
  };
  const response = await doors(made).notify(webhook([{}]));
  assert.equal(response.status, 503);
  assert.equal(JSON.stringify(await response.json()).includes("disk"), false);
});

test("a store that is not ready makes the server not ready, while it stays alive", async () => {
  const made = world();
  made.store.ready = async () => {
    throw new UpstreamError("store", "disk full", { retryable: true });
  };
  const { app } = doors(made);
  assert.equal((await app.request("/readyz")).status, 503);
  assert.equal((await app.request("/healthz")).status, 200);
});
