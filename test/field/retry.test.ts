import assert from "node:assert/strict";
import { test } from "node:test";
import type { Access } from "../../functions/login/access.ts";
import { incident as command } from "../../infra/cli/incident.ts";
import { viewContent } from "../../shared/adapters/slack/blocks.ts";
import { UpstreamError } from "../../shared/errors.ts";
import { view } from "../../shared/text/chat-message.ts";
import { serve } from "../support/answering.ts";
import { doors } from "../support/doors.ts";
import { id } from "../support/incident.ts";
import { secrets } from "../support/payloads.ts";
import { burning, service, world } from "../support/world.ts";

const refused = new UpstreamError("github", "403 Resource not accessible", { retryable: false, status: 403 });
/** An incident that was handed over because GitHub refused, and whose cause is mended. */
const escalated = async (made = world(), over: Parameters<typeof doors>[1] = {}) => {
  made.state.failing.openPull = refused;
  await made.alerts([burning]);
  await made.settle();
  made.state.failing = {};
  return doors(made, over);
};
const statusOf = async (at: Awaited<ReturnType<typeof escalated>>) =>
  (await at.made.store.load(id)).incident.status;
const press = (user: string, round = 1) => ({
  ...{ type: "block_actions", user: { id: user, username: user.toLowerCase() }, trigger_id: "t.1" },
  container: { type: "message", channel_id: "C1", message_ts: "1.0" },
  actions: [
    { action_id: "retry", block_id: "b", type: "button", value: JSON.stringify({ incident: id, round }) },
  ],
});

test("the message of an escalation has a Retry button, and a question has none", async () => {
  const at = await escalated();
  const { incident } = await at.made.store.load(id);
  if (incident.status === "none") throw new Error("no incident");
  const blocks = JSON.stringify(viewContent(view(incident, "http://page")).blocks);
  assert.match(blocks, /"action_id":"retry"/);
  assert.doesNotMatch(blocks, /"action_id":"approve"/);
});

test("an approver's Retry goes on, is named, and wakes the incident; nobody else's does", async () => {
  const at = await escalated();
  await at.interact(press("UEVE"));
  assert.equal(await statusOf(at), "escalated");
  assert.match(at.made.state.whispers[0] ?? "", /you are not an approver/);
  await at.interact(press("UANN", 0));
  assert.equal(await statusOf(at), "escalated");
  await at.interact(press("UANN"));
  assert.equal(await statusOf(at), "opened");
  assert.deepEqual(at.woken, [id]);
  const log = await at.made.store.log(id);
  assert.equal(log.findLast(({ type }) => type === "IncidentResumed")?.type, "IncidentResumed");
  assert.match(JSON.stringify(log.at(-1)), /uann \(UANN\)/);
});

test("the operator's call goes on, once, and needs its token", async () => {
  const at = await escalated();
  const call = (authorization: string) => at.post(`/incidents/${id}/retry`, "", { authorization });
  assert.equal((await call("Bearer wrong")).status, 401);
  assert.equal(await statusOf(at), "escalated");
  const first = await call(`Bearer ${secrets.operator}`);
  assert.deepEqual(
    [first.status, await first.json()],
    [202, { outcome: "resumed", incident: id, status: "opened" }],
  );
  assert.deepEqual(await (await call(`Bearer ${secrets.operator}`)).json(), {
    ...{ outcome: "not_escalated", incident: id, status: "opened" },
  });
  const unknown = await at.post("/incidents/none/production/retry", "", {
    authorization: `Bearer ${secrets.operator}`,
  });
  assert.equal(unknown.status, 404);
});

const proxy: Access = {
  ...{ isOpen: false, tokens: [] },
  proxy: { header: "X-Forwarded-Email", groupsHeader: "X-Forwarded-Groups", secret: "proxy-secret" },
};
const ann = {
  ...{ "x-countersteer-proxy-secret": "proxy-secret", "x-forwarded-email": "ann@acme.com" },
  "x-forwarded-groups": "payments",
};
const own = { origin: "http://localhost" };
const button = `<form method="post" action="/incidents/${id}/retry"><button>Retry</button></form>`;

test("a person who is signed in to the pages presses Retry there, and is named", async () => {
  const at = await escalated(world(), { access: proxy });
  const page = async () => (await at.app.request(`/incidents/${id}`, { headers: ann })).text();
  assert.ok((await page()).includes(button));
  const pressed = await at.post(`/incidents/${id}/retry`, "", { ...ann, ...own });
  assert.deepEqual([pressed.status, pressed.headers.get("location")], [303, `/incidents/${id}`]);
  assert.equal(await statusOf(at), "opened");
  assert.deepEqual(at.woken, [id]);
  assert.match(JSON.stringify((await at.made.store.log(id)).at(-1)), /ann@acme\.com, signed in to the pages/);
  assert.equal((await page()).includes(button), false);
});

