import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { drill } from "../../infra/drill/command.ts";
import type { Result } from "../../infra/drill/score.ts";
import { serve } from "../support/answering.ts";
import { type HostName, startLand, type World } from "../support/hosts.ts";
import { webhook } from "../support/payloads.ts";

const land = await startLand();
after(() => land.stop());

const env = { OPERATOR_TOKEN: "operator" };
const more = "drill: { channel: C0OPS }\nhold: { services: 3 }\n";
type Sent = { labels: Record<string, string>; startsAt: string; endsAt?: string };

/** An Alertmanager on loopback that sends on what it gets, by the route of the documentation or by none. */
const alertmanager = (world: World, route = 'matchers: [countersteer_drill!=""]') =>
  serve(async ({ path, body }) => {
    if (path === "/api/v2/status") return { body: JSON.stringify({ config: { original: route } }) };
    const sent = (JSON.parse(body) as Sent[]).map(({ labels, startsAt, endsAt }) => ({
      ...{ labels, startsAt, fingerprint: "d1" },
      ...(endsAt !== undefined && { status: "resolved" as const, endsAt }),
    }));
    await world.post("/webhooks/alertmanager", "am", webhook(sent));
    return { body: "{}" };
  });

/** Runs a drill; while it waits, `press` may click in its channel. */
const run = async (
  world: World,
  args: string[],
  { url, press }: { url: string; press?: string | undefined },
) => {
  let isPressed = false;
  const wait = async (): Promise<void> => {
    await delay(20);
    const asked = world.sandbox
      .messages("C0OPS")
      .find(({ blocks }) => JSON.stringify(blocks).includes("drill:"));
    if (press === undefined || isPressed || asked === undefined) return;
    isPressed = true;
    await world.sandbox.click({ channel: "C0OPS", ts: asked.ts, actionId: press, user: "U0ANN" });
  };
  const said: string[] = [];
  const io = { out: (text: string) => void said.push(text), err: (text: string) => void said.push(text) };
  const given = { ...world.variables, ...env, ALERTMANAGER_URL: url };
  const code = await drill(["--service", "one", "--url", world.url, ...args], io, {
    ...{ env: given, time: { clock: Date.now, wait } },
  });
  return { code, said: said.join("") };
};
const resultOf = (said: string): Result => JSON.parse(said);

/** The writes to GitHub, by what they write to. */
const written = (world: World) =>
  world.sandbox
    .requests()
    .filter(({ system, method }) => system === "github" && method !== "GET")
    .map(({ method, path }) => `${method} ${path}`);

for (const name of ["embedded", "aws-local"] satisfies HostName[])
  test(`${name}: a drill goes through Alertmanager and the loop to a person's answer, and leaves nothing behind`, async (t) => {
    const world = await land.world(name, { env, more });
    t.after(() => world.stop());
    await using am = await alertmanager(world);
    const { code, said } = await run(world, ["--json"], { url: am.url, press: "approve" });
    const result = resultOf(said);
    assert.deepEqual([code, result.failures, result.outcome], [0, [], "asked"], said);
    assert.deepEqual(
      result.phases.map(({ name: phase, ms }) => [phase, ms !== undefined]),
      ["detect", "diagnose", "propose", "ask", "decide"].map((phase) => [phase, true]),
    );
    assert.equal(result.phases.at(-1)?.detail, "approve by U0ANN");
    // Nobody can take it for an incident: none was stored, and no other channel heard of it.
    assert.equal(await world.read("one"), undefined);
    assert.deepEqual(world.sandbox.messages("C0PAYMENTS"), []);
    const [question] = world.sandbox.messages("C0OPS");
    assert.match(JSON.stringify(question?.blocks), /This is a drill/);
    assert.ok(!JSON.stringify(world.sandbox.messages("C0OPS")).includes("<@"));
    // The only reference that was written is the drill's own branch, and it is gone.
    const made = written(world);
    assert.ok(
      made.some((one) =>
        /^DELETE .*\/git\/refs\/heads\/countersteer\/drill-[0-9a-f]{8}-revert-/.test(decodeURIComponent(one)),
      ),
      made.join("\n"),
    );
    assert.deepEqual(
      made.filter((one) => /\/merge$|\/comments$/.test(one)),
      [],
    );
    const last = JSON.parse(am.asked.at(-1)!.body) as Sent[];
    assert.ok(last[0]?.endsAt !== undefined);
  });

