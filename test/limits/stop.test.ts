import assert from "node:assert/strict";
import { test } from "node:test";
import { killSwitch } from "../../functions/stop/kill-switch.ts";
import { ConflictError, UpstreamError } from "../../shared/errors.ts";
import type { Store } from "../../shared/ports/store.ts";
import { doors } from "../support/doors.ts";
import { id, sha } from "../support/incident.ts";
import { click } from "../support/payloads.ts";
import { burning, policy, service, type World, world } from "../support/world.ts";

const why = { why: "a drill" };
const reason =
  "Countersteer was stopped by an operator at 00:00:20 UTC (a drill); nothing is merged, opened or changed until an operator starts it again";
const question = { incident: id, round: 1, head: sha("d"), nonce: "nonce" };

const asked = async (made: World = world()) => {
  await made.alerts([burning]);
  await made.settle();
  return doors(made);
};
type Said = { changed?: boolean; why?: string; response_type?: string; text: string };
const said = async (response: Response): Promise<Said> => (await response.json()) as Said;
const incidentOf = async ({ made }: { made: World }) => (await made.store.load(id)).incident;
const messageOf = ({ made }: { made: World }) => [...made.state.messages.values()][0]!;

test("what was approved is not merged while stopped, and is asked about again after the start", async () => {
  const at = await asked();
  await at.made.approve();
  const stopped = await at.operate("/stop", why);
  assert.deepEqual(await stopped.json(), {
    ...{ stopped: true, at: "1970-01-01T00:00:20.000Z", by: "an operator", why: "a drill" },
    ...{ changed: true, incidents: 1 },
  });
  await at.made.settle();
  assert.equal(at.made.state.merges, 0);
  const held = await incidentOf(at);
  assert.equal(held.status, "proposed");
  assert.equal(messageOf(at).headline, "payment-gateway in production: Countersteer is stopped");
  assert.deepEqual(messageOf(at).lines[0], { label: "Stopped", text: reason });
  assert.equal(messageOf(at).buttons, undefined);
  const page = await (await at.app.request(`/incidents/${id}`)).text();
  assert.match(page, /<h2>Stopped<\/h2>/);
  assert.doesNotMatch(page, /<b>Stopped:<\/b>/);
  await at.operate("/start");
  await at.made.settle();
  assert.equal(at.made.state.merges, 0);
  const { incident, round, head, nonce } = messageOf(at).buttons ?? {};
  assert.deepEqual({ incident, round, head, nonce }, question);
  await at.interact(click("approve", "UANN", question));
  await at.made.settle();
  assert.equal(at.made.state.merges, 1);
});

test("while stopped an alert is taken, diagnosed and told, and no pull request is opened", async () => {
  const at = doors();
  await at.operate("/stop", why);
  await at.made.alerts([burning]);
  await at.made.settle();
  const held = await incidentOf(at);
  assert.equal(held.status, "diagnosed");
  assert.equal(at.made.state.opened, 0);
  assert.deepEqual(messageOf(at).lines[0], { label: "Stopped", text: reason });
  await at.operate("/start");
  await at.made.settle();
  assert.equal(at.made.state.opened, 1);
});

test("mode auto asks a person about what waited through a stop", async () => {
  const configured = service({ policy: { ...policy, mode: "auto" } });
  const at = doors(world({ configured }), { services: [configured] });
  await at.operate("/stop", why);
  await at.made.alerts([burning]);
  await at.made.settle();
  await at.operate("/start");
  assert.equal((await at.made.settle()).status, "proposed");
  assert.equal(at.made.state.merges, 0);
});

test("a click while stopped is told why it changed nothing", async () => {
  const at = await asked();
  await at.made.store.setRegister("switch", 0, {
    stopped: true,
    at: 20_000,
    by: "an operator",
    why: "a drill",
  });
  assert.equal((await at.interact(click("approve", "UANN", question))).status, 200);
  assert.deepEqual(at.made.state.whispers, [`UANN: ${reason}; your click changed nothing`]);
  assert.equal((await incidentOf(at)).status, "proposed");
});

test("a stop that comes after the step has begun still keeps every write back", async () => {
  const made = world();
  await asked(made);
  const { store, work } = made;
  const [proposal] = made.state.proposals;
  assert.ok(proposal !== undefined);
  await store.setRegister("switch", 0, { stopped: true, at: 20_000, by: "an operator", why: "a drill" });
  const pull = { number: 1, url: "u", branch: "b", head: "h", base: "main", baseSha: "s", diff: "d" };
  const writes = [
    () => work.pulls.merge(service(), pull),
    () => work.pulls.closePull(service(), pull),
    () => work.pulls.comment(service(), pull, []),
    () => work.pulls.setCheck(service(), { head: "h", state: "success", description: "" }),
    () => work.pulls.openPull(service(), proposal),
    () => work.merging.updateBranch(service(), pull),
    () => work.merging.arm(service(), pull, "auto-merge"),
  ];
  for (const write of writes)
    await assert.rejects(write(), (error) => error instanceof UpstreamError && error.message === reason);
});

