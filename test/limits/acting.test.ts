import assert from "node:assert/strict";
import { test } from "node:test";
import { frozen as frozenAt, type Limits, overLimit } from "../../functions/limits/refusal.ts";
import { reserve } from "../../functions/limits/reserve.ts";
import type { Config, Configured } from "../../shared/config.ts";
import type { Event } from "../../shared/incident/events.ts";
import type { Started } from "../../shared/incident/model.ts";
import { momentOf } from "../../shared/policy/calendar.ts";
import type { PolicyDecision } from "../../shared/ports/decisions.ts";
import type { Store } from "../../shared/ports/store.ts";
import { comments } from "../../shared/text/chat-message.ts";
import { doors } from "../support/doors.ts";
import { id, merged, opened, revertOf, sha, suspect, verified } from "../support/incident.ts";
import { click } from "../support/payloads.ts";
import { burning, policy, service, type World, world } from "../support/world.ts";

const question = { incident: id, round: 1, head: sha("d"), nonce: "nonce" };
const withPolicy = (over: Partial<Configured["policy"]>): Configured =>
  service({ policy: { ...policy, ...over } });
const file = (...services: Configured[]): Config => ({ services });

/** An incident whose culprit is measured, so that mode auto may merge its revert. */
const measured = async (made: World): Promise<World> => {
  await made.alerts([burning]);
  const diagnosis = {
    suspects: [suspect({ measured: true })],
    none: 0.1,
    onsetAt: 10_000,
    remedies: [revertOf()],
  };
  await made.handle({ type: "RecordDiagnosis", at: made.state.now, round: 1, diagnosis });
  return made;
};
const approved = async (configured = service()): Promise<World> => {
  const made = world({ configured });
  await made.alerts([burning]);
  await made.settle();
  await made.approve();
  return made;
};
const incidentOf = async (made: World) => (await made.store.load(id)).incident;
const detailOf = async (made: World) => {
  const incident = await incidentOf(made);
  return "detail" in incident ? [incident.status, incident.detail] : [incident.status];
};

test("set to observe after the approval, nothing is merged, the head stays approved for a person to merge, and one is told", async () => {
  const made = await approved();
  made.configure(file(withPolicy({ mode: "observe" })));
  await made.settle();
  assert.equal(made.state.merges, 0);
  assert.deepEqual(made.state.checks, ["d success"]);
  assert.deepEqual(await detailOf(made), [
    "escalated",
    "the service is in mode observe now: what was approved is not merged",
  ]);
});

test("set to observe after the question, a click is told why it changes nothing", async () => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  made.configure(file(withPolicy({ mode: "observe" })));
  await doors(made).interact(click("approve", "UANN", question));
  assert.equal((await incidentOf(made)).status, "proposed");
  assert.deepEqual(made.state.whispers, [
    "UANN: the service is in mode observe now: nothing is merged; your click changed nothing",
  ]);
});

test("set to observe after the diagnosis, no pull request is opened", async () => {
  const made = world();
  await made.alerts([burning]);
  made.state.failing.openPull = new Error("not yet");
  await made.settle();
  made.state.failing = {};
  made.configure(file(withPolicy({ mode: "observe" })));
  await made.settle();
  assert.equal(made.state.opened, 0);
  assert.deepEqual(await detailOf(made), [
    "escalated",
    "the service is in mode observe now; no pull request is opened",
  ]);
});

test("what auto has approved is asked about once the mode is approve", async () => {
  const made = world({ configured: withPolicy({ mode: "auto" }) });
  made.state.failing.merge = new Error("not yet");
  await measured(made);
  await made.settle();
  assert.equal((await incidentOf(made)).status, "approved");
  made.state.failing = {};
  made.configure(file(withPolicy({ mode: "approve" })));
  const asked = await made.settle();
  assert.equal(asked.status === "proposed" && asked.moved, "the service is no longer in mode auto");
  assert.equal(made.state.merges, 0);
});

test("a removed service's approved pull request loses its status and is closed with a word", async () => {
  const made = await approved();
  made.configure(file(service({ name: "other" })));
  await made.settle();
  assert.equal(made.state.merges, 0);
  assert.deepEqual(await detailOf(made), [
    "closed",
    "the service payment-gateway is no longer in the configuration: nothing is done about it any more",
  ]);
  assert.deepEqual(made.state.checks.at(-1), "d failure");
  assert.deepEqual(
    [...made.state.pulls.values()].map(({ state }) => state),
    ["closed"],
  );
  assert.match([...made.state.comments.values()].at(-1)!, /no longer in the configuration/);
  assert.match([...made.state.messages.values()][0]!.headline, /given up/);
});

