import assert from "node:assert/strict";
import { test } from "node:test";
import { startGate } from "../../infra/demo/chaos/gate.ts";
import { allRight, tableOf } from "../../infra/demo/chaos/table.ts";
import { asTwin, startTwins } from "../../infra/demo/chaos/twins.ts";
import { serve } from "../support/answering.ts";

test("a gate passes requests on, makes them slow, loses them, and lets them through again", async (t) => {
  await using server = await serve(({ path, body }) => ({ body: JSON.stringify({ path, body }) }));
  const gate = await startGate(`${server.url}/api/`);
  t.after(gate.stop);
  const ask = async () =>
    (await fetch(`${gate.url}/pulls`, { method: "POST", body: "x" })).json() as Promise<unknown>;
  const passed = { path: "/api/pulls", body: "x" };
  assert.deepEqual(await ask(), passed);
  assert.equal(gate.met(), 0);
  gate.slow(30);
  const began = performance.now();
  assert.deepEqual(await ask(), passed);
  assert.ok(performance.now() - began >= 29);
  gate.lose();
  await assert.rejects(ask());
  assert.ok(gate.met() >= 1);
  gate.restore();
  assert.deepEqual(await ask(), passed);
});

test("the second replica tells each notification once more, with a start of its own", async (t) => {
  await using server = await serve(() => ({ status: 202, body: "{}" }));
  const twins = await startTwins(`${server.url}/webhooks/alertmanager`);
  t.after(twins.stop);
  const body = JSON.stringify({
    version: "4",
    alerts: [{ fingerprint: "a", startsAt: "2026-11-22T12:00:00Z" }],
  });
  const sent = { method: "POST", body, headers: { authorization: "Bearer t" } };
  assert.equal((await fetch(twins.url, sent)).status, 202);
  await twins.settled();
  assert.deepEqual(
    server.asked.map(({ path, headers, body: told }) => [
      ...[path, headers.authorization],
      JSON.parse(told).alerts[0].startsAt,
    ]),
    [
      ["/webhooks/alertmanager", "Bearer t", "2026-11-22T12:00:00Z"],
      ["/webhooks/alertmanager", "Bearer t", "2026-11-22T12:00:01.000Z"],
    ],
  );
  assert.equal(twins.told(), 2);
  assert.equal(asTwin('{"alerts":[{}]}'), '{"alerts":[{}]}');
});

test("the table marks what was right, wrong and not tried", () => {
  const rows = [
    { disturbance: "a slow GitHub", did: "asked", isRight: true },
    { disturbance: "a full disk", did: "not tried: no root" },
  ];
  assert.deepEqual(tableOf(rows), ["✓ a slow GitHub  asked", "- a full disk    not tried: no root"]);
  assert.deepEqual(
    [allRight(rows), allRight([{ disturbance: "x", did: "y", isRight: false }])],
    [true, false],
  );
});