test("a kill switch that cannot be read stops", async () => {
  const broken: Pick<Store, "register"> = {
    register: async () => {
      throw new UpstreamError("store", "read register#switch: no answer", { retryable: true });
    },
  };
  assert.match(
    (await killSwitch({ store: broken }).stopped()) ?? "",
    /cannot be read \(read register#switch: no answer\)/,
  );
});

test("the issue stops while it is on, and when it cannot be read", async () => {
  const { store } = world();
  const issue = { repository: "acme/ops", number: 7 };
  const told = (isOn: () => Promise<boolean>) =>
    killSwitch({ store, issue: () => issue, issues: { isOn } }).stopped();
  assert.equal(await told(async () => false), undefined);
  assert.match((await told(async () => true)) ?? "", /stopped by acme\/ops#7/);
  const lost = async () => {
    throw new UpstreamError("github", "read acme/ops#7: 404 Not Found", { retryable: false });
  };
  assert.match((await told(lost)) ?? "", /cannot be read \(read acme\/ops#7: 404 Not Found\)/);
});

test("the issue's stop reaches an approval that was given before it", async () => {
  const made = world();
  let isOn = false;
  made.work.killSwitch = killSwitch({
    ...{ store: made.store, issue: () => ({ repository: "acme/ops", number: 7 }) },
    issues: { isOn: async () => isOn },
  });
  await asked(made);
  await made.approve();
  isOn = true;
  await made.settle();
  assert.equal(made.state.merges, 0);
  isOn = false;
  assert.equal((await made.settle()).status, "proposed");
  assert.equal(made.state.merges, 0);
});

test("stopping needs the operator's token and a reason", async () => {
  const at = doors();
  assert.equal((await at.operate("/stop", why, "Bearer wrong")).status, 401);
  assert.equal((await at.operate("/start", {}, "")).status, 401);
  for (const body of [{}, { why: "  " }, { why: "x".repeat(501) }, []])
    assert.equal((await at.operate("/stop", body)).status, 400);
  assert.deepEqual(await at.made.store.register("switch"), { version: 0 });
});

test("a second stop changes nothing and tells of the first", async () => {
  const at = doors();
  await at.operate("/stop", why);
  const again = await said(await at.operate("/stop", { why: "another" }));
  assert.deepEqual([again.changed, again.why], [false, "a drill"]);
  assert.equal((await said(await at.operate("/start"))).changed, true);
  assert.equal((await said(await at.operate("/start"))).changed, false);
});

test("an admin stops and starts in Slack, and nobody else does", async () => {
  const at = doors(world(), { admins: ["UANN"] });
  const say = async (text: string, user = "UANN") => said(await at.command(text, user));
  assert.deepEqual(await say("stop a *drill* <!channel>", "UEVE"), {
    ...{ response_type: "ephemeral", text: "you are not an admin of Countersteer; nothing was changed" },
  });
  assert.match((await say("stop")).text, /say why/);
  assert.match((await say("dance")).text, /usage/);
  assert.deepEqual(await at.made.store.register("switch"), { version: 0 });
  const stopped = await say("stop a *drill* <!channel>");
  assert.equal(stopped.response_type, "in_channel");
  assert.match(stopped.text, /stopped by uann at 00:00:20 UTC \(a ∗drill∗ &lt;!channel&gt;\)/);
  assert.match((await say("status", "UEVE")).text, /was stopped by uann/);
  at.made.state.failing.isApprover = new Error("slack is down");
  assert.match((await say("start")).text, /could not be checked/);
  at.made.state.failing = {};
  assert.equal((await say("start")).response_type, "in_channel");
  assert.equal((await at.made.store.register("switch")).value?.stopped, false);
});

test("without admins nobody stops in Slack, and an unsigned command is refused", async () => {
  const at = doors();
  assert.match((await said(await at.command("stop now"))).text, /names no admins/);
  assert.equal((await at.command("stop now", "UANN", "wrong")).status, 401);
});

test("a start lets nothing go on that a common cause holds", async () => {
  const at = await asked();
  const cause = { cause: "node=n1", leader: id, services: 3, detail: "three services share node=n1" };
  await at.made.handle({ type: "Hold", at: 20_000, round: 1, by: "cause", ...cause });
  await at.made.store.setRegister("switch", 0, { stopped: true, at: 20_000, by: "ann", why: "a drill" });
  await at.operate("/start");
  const incident = await incidentOf(at);
  assert.equal("held" in incident && incident.held?.by, "cause");
});

test("a stop is written although another process writes the switch at the same time", async () => {
  const made = world();
  let conflicts = 0;
  const store: Store = {
    ...made.store,
    async setRegister(...args) {
      if (conflicts++ === 0) throw new ConflictError("write switch: 0 is not the latest version");
      return made.store.setRegister(...args);
    },
  };
  assert.equal((await said(await doors(made, { store }).operate("/stop", why))).changed, true);
  assert.equal((await made.store.register("switch")).value?.stopped, true);
});