const frozen = (emergency?: number) => [
  {
    ...{ reason: "Black Friday", timeZone: "UTC" },
    ...{ from: momentOf("1970-01-01T00:00")!, to: momentOf("1970-01-01T06:00")! },
    ...(emergency !== undefined && { emergency }),
  },
];
const freeze =
  "policy.freeze (Black Friday) holds until 1970-01-01 06:00 UTC: nothing is merged before; merge the pull request on GitHub if it cannot wait";

test("in a freeze people are asked and told of it, and a click is refused until it ends", async () => {
  const made = world({ configured: withPolicy({ freeze: frozen() }) });
  await made.alerts([burning]);
  const asked = await made.settle();
  assert.deepEqual(asked.status === "proposed" && asked.look, [freeze]);
  const at = doors(made);
  await at.interact(click("approve", "UANN", question));
  assert.deepEqual(made.state.whispers, [`UANN: ${freeze}; your click changed nothing`]);
  made.state.now = 6 * 60 * 60_000;
  await made.handle({
    type: "RecordMove",
    at: made.state.now,
    round: 1,
    detail: "",
    pull: [...made.state.pulls.values()][0]!.pull,
  });
  await made.settle();
  await at.interact(click("approve", "UANN", question));
  await made.settle();
  assert.equal(made.state.merges, 1);
});

test("in a freeze with emergencies, that many people must approve", async () => {
  const configured = { ...withPolicy({ freeze: frozen(2) }), approvers: ["UANN", "UBOB"] };
  const made = world({ configured });
  await made.alerts([burning]);
  await made.settle();
  const at = doors(made);
  await at.interact(click("approve", "UANN", question));
  await made.settle();
  assert.equal(made.state.merges, 0);
  await at.interact(click("approve", "UBOB", question));
  await made.settle();
  assert.equal(made.state.merges, 1);
});

test("a freeze that begins after the approval has people asked again, and auto asks in a freeze", async () => {
  const made = await approved();
  made.configure(file(withPolicy({ freeze: frozen() })));
  const asked = await made.settle();
  assert.equal(asked.status === "proposed" && asked.moved, freeze);
  const auto = world({ configured: withPolicy({ mode: "auto", freeze: frozen() }) });
  await measured(auto);
  assert.equal((await auto.settle()).status, "proposed");
  assert.equal(made.state.merges + auto.state.merges, 0);
});

test("an emergency of one approval merges in a freeze", async () => {
  const made = await approved(withPolicy({ freeze: frozen(1) }));
  await made.settle();
  assert.equal(made.state.merges, 1);
});

test("a limit on merges counts those of the service, and one over all those of every service", async () => {
  const before = { service: "payment-gateway", incident: "other", round: 1, head: "h", at: 10_000 };
  for (const [limited, limits, word] of [
    [{ maxPerHour: 1 }, undefined, "policy.maxPerHour (1)"],
    [{}, { maxPerDay: 1 }, "limits.maxPerDay (1)"],
  ] as const) {
    const made = await approved(withPolicy(limited));
    made.configure({ services: [withPolicy(limited)], ...(limits && { limits }) });
    const from = limits === undefined ? before : { ...before, service: "search" };
    await made.store.setRegister("actions", 0, [from]);
    const asked = await made.settle();
    assert.equal(made.state.merges, 0);
    assert.match(
      (asked.status === "proposed" && asked.moved) || "",
      new RegExp(`^${word.replace(/[.()]/g, "\\$&")} is used up until`),
    );
    await doors(made).interact(click("approve", "UANN", question));
    assert.match(made.state.whispers.at(-1)!, /is used up until .* your click changed nothing$/);
  }
});

test("a merge is counted once, however often it is tried, and no longer after its window", async () => {
  const made = await approved(withPolicy({ maxPerHour: 1 }));
  made.state.failing.merge = new Error("not yet");
  await made.settle();
  made.state.failing = {};
  await made.settle();
  assert.equal(made.state.merges, 1);
  assert.deepEqual((await made.store.register("actions")).value, [
    { service: "payment-gateway", incident: id, round: 1, head: sha("d"), at: 20_000 },
  ]);
});