test("each fault comes to the end that it should: a question, or the hold of many services", async (t) => {
  const world = await land.world("embedded", { env, more });
  t.after(() => world.stop());
  await using am = await alertmanager(world);
  for (const [fault, outcome] of [
    ["latency", "asked"],
    ["crash", "asked"],
    ["no-telemetry", "asked"],
    ["node", "held"],
  ]) {
    const { said } = await run(world, ["--json", "--wait", "0", "--fault", fault!], { url: am.url });
    assert.deepEqual([resultOf(said).outcome, resultOf(said).failures], [outcome, []], fault);
  }
  const wrong = ["--json", "--wait", "0", "--fault", "wrong-first-suspect"];
  const { said } = await run(world, wrong, { url: am.url });
  const { outcome, failures, passed, ruledOut, phases } = resultOf(said);
  assert.deepEqual([outcome, failures, passed, ruledOut], ["asked", [], true, "Log slow carts"], said);
  assert.doesNotMatch(phases[1]?.detail ?? "", /Log slow carts|Start the shop/);
  assert.equal(phases.at(-1)?.detail, "nobody answered within 0 s");
  // One of each fault that is asked about, and two of this one: of the first suspect and of the next.
  const reverts = written(world).filter((one) => one === "POST /repos/acme/one/pulls");
  assert.deepEqual([reverts.length, world.sandbox.messages("C0PAYMENTS")], [5, []]);
});

test("a token that is refused, a missing route and an Alertmanager that tells nobody are found", async (t) => {
  const world = await land.world("embedded", { env, more });
  t.after(() => world.stop());
  await using silent = await alertmanager(world, "route: { receiver: team }");
  const refused = await run(world, [], { url: silent.url });
  assert.equal(refused.code, 1);
  assert.match(
    refused.said,
    /^no route of Alertmanager names countersteer_drill, so the drill's alert could call people for real/,
  );
  assert.deepEqual(
    silent.asked.map(({ path }) => path),
    ["/api/v2/status"],
  );
  await using am = await alertmanager(world);
  world.variables.GITHUB_TOKEN = "wrong";
  const broken = await run(world, ["--json", "--wait", "0"], { url: am.url });
  assert.equal(broken.code, 1);
  assert.match(JSON.stringify(resultOf(broken.said).failures), /"github".*401/);
});

test("a channel that the app cannot write to, and a person on call whom Slack does not know, are found", async (t) => {
  const given = { more: "drill: { channel: C0NOWHERE }\n", policy: ", oncall: [U0NOBODY]" };
  const world = await land.world("embedded", { env, ...given });
  t.after(() => world.stop());
  await using am = await alertmanager(world);
  const { code, said } = await run(world, ["--json", "--wait", "0"], { url: am.url });
  const { failures } = resultOf(said);
  assert.deepEqual([code, failures.map(({ system }) => system)], [1, ["slack", "slack"]], said);
  assert.match(failures[0]!.text, /C0NOWHERE: channel_not_found; invite the app/);
  assert.equal(failures[1]!.text, "U0NOBODY, who is on call, cannot be read");
});

test("wrong usage is told in a sentence, and no alert is sent", async (t) => {
  const world = await land.world("embedded", { env });
  t.after(() => world.stop());
  await using am = await alertmanager(world);
  const said = async (...args: string[]) => (await run(world, args, { url: am.url })).said;
  assert.match(await said("--fault", "fire"), /^drill: --fault is one of errors, latency/);
  assert.match(await said("--environment", "moon"), /^drill: one has no environment moon/);
  assert.match(await said(), /^the configuration has no drill: \{ channel \}/);
  assert.deepEqual(am.asked, []);
});
