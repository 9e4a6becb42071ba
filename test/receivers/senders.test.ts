import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSenderTokens } from "../../infra/host/access/senders.ts";
import { readSettings } from "../../infra/host/settings/settings.ts";
import type { Config } from "../../shared/config.ts";
import { parseConfig } from "../../shared/config.ts";
import { parseMatcher } from "../../shared/policy/match.ts";
import { doors } from "../support/doors.ts";
import { sha } from "../support/incident.ts";
import { webhook } from "../support/payloads.ts";
import { service, world } from "../support/world.ts";

const search = service({
  name: "search",
  match: [parseMatcher('service="search"')!],
  flags: ["shared", "search-*"],
});
const senders: Config["senders"] = [
  { name: "pay", token: "SENDER_PAY", kinds: ["alerts", "deploys", "flags"], services: ["payment-gateway"] },
  { name: "search-deployer", token: "SENDER_SEARCH", kinds: ["deploys"], services: ["search"] },
];
const tokens = { SENDER_PAY: ["pay-token", "former-pay-token"], SENDER_SEARCH: ["search-token"] };

const twoTeams = () =>
  doors(world({ configured: service({ flags: ["shared"] }), others: [search] }), {
    config: { senders },
    secrets: { senders: tokens },
  });
const bodyOf = async (response: Response) => [response.status, await response.json()];
const both = webhook([{}, { fingerprint: "f2", labels: { service: "search" } }]);
const report = (of: string) => ({ service: of, environment: "production", sha: sha("a") });
const flip = (of: string) => ({ service: of, environment: "production", flag: "rates", change: "turned on" });

test("a sender opens incidents of its own services; what it says of others is left alone, with a receipt and a line in the log", async () => {
  const at = twoTeams();
  for (const authorization of [
    "Bearer pay-token",
    "Bearer former-pay-token",
    `Basic ${btoa("am:pay-token")}`,
  ]) {
    const [status, body] = await bodyOf(await at.notify(both, authorization));
    assert.equal(status, 202);
    const outcomes = (body as { receipts: { outcome: string; incident?: string }[] }).receipts;
    assert.deepEqual(outcomes[1], {
      alertname: "PaymentErrorsHigh",
      fingerprint: "f2",
      outcome: "not_owned",
    });
    assert.equal(outcomes[0]?.incident, "payment-gateway/production");
  }
  assert.deepEqual(await at.made.store.list(), ["payment-gateway/production"]);
  assert.ok(at.lines.includes("report left alone"));
});

test("deploys and flag changes of another's service are left alone alike", async () => {
  const at = twoTeams();
  const pay = "Bearer pay-token";
  assert.deepEqual(await bodyOf(await at.deployed(report("search"), pay)), [202, { outcome: "not_owned" }]);
  assert.deepEqual(await bodyOf(await at.flipped(flip("search"), pay)), [202, { outcome: "not_owned" }]);
  assert.deepEqual(await at.made.store.changes("search", "production", 0), { deploys: [], flips: [] });
  assert.deepEqual(await bodyOf(await at.deployed(report("payment-gateway"), pay)), [
    202,
    { outcome: "recorded", incident: "payment-gateway/production" },
  ]);
  const signed = (flag: string) =>
    at.launchDarkly(
      {
        ...{ kind: "flag", date: 12_000, titleVerb: "turned on" },
        accesses: [{ action: "updateOn", resource: `proj/a:env/production:flag/${flag}` }],
      },
      "pay-token",
    );
  const outcomeOf = async (flag: string) =>
    ((await (await signed(flag)).json()) as { outcome: string }).outcome;
  assert.equal(await outcomeOf("search-new"), "not_owned");
  assert.equal(await outcomeOf("shared"), "recorded");
  assert.equal((await at.made.store.changes("search", "production", 0)).flips.length, 0);
  assert.equal((await at.made.store.changes("payment-gateway", "production", 0)).flips.length, 1);
});

test("a sender learns nothing of the services and environments that are not its own", async () => {
  const at = twoTeams();
  for (const [of, environment] of [
    ["search", "production"],
    ["search", "nowhere"],
    ["nobody", "production"],
  ] as const)
    for (const answer of [
      at.deployed({ ...report(of), environment }, "Bearer pay-token"),
      at.flipped({ ...flip(of), environment }, "Bearer pay-token"),
    ])
      assert.deepEqual(await bodyOf(await answer), [202, { outcome: "not_owned" }]);
  const own = await at.deployed({ ...report("payment-gateway"), environment: "nowhere" }, "Bearer pay-token");
  assert.deepEqual(await bodyOf(own), [202, { outcome: "unknown_environment" }]);
});