test("a change that is too old, or of too many files, is not proposed, and a person is told", async () => {
  const old = world({ configured: withPolicy({ maxAgeMs: 10_000 }) });
  await old.alerts([burning]);
  await old.settle();
  assert.match(
    (await detailOf(old))[1]!,
    /^policy.maxAge \(10 s\) is over for c{12} “round payments to minor units”, which is 15 s old/,
  );
  const wide = world({ configured: withPolicy({ maxFiles: 1 }) });
  const tree = (content: string) =>
    new Map(["src/fx.js", "src/b.js"].map((path) => [path, { mode: "100644", sha: content }]));
  const paths = ["src/fx.js", "src/b.js"];
  wide.state.snapshot.commit = { ...wide.state.snapshot.commit, paths };
  Object.assign(wide.state.snapshot, { base: tree("bad"), ours: tree("bad"), theirs: tree("good") });
  await wide.alerts([burning]);
  await wide.settle();
  assert.match((await detailOf(wide))[1]!, /^policy.maxFiles \(1\) is less than the 2 files of/);
  assert.equal(old.state.opened + wide.state.opened, 0);
});

test("a path of policy.guard needs a person in mode auto", async () => {
  const made = world({ configured: withPolicy({ mode: "auto", guard: ["*.css", "src/**"] }) });
  await measured(made);
  const asked = await made.settle();
  assert.deepEqual(asked.status === "proposed" && asked.look, ["src/fx.js: policy.guard has src/**"]);
});

test("auto merges only once it is earned, and asks again for a time after one that did not help", async () => {
  const autonomy = { verified: 1, pauseMs: 1_000_000 };
  const auto = withPolicy({ mode: "auto", autonomy });
  const lookOf = async (...log: Event[]) => {
    const made = world({ configured: auto });
    const { incident } = await made.store.load(id);
    if (log.length > 0) await made.store.append(`${id}/2`, 0, incident, log);
    await measured(made);
    await made.store.append(id, 2, { ...(await incidentOf(made)), troubles: 2 }, []);
    const proposed = await made.settle();
    return proposed.status === "proposed" ? proposed.look : made.state.merges;
  };
  const round = [opened(), merged()];
  const wrong: Event = { type: "RemedyIneffective", at: 50, detail: "", due: 1 };
  assert.deepEqual(await lookOf(), [
    "mode auto needs 1 verified in a row in this service, and has 0; a person decides",
  ]);
  assert.equal(await lookOf(...round, verified()), 1);
  assert.deepEqual(await lookOf(...round, verified(), ...round, wrong), [
    "a merged remedy of this service did not help; a person decides until 1970-01-01 00:16 UTC",
  ]);
});

type Asked = { path: string; input: { actor: string; approvals: string[]; action: { kind: string } } };
const withServer = (decision: PolicyDecision, over: Partial<Configured["policy"]> = {}) => {
  const made = world({ configured: withPolicy({ opa: "countersteer/decision", ...over }) });
  const asked: Asked[] = [];
  made.work.decisions = {
    decide: async (path, input) => {
      asked.push({ path, input: input as Asked["input"] });
      return decision;
    },
  };
  return { made, asked };
};
const decided = (over: object = {}): PolicyDecision => ({
  ...{ result: "decided", allow: true, approvals: 0, reasons: [], id: "9a2b" },
  ...over,
});

test("the policy server lets auto merge, or has a person asked, with its reasons and its decision's id", async () => {
  const runs: [PolicyDecision, string[] | undefined][] = [
    [decided(), undefined],
    [
      decided({ approvals: 1, reasons: ["within 2x"] }),
      ["the policy server (decision 9a2b) asks for 1 approvals: within 2x"],
    ],
    [decided({ allow: false }), ["the policy server (decision 9a2b) does not let it merge by itself"]],
    [
      { result: "undecided", why: "the document is undefined" },
      ["the policy server decided nothing: the document is undefined"],
    ],
  ];
  for (const [decision, look] of runs) {
    const { made, asked } = withServer(decision, { mode: "auto" });
    await measured(made);
    const incident = await made.settle();
    assert.deepEqual(incident.status === "proposed" ? incident.look : undefined, look);
    assert.equal(made.state.merges, look === undefined ? 1 : 0);
    assert.deepEqual(
      [asked[0]?.path, asked[0]?.input.actor, asked[0]?.input.action.kind],
      ["countersteer/decision", "auto", "revert"],
    );
  }
});

test("a refusal of the policy server keeps an approved merge back, and one that does not answer leaves it to the person", async () => {
  const refused = withServer(decided({ allow: false, reasons: ["the ledger is closed"] }));
  await refused.made.alerts([burning]);
  await refused.made.settle();
  await refused.made.approve();
  await refused.made.settle();
  assert.deepEqual(await detailOf(refused.made), [
    "escalated",
    "the policy server (decision 9a2b) does not allow the merge: the ledger is closed; merge it on GitHub, or change the policy and press Retry",
  ]);
  assert.deepEqual(refused.asked.at(-1)?.input.approvals, ["UANN"]);
  const silent = withServer({ result: "undecided", why: "it did not answer (timeout)" });
  await silent.made.alerts([burning]);
  await silent.made.settle();
  await silent.made.approve();
  await silent.made.settle();
  assert.deepEqual([refused.made.state.merges, silent.made.state.merges], [0, 1]);
});

