import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { doors } from "../support/doors.ts";
import { id } from "../support/incident.ts";
import { service } from "../support/world.ts";

const report = {
  service: "payment-gateway",
  environment: "production",
  flag: "new-rates",
  change: "off → on",
  at: "1970-01-01T00:00:12Z",
  url: "https://flags.test/new-rates",
};
const fixture = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../fixtures/flags/${name}.json`), "utf8"));
const updated = fixture("launchdarkly-updated");
const rollout = fixture("unleash-rollout");

const place = { service: "payment-gateway", environment: "production" };
/** The doors of a service that takes flags, and what was recorded of it. */
const open = (flags?: string[]) => {
  const made = doors(undefined, { services: [service(flags === undefined ? {} : { flags })] });
  const flips = async () => (await made.made.store.changes("payment-gateway", "production", 0)).flips;
  return { ...made, flips };
};
const answer = async (response: Promise<Response>) => {
  const made = await response;
  return [made.status, await made.json()];
};

test("a report of a flag is durable when it is answered, and has the incident that it may be about looked at", async () => {
  const { flipped, flips, woken } = open();
  assert.deepEqual(await answer(flipped(report)), [202, { outcome: "recorded", incident: id }]);
  assert.deepEqual(await flips(), [
    {
      ...{ ...place, flag: "new-rates", change: "off → on", at: 12_000 },
      url: "https://flags.test/new-rates",
    },
  ]);
  assert.deepEqual(woken, [id]);
});

test("the same report twice is one, and one from the future counts from now", async () => {
  const { flipped, flips, made } = open();
  await flipped(report);
  await flipped(report);
  assert.equal((await flips()).length, 1);
  await flipped({ ...report, at: "9999-01-01T00:00:00Z" });
  assert.equal((await flips())[0]?.at, made.state.now);
  await flipped({ ...report, flag: "other", at: undefined });
  assert.equal((await flips()).find(({ flag }) => flag === "other")?.at, made.state.now);
});

test("an unknown service or environment is 202 with the reason", async () => {
  const { flipped, flips } = open();
  const outcome = async (over: object) => (await answer(flipped({ ...report, ...over })))[1];
  assert.deepEqual(await outcome({ service: "search" }), { outcome: "unknown_service" });
  assert.deepEqual(await outcome({ environment: "moon" }), { outcome: "unknown_environment" });
  assert.deepEqual(await flips(), []);
});

test("a malformed report is 400 and names the field", async () => {
  const { flipped, flips } = open();
  const bad: [object, RegExp][] = [
    [{ flag: undefined }, /^not a report of a flag: flag: /],
    [{ flag: "x".repeat(257) }, /^not a report of a flag: flag: /],
    [{ flag: "a\nb" }, /^not a report of a flag: flag: one line of text$/],
    [{ change: "" }, /^not a report of a flag: change: /],
    [{ change: "on\u0000" }, /^not a report of a flag: change: one line of text$/],
    [{ at: "yesterday" }, /^not a report of a flag: at: /],
    [{ url: "javascript:alert(1)" }, /^not a report of a flag: url: /],
  ];
  for (const [over, sentence] of bad) {
    const [status, body] = await answer(flipped({ ...report, ...over }));
    assert.equal(status, 400);
    assert.match((body as { error: string }).error, sentence);
  }
  for (const body of [[], null, "text", 7]) assert.equal((await flipped(body)).status, 400);
  assert.deepEqual(await flips(), []);
});

test("without its token, with another door's, or past the cap nothing is read", async () => {
  const { flipped, post, flips } = open();
  assert.equal((await flipped(report, "Bearer deploy-token")).status, 401);
  assert.equal((await post("/webhooks/flags", JSON.stringify(report))).status, 401);
  const large = JSON.stringify({ ...report, filler: "x".repeat(5 * 1024 * 1024) });
  const authorization = "Bearer flags-token";
  assert.equal((await post("/webhooks/flags", large, { authorization })).status, 413);
  assert.equal((await post("/webhooks/flags", "{", { authorization })).status, 400);
  assert.deepEqual(await flips(), []);
});

test("LaunchDarkly's webhook, signed, is recorded for the services that take the flag", async () => {
  const { launchDarkly, flips } = open(["checkout-*"]);
  assert.deepEqual(await answer(launchDarkly(updated)), [202, { outcome: "recorded", incidents: [id] }]);
  await launchDarkly(updated);
  assert.deepEqual(await flips(), [
    {
      ...place,
      ...{ flag: "checkout-new-rates", at: 12_000 },
      change: "turned the flag on; changed the default variation from off to on",
    },
  ]);
});

test("a LaunchDarkly webhook with another secret's signature, or none, is 401", async () => {
  const { launchDarkly, post, flips } = open(["*"]);
  assert.equal((await launchDarkly(updated, "another secret")).status, 401);
  assert.equal((await post("/webhooks/flags", JSON.stringify(updated))).status, 401);
  const headers = { "x-ld-signature": "" };
  assert.equal((await post("/webhooks/flags", JSON.stringify(updated), headers)).status, 401);
  assert.deepEqual(await flips(), []);
});

test("of LaunchDarkly's actions those count that change what a flag serves, in all environments where it says none", async () => {
  const { launchDarkly, flips } = open(["shop/*"]);
  const access = (action: string, resource = "proj/shop;pci:env/production;eu:flag/checkout-fee;ops") => ({
    ...{ ...updated, description: "", titleVerb: "archived the flag" },
    accesses: [{ action, resource }],
  });
  const outcome = async (payload: unknown) => (await answer(launchDarkly(payload)))[1];
  assert.deepEqual(await outcome(access("updateTags")), { outcome: "ignored" });
  assert.deepEqual(await outcome({ ...updated, kind: "project" }), { outcome: "ignored" });
  assert.deepEqual(await outcome(access("updateOn", "proj/web:env/production:flag/checkout-fee")), {
    outcome: "unknown_flag",
  });
  assert.deepEqual(await outcome(access("updateOn", "proj/shop:env/test:flag/checkout-fee")), {
    outcome: "unknown_environment",
  });
  await outcome(access("updateTargets"));
  await outcome({ ...access("updateGlobalArchived", "proj/shop:env/*:flag/old"), date: 11_000 });
  assert.deepEqual(await flips(), [
    { ...place, flag: "checkout-fee", change: "archived the flag", at: 12_000 },
    { ...place, flag: "old", change: "archived the flag", at: 11_000 },
  ]);
});

test("a broken LaunchDarkly webhook or Unleash event is 400 and names the field", async () => {
  const { flipped } = open(["*"]);
  const [status, body] = await answer(flipped({ ...updated, accesses: [{ action: "updateOn" }] }));
  assert.equal(status, 400);
  assert.match((body as { error: string }).error, /^not a LaunchDarkly webhook: accesses\.0\.resource: /);
  const [, other] = await answer(flipped({ ...rollout, createdAt: 12 }));
  assert.match((other as { error: string }).error, /^not an Unleash event: createdAt: /);
});

test("an Unleash event is recorded for the services that take the flag, with how far its rollout went", async () => {
  const { flipped, flips } = open(["shop/checkout-*"]);
  assert.deepEqual(await answer(flipped(rollout)), [202, { outcome: "recorded", incidents: [id] }]);
  const toggled = { ...rollout, data: null, preData: null, createdAt: "1970-01-01T00:00:13Z" };
  await flipped({ ...toggled, type: "feature-environment-disabled" });
  await flipped({
    ...toggled,
    type: "feature-archived",
    environment: null,
    createdAt: "1970-01-01T00:00:11Z",
  });
  const flag = "checkout-new-rates";
  assert.deepEqual(await flips(), [
    { ...place, flag, change: "turned off", at: 13_000 },
    { ...place, flag, change: "a strategy was changed (5 % → 67 %)", at: 12_000 },
    { ...place, flag, change: "archived", at: 11_000 },
  ]);
  for (const type of ["feature-tagged", "user-created", "toString"])
    assert.deepEqual((await answer(flipped({ ...rollout, type })))[1], { outcome: "ignored" });
  assert.deepEqual((await answer(flipped({ ...rollout, project: "web" })))[1], { outcome: "unknown_flag" });
});

test("what a tool says of a change becomes one short line", async () => {
  const { launchDarkly, flips } = open(["*"]);
  await launchDarkly({
    ...updated,
    description: `* \u0007Set ~~\`a\`~~ to <@U1>\r\n\n  > ${"x".repeat(500)}`,
  });
  const { change } = (await flips())[0]!;
  assert.equal(change.length, 200);
  assert.match(change, /^Set a to <@U1>; x+…$/);
});