test("no link, no other site's page, no program that reads and nobody without a login retries", async () => {
  const at = await escalated(world(), { access: { ...proxy, tokens: ["pages-token"] } });
  const retry = (headers: Record<string, string>) => at.post(`/incidents/${id}/retry`, "", headers);
  assert.equal((await at.app.request(`/incidents/${id}/retry`, { headers: { ...ann, ...own } })).status, 404);
  assert.equal((await retry(ann)).status, 403);
  assert.equal((await retry({ ...ann, origin: "https://evil.example" })).status, 403);
  assert.equal((await retry({ ...own, authorization: "Bearer pages-token" })).status, 401);
  assert.equal((await retry({ ...own, "x-forwarded-email": "ann@acme.com" })).status, 401);
  assert.equal((await retry({ ...own, cookie: "countersteer_session=x.y" })).status, 401);
  assert.equal(await statusOf(at), "escalated");
});

test("a reader who may not see the service retries nothing, and learns nothing", async () => {
  const made = world({ configured: service({ visibleTo: ["search"] }) });
  const at = await escalated(made, { access: proxy });
  const refusedTo = await at.post(`/incidents/${id}/retry`, "", { ...ann, ...own });
  assert.deepEqual(
    [refusedTo.status, await refusedTo.json()],
    [404, { error: `there was never an incident of ${id}` }],
  );
  assert.equal(await statusOf(at), "escalated");
});

test("a server that is open to everybody shows no button and takes no press", async () => {
  const at = await escalated();
  const page = await (await at.app.request(`/incidents/${id}`)).text();
  assert.match(page, /Mended\? Press <b>Retry<\/b> in Slack/);
  assert.equal(page.includes("<button>Retry</button>"), false);
  assert.equal((await at.post(`/incidents/${id}/retry`, "", own)).status, 401);
});

test("a trouble beside the first is retried by its own address", async () => {
  const at = await escalated();
  const authorization = `Bearer ${secrets.operator}`;
  const beside = await at.post(`/incidents/${id}/2/retry`, "", { authorization });
  assert.deepEqual(
    [beside.status, await beside.json()],
    [404, { error: `there was never an incident of ${id}/2` }],
  );
  assert.equal(await statusOf(at), "escalated");
});

test("the command asks the server and tells by its exit code whether it goes on", async () => {
  await using server = await serve(({ path, headers }) => {
    if (headers.authorization !== "Bearer op") return { status: 401, body: JSON.stringify({ error: "no" }) };
    const outcome = path.includes("pay") ? "resumed" : "not_escalated";
    return { status: 202, body: JSON.stringify({ outcome, incident: "x", status: "opened" }) };
  });
  const run = async (argv: string[], token = "op") => {
    const said: string[] = [];
    const io = { out: (text: string) => void said.push(text), err: (text: string) => void said.push(text) };
    const code = await command([...argv, "--url", server.url], io, { OPERATOR_TOKEN: token });
    return [code, said.join("")];
  };
  assert.deepEqual(await run(["retry", "pay/production"]), [0, "pay/production: goes on, opened\n"]);
  assert.deepEqual(await run(["retry", "cart/production"]), [
    1,
    "cart/production: is not escalated, opened\n",
  ]);
  assert.equal((await run(["retry", "pay/production"], "wrong"))[0], 1);
  assert.equal((await run(["retry", "pay/production"], ""))[0], 1);
  assert.deepEqual(await run(["retry", "pay/production/2"]), [0, "pay/production/2: goes on, opened\n"]);
  assert.equal((await run(["retry", "pay"]))[0], 2);
  assert.equal((await run(["retry", "pay/production/two"]))[0], 2);
  assert.equal((await run(["stop", "pay/production"]))[0], 2);
});

test("a late click learns who decided and how to object", async () => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  const at = doors(made);
  const click = {
    ...press("UANN"),
    actions: [
      {
        action_id: "approve",
        value: JSON.stringify({ incident: id, round: 1, head: "d".repeat(40), nonce: "nonce" }),
      },
    ],
  };
  await at.interact(click);
  await at.interact(click);
  assert.match(
    made.state.whispers[1] ?? "",
    /the incident is approved by uann and .*close pull request #1 on GitHub to stop it/,
  );
  await made.settle();
  await at.interact(click);
  assert.match(
    made.state.whispers[2] ?? "",
    /countersteer\[bot\] merged #1, approved by uann; revert ffffffffffff to object/,
  );
  made.state.now = 60_000;
  await made.deploy();
  await made.settle();
  made.state.now = 120_000;
  await made.settle();
  await at.interact(click);
  assert.match(
    made.state.whispers[3] ?? "",
    /the incident is closed \(verified\), approved by uann; revert ffffffffffff to object/,
  );
});

test("a click on a question that was handed over learns why, and how to be asked again", async () => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  made.state.now = 700_000;
  await made.handle({ type: "Expire", at: made.state.now });
  await made.settle();
  const value = JSON.stringify({ incident: id, round: 1, head: "d".repeat(40) });
  await doors(made).interact({ ...press("UANN"), actions: [{ action_id: "approve", value }] });
  assert.match(
    made.state.whispers[0] ?? "",
    /the incident needs a person \(nobody decided in time\); press Retry to be asked again, or merge or close pull request #1 on GitHub/,
  );
});
