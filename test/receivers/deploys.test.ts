import assert from "node:assert/strict";
import { test } from "node:test";
import { doors } from "../support/doors.ts";
import { id, sha } from "../support/incident.ts";
import { service } from "../support/world.ts";

const report = {
  service: "payment-gateway",
  environment: "production",
  sha: sha("a"),
  at: "1970-01-01T00:00:12Z",
  url: "https://ci.test/1",
};

test("a deploy report is durable when it is answered, and wakes the service's incident", async () => {
  const { deployed, made, woken } = doors();
  const response = await deployed(report);
  assert.equal(response.status, 202);
  assert.deepEqual(await response.json(), { outcome: "recorded", incident: id });
  assert.deepEqual(await made.store.deploys("payment-gateway", "production", 0), [
    {
      service: "payment-gateway",
      environment: "production",
      sha: sha("a"),
      status: "succeeded",
      at: 12_000,
      heard: { at: doors().made.state.now, told: 12_000 },
      url: "https://ci.test/1",
    },
  ]);
  assert.deepEqual(woken, [id]);
});

test("the instant of a deploy is read by each name that deployers give it", async () => {
  const { at: told, ...rest } = report;
  for (const name of ["at", "finishedAt", "deployedAt", "startedAt"]) {
    const { deployed, made } = doors();
    assert.equal((await deployed({ ...rest, [name]: told })).status, 202);
    const [deploy] = await made.store.deploys("payment-gateway", "production", 0);
    assert.equal(deploy?.at, 12_000, name);
  }
});

test("a report with a missing field, a wrong type and an unknown status is told each in plain words", async () => {
  const { deployed } = doors();
  const response = await deployed({ service: 7, sha: sha("a"), status: "done" });
  assert.equal(response.status, 400);
  assert.deepEqual(await response.json(), {
    error:
      "not a deploy report: service: must be text; environment: is missing; status: must be succeeded or failed or started",
  });
});

test("the version that a report names is kept, and must be one short line", async () => {
  const { deployed, made } = doors();
  await deployed({ ...report, version: "2026.11.24-3" });
  assert.equal((await made.store.deploys("payment-gateway", "production", 0))[0]?.version, "2026.11.24-3");
  for (const version of ["", "v".repeat(129), "v1\nv2", 7]) {
    const response = await deployed({ ...report, sha: sha("b"), version });
    assert.equal(response.status, 400);
    assert.match(((await response.json()) as { error: string }).error, /^not a deploy report: version: /);
  }
  assert.equal((await made.store.deploys("payment-gateway", "production", 0)).length, 1);
});

test("the same report twice is one", async () => {
  const { deployed, made } = doors();
  await deployed(report);
  await deployed(report);
  assert.equal((await made.store.deploys("payment-gateway", "production", 0)).length, 1);
});

test("a deploy reported from the future counts from now", async () => {
  const { deployed, made } = doors();
  await deployed({ ...report, at: "9999-01-01T00:00:00Z" });
  assert.equal((await made.store.deploys("payment-gateway", "production", 0))[0]?.at, made.state.now);
});

const [second, minute, hour] = [1000, 60_000, 3_600_000];
for (const [what, ahead, since] of [
  ["an hour, told at once", hour - 2 * second, 2 * second],
  ["two hours, told a quarter of an hour late", 2 * hour - 15 * minute, 15 * minute],
  ["nine hours, told half an hour late", 9 * hour - 30 * minute, 30 * minute],
  ["seven minutes", 7 * minute, 0],
  ["twenty minutes", 20 * minute, 0],
  ["a day", 24 * hour, 0],
] as const)
  test(`the clock of a deployer may be ahead: ${what}`, async () => {
    const { deployed, made } = doors();
    made.state.now = 30 * hour;
    await deployed({ ...report, at: new Date(made.state.now + ahead).toISOString() });
    const [record] = await made.store.deploys("payment-gateway", "production", 0);
    assert.equal(made.state.now - (record?.at ?? 0), since);
  });

test("an unknown service or environment is 202 with the reason", async () => {
  const { deployed } = doors();
  assert.deepEqual(await (await deployed({ ...report, service: "search" })).json(), {
    outcome: "unknown_service",
  });
  assert.deepEqual(await (await deployed({ ...report, environment: "moon" })).json(), {
    outcome: "unknown_environment",
  });
});

test("a malformed report is 400 and says where", async () => {
  const response = await doors().deployed({ ...report, sha: "main" });
  assert.equal(response.status, 400);
  assert.match(
    ((await response.json()) as { error: string }).error,
    /^not a deploy report: sha: the full commit sha/,
  );
});

test("without the token nothing is read", async () => {
  const { deployed, made } = doors();
  assert.equal((await deployed(report, "Bearer am-token")).status, 401);
  assert.deepEqual(await made.store.deploys("payment-gateway", "production", 0), []);
});

/** `payment-gateway` depends on `fx`, of which somebody tells something. */
const dependent = () =>
  doors(undefined, {
    services: [
      service({ dependsOn: ["fx"] }),
      service({ name: "mail", repository: "acme/mail", dependsOn: ["fx"], environments: ["staging"] }),
      service({ name: "fx", repository: "acme/fx", flags: ["new-rates"] }),
    ],
  });
const happened = { service: "fx", environment: "production", at: "1970-01-01T00:00:12Z" };
const status = { state: "success", created_at: "1970-01-01T00:00:12Z" };
const tellings: [string, (at: ReturnType<typeof dependent>) => Promise<Response>][] = [
  ["a deploy report", ({ deployed }) => deployed({ ...happened, sha: sha("a") })],
  ["a failed rollout", ({ deployed }) => deployed({ ...happened, sha: sha("a"), status: "failed" })],
  ["a flag", ({ flipped }) => flipped({ ...happened, flag: "new-rates", change: "off → on" })],
  [
    "a deployment of GitHub",
    ({ github }) =>
      github("deployment_status", {
        ...{ deployment_status: status, deployment: { sha: sha("a"), environment: "production" } },
        repository: { full_name: "acme/fx" },
      }),
  ],
];
for (const [what, tell] of tellings)
  test(`${what} of a service wakes the incidents of those that depend on it in the same environment`, async () => {
    const at = dependent();
    assert.equal((await tell(at)).status, 202);
    assert.deepEqual(at.woken.toSorted(), ["fx/production", id]);
  });