test("each answer of the policy server is a fact with its decision's id, told on the pull request, and the same one is not listed at each look", async () => {
  const facts = async (made: ReturnType<typeof world>) =>
    (await made.store.log(id)).flatMap((event) =>
      event.type === "PolicyDecided" ? [[event.moment, event.code, event.decision, event.detail]] : [],
    );
  const { made } = withServer(decided({ reasons: ["within hours"] }));
  await made.alerts([burning]);
  await made.settle();
  made.state.failing.merge = new Error("not yet");
  await made.approve();
  await made.settle();
  made.state.now += 5_000;
  await made.settle();
  assert.deepEqual(await facts(made), [["merge", "allowed", "9a2b", "within hours"]]);
  made.state.now += 5 * 60_000;
  delete made.state.failing.merge;
  await made.settle();
  assert.deepEqual((await facts(made)).length, made.state.merges === 1 ? 2 : 1);
  const texts = comments((await incidentOf(made)) as Started, await made.store.log(id));
  assert.ok(
    texts.some(
      ({ entry }) => entry().text === "asked before the merge, it allows it; decision 9a2b; within hours",
    ),
  );
  const auto = withServer({ result: "undecided", why: "it did not answer (timeout)" }, { mode: "auto" });
  await measured(auto.made);
  await auto.made.settle();
  assert.deepEqual(await facts(auto.made), [
    ["proposal", "undecided", undefined, "it did not answer (timeout)"],
  ]);
});

test("the policy server may ask for more approvals than were given", async () => {
  const { made } = withServer(decided({ approvals: 2 }));
  await made.alerts([burning]);
  await made.settle();
  await made.approve();
  await made.settle();
  assert.deepEqual(await detailOf(made), [
    "escalated",
    "the policy server (decision 9a2b) asks for 2 approvals, and there are 1; merge it on GitHub, or change the policy and press Retry",
  ]);
  assert.equal(made.state.merges, 0);
});

test("what auto approved is asked about when the policy server falls silent before the merge", async () => {
  const { made } = withServer(decided(), { mode: "auto" });
  let calls = 0;
  made.work.decisions = {
    decide: async () => (++calls === 1 ? decided() : { result: "undecided", why: "it did not answer" }),
  };
  made.state.failing.merge = new Error("not yet");
  await measured(made);
  const incident = await made.settle();
  assert.equal(
    incident.status === "proposed" && incident.moved,
    "the policy server decided nothing: it did not answer",
  );
  assert.equal(made.state.merges, 0);
});

const limitsWith = (over: Partial<Configured["policy"]>): Limits => ({
  ...{ service: "payment-gateway", overall: {} },
  policy: { ...policy, ...over },
});
const action = (service: string) => ({ service, incident: `${service}/x`, round: 1, head: "h", at: 10_000 });

test("a freeze is passed by as many approvals as its emergency asks for, and by no fewer", () => {
  const limits = limitsWith({ freeze: frozen(2) });
  const sentence = `policy.freeze (Black Friday) holds until 1970-01-01 06:00 UTC: nothing is merged before; an emergency takes 2 approvals`;
  assert.equal(frozenAt(limits, 20_000, 1), sentence);
  assert.equal(frozenAt(limits, 20_000, 2), undefined);
});

test("the merges of other services do not count against the limit of one", () => {
  const limits = limitsWith({ maxPerHour: 1 });
  assert.equal(overLimit(limits, [action("search")], 20_000), undefined);
  assert.match(
    overLimit(limits, [action("payment-gateway")], 20_000) ?? "",
    /^policy\.maxPerHour \(1\) is used up/,
  );
});

test("of two merges at the same time one gets the last that a limit allows", async () => {
  const made = await approved(withPolicy({ maxPerHour: 1 }));
  const { store } = made;
  let isFirst = true;
  const racing: Pick<Store, "register" | "setRegister"> = {
    register: store.register,
    async setRegister(name, version, value) {
      if (isFirst) await store.setRegister("actions", version, [action("payment-gateway")]);
      isFirst = false;
      return store.setRegister(name, version, value);
    },
  };
  const incident = await incidentOf(made);
  assert.ok(incident.status === "approved");
  const work = { store: { ...store, ...racing }, clock: () => 20_000 };
  assert.match(
    (await reserve(work, limitsWith({ maxPerHour: 1 }), incident)) ?? "",
    /^policy\.maxPerHour \(1\) is used up/,
  );
});