test("a sender reports the kinds that it may, the token of the receiver every service, and a stranger nothing", async () => {
  const at = twoTeams();
  assert.equal((await at.deployed(report("search"), "Bearer search-token")).status, 202);
  assert.equal((await at.notify(both, "Bearer search-token")).status, 401);
  assert.equal((await at.flipped(flip("search"), "Bearer search-token")).status, 401);
  for (const stranger of ["Bearer pay-toke", "Bearer SENDER_PAY", "Bearer undefined", "Bearer "])
    for (const answer of [
      at.notify(both, stranger),
      at.deployed(report("search"), stranger),
      at.flipped(flip("search"), stranger),
    ])
      assert.equal((await answer).status, 401, stranger);
  const [, body] = await bodyOf(await at.notify(both));
  assert.deepEqual(
    (body as { receipts: { outcome: string }[] }).receipts.map(({ outcome }) => outcome),
    ["opened", "opened"],
  );
});

test("each secret may be changed: the former one counts beside it, and no other", async () => {
  const previous = {
    ...{ alertmanager: "am-old", deploys: "deploys-old", flags: "flags-old" },
    ...{ github: "github-old", slack: "slack-old", operator: "operator-old" },
  };
  const at = doors(world(), { secrets: { previous } });
  const push = { repository: { full_name: "acme/payments" } };
  const withSecret = (old: boolean): Record<string, Promise<Response>> => ({
    alertmanager: at.notify(webhook([{}]), old ? "Bearer am-old" : undefined),
    deploys: at.deployed(report("payment-gateway"), old ? "Bearer deploys-old" : undefined),
    flags: at.flipped(flip("payment-gateway"), old ? "Bearer flags-old" : undefined),
    launchDarkly: at.launchDarkly({ kind: "flag" }, old ? "flags-old" : undefined),
    github: at.github("push", push, old ? "github-old" : undefined),
    slack: at.interact({ type: "view_closed" }, old ? { secret: "slack-old" } : {}),
    operator: at.operate("/start", {}, old ? "Bearer operator-old" : undefined),
  });
  for (const old of [false, true])
    for (const [name, answer] of Object.entries(withSecret(old)))
      assert.notEqual((await answer).status, 401, `${name} ${old}`);
  assert.equal((await at.github("push", push, "github-older")).status, 401);
  assert.equal((await at.interact({ type: "view_closed" }, { secret: "slack-older" })).status, 401);
});

const file = (senders: string) =>
  parseConfig(`senders: ${senders}
services: [{ name: pay, match: [a="b"], repository: a/b, environments: [prod], channel: C0PAY }]`);

test("senders are checked: their services, their names, and where their tokens are", () => {
  const problems = (senders: string) => {
    const parsed = file(senders);
    return "problems" in parsed ? parsed.problems.map(({ path, message }) => `${path}: ${message}`) : [];
  };
  assert.deepEqual(problems("[{ name: a, token: SENDER_A, services: [pay] }]"), []);
  assert.deepEqual(problems("[{ name: a, token: SENDER_A, services: [search] }]"), [
    "senders.0.services.0: no service search stands in this file",
  ]);
  assert.deepEqual(
    problems(
      "[{ name: a, token: SENDER_A, services: [pay] }, { name: a, token: SENDER_B, services: [pay] }]",
    ),
    ["senders.1.name: the sender a stands here a second time"],
  );
  for (const token of [
    ...["GITHUB_TOKEN", "s3cret-token", "SENDER_", "sender_a"],
    ...["SENDER_A_PREVIOUS", "SENDER_PREVIOUS"],
  ])
    assert.deepEqual(problems(`[{ name: a, token: ${token}, services: [pay] }]`), [
      "senders.0.token: the name of a variable that begins with SENDER_, such as SENDER_PAYMENTS; the one with _PREVIOUS at its end is for the former token",
    ]);
  assert.deepEqual(problems("[{ name: a, token: SENDER_PREVIOUS_TEAM, services: [pay] }]"), []);
});

test("a sender without a token, and two with the same one, stop the start with the variable's name", () => {
  const parsed = file(
    "[{ name: a, token: SENDER_A, services: [pay] }, { name: b, token: SENDER_B, services: [pay] }]",
  );
  assert.ok("config" in parsed);
  const check = (env: Record<string, string>) => () =>
    checkSenderTokens(parsed.config, {
      ...readSettings(env).secrets,
      senders: readSettings(env).senderTokens(parsed.config),
    });
  check({ SENDER_A: "x", SENDER_B: "y", SENDER_A_PREVIOUS: "w" })();
  assert.throws(check({ SENDER_A: "x" }), {
    message: "the sender b has no token: set SENDER_B, which the configuration names",
  });
  assert.throws(check({ SENDER_A: "x", SENDER_B: "y", SENDER_B_PREVIOUS: "x" }), {
    message: "SENDER_A and SENDER_B hold the same token: give each sender one of its own",
  });
  for (const variable of ["ALERTMANAGER_TOKEN", "DEPLOYS_TOKEN_PREVIOUS", "OPERATOR_TOKEN"])
    assert.throws(check({ SENDER_A: "x", SENDER_B: "y", [variable]: "y" }), {
      message: `${variable.replace("_PREVIOUS", "")} and SENDER_B hold the same token: give each sender one of its own`,
    });
  assert.throws(check({}), {
    message: [
      "the sender a has no token: set SENDER_A, which the configuration names",
      "the sender b has no token: set SENDER_B, which the configuration names",
    ].join("\n"),
  });
});
