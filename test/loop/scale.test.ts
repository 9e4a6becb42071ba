import assert from "node:assert/strict";
import { test } from "node:test";
import { tick } from "../../functions/tick.ts";
import { parseMatcher } from "../../shared/policy/match.ts";
import type { ScalingRule } from "../../shared/policy/scaling.ts";
import { plainOf } from "../../shared/text/spans.ts";
import { alert, id, sha } from "../support/incident.ts";
import { service, silent, type World, world } from "../support/world.ts";

const hour = 3_600_000;
const rule: ScalingRule = {
  match: [parseMatcher('alertname="KubeHpaMaxedOut"')!],
  ...{ target: "HorizontalPodAutoscaler/shop/api", field: "max", ceiling: 80, forMs: 2 * hour },
  load: "asked_for",
};
const hpa = (max: number) => `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api, namespace: shop}
spec:
  scaleTargetRef: {kind: Deployment, name: api}
  minReplicas: 3
  maxReplicas: ${max} # ceiling
`;
const maxed = alert({ name: "KubeHpaMaxedOut", startsAt: 10_000, labels: { alertname: "KubeHpaMaxedOut" } });

/** Everything at the ceiling of 50, half as much again asked for. */
const saturated = (over: Partial<ScalingRule> = {}): World => {
  const made = world({ configured: service({ scaling: [{ ...rule, ...over }] }) });
  made.state.texts.set("k8s/hpa.yaml", hpa(50));
  made.state.values = new Map([
    ["status_desired_replicas", 50],
    ["spec_max_replicas", 50],
    ["asked_for", 1.5],
    ["replicas_ready", 1],
  ]);
  return made;
};
const asked = async (made = saturated()): Promise<World> => {
  await made.alerts([maxed]);
  await made.settle();
  return made;
};
const incidentOf = async ({ store }: World) => (await store.load(id)).incident;
const live = async (made: World): Promise<World> => {
  await made.approve();
  await made.settle();
  made.state.now = 30_000;
  await made.deploy();
  made.state.values.set("spec_max_replicas", 80);
  await made.settle();
  return made;
};
const verified = async (made: World): Promise<World> => {
  await live(made);
  made.state.now = 40_000;
  await made.settle();
  return made;
};

test("load at the ceiling is proposed first, the suspected change beside it, each with its reasons", async () => {
  const made = await asked();
  const incident = await incidentOf(made);
  assert.ok(incident.status === "proposed");
  const [scale, revert] = incident.diagnosis.remedies;
  assert.deepEqual([scale?.kind, revert?.kind], ["scale", "revert"]);
  assert.ok(scale!.score > revert!.score);
  assert.deepEqual(scale?.kind === "scale" && scale.reasons, [
    "the autoscaler wants 50 replicas and may have no more than 50",
    "the load is 1.5 times the present capacity",
    "KubeHpaMaxedOut means a lack of capacity here",
    "today's load needs 75, as the present 50 are used at 150 % of their target",
  ]);
  assert.equal(
    incident.remedy.title,
    "raise the maximum of HorizontalPodAutoscaler/shop/api from 50 to 75 for 2 h",
  );
  const [question] = [...made.state.messages.values()];
  assert.equal(
    plainOf(question?.lead ?? []).replace(/^.* since \S+ /, ""),
    "Raise the maximum of HorizontalPodAutoscaler/shop/api from 50 to 75 for 2 h?",
  );
  const [reasons] = question?.lines ?? [];
  assert.deepEqual(reasons?.text.split("\n"), [
    "• The autoscaler wants 50 replicas and may have no more than 50",
    "• The load is 1.5 times the present capacity",
    "• KubeHpaMaxedOut means a lack of capacity here",
  ]);
  assert.ok(revert!.score < 0.2);
  assert.deepEqual(question?.buttons?.others, []);
});

test("its pull request changes the one line, and says why, for how long and what else it may be", async () => {
  const made = await asked();
  const [proposal] = made.state.proposals;
  assert.deepEqual(
    proposal?.edits.map((edit) => "content" in edit && [edit.path, Buffer.from(edit.content).toString()]),
    [["k8s/hpa.yaml", hpa(75)]],
  );
  assert.equal(proposal?.title, "Scale api: spec.maxReplicas from 50 to 75");
  assert.match(proposal!.branch, /^countersteer\/scale-k8s-hpa-yaml-[0-9a-f]{8}-75-1$/);
  assert.deepEqual(proposal?.labels, ["countersteer", "scale"]);
  for (const part of [
    "Why load",
    "wants 50 replicas",
    "+25 replicas",
    "for 2 h, counted from when it is live",
    "a change after all",
  ])
    assert.ok(proposal?.body.includes(part), part);
});

test("a deploy shortly before lowers the confidence in load", async () => {
  const scores = [];
  for (const at of [9_000, -hour]) {
    const made = saturated();
    made.state.now = at;
    await made.deploy(sha("c"));
    made.state.now = 20_000;
    const incident = await incidentOf(await asked(made));
    assert.ok(incident.status === "proposed");
    scores.push(incident.diagnosis.remedies.find(({ kind }) => kind === "scale")!.score);
  }
  assert.ok(scores[0]! < scores[1]!, String(scores));
});

test("a maximum that is not reached is not raised, and why is said", async () => {
  const made = saturated();
  made.state.values.set("status_desired_replicas", 40);
  const incident = await incidentOf(await asked(made));
  assert.ok(incident.status === "escalated" && incident.reason === "low_confidence");
  assert.ok(
    incident.diagnosis?.notes?.includes(
      "scaling HorizontalPodAutoscaler/shop/api is not offered: its maximum of 50 is not reached (40 wanted), so raising it changes nothing",
    ),
  );
});

test("a broken metric leads to the minimum", async () => {
  const made = saturated();
  made.state.values.set("status_desired_replicas", 3).set("spec_min_replicas", 3);
  made.state.values.set("ScalingActive", 1).set("asked_for", 2);
  const incident = await incidentOf(await asked(made));
  assert.ok(incident.status === "proposed" && incident.remedy.kind === "scale");
  assert.deepEqual([incident.remedy.field, incident.remedy.to], ["min", "6"]);
  assert.match(incident.remedy.reasons.at(-1)!, /ScalingActive=False.* the floor goes from 3 to 6/);
});

test("the ceiling of the rule binds", async () => {
  const incident = await incidentOf(await asked(saturated({ ceiling: 60 })));
  assert.ok(incident.status === "proposed" && incident.remedy.kind === "scale");
  assert.equal(incident.remedy.to, "60");
});

test("what cannot be edited is for a person, with the place", async () => {
  const made = saturated();
  made.state.texts.set("k8s/other.yaml", hpa(50));
  const incident = await incidentOf(await asked(made));
  assert.ok(incident.status === "escalated");
  assert.match(incident.detail, /two owners: .*k8s\/hpa\.yaml:1\) and .*k8s\/other\.yaml:1\)/);
});

test("it is verified only when the new replicas are ready as well", async () => {
  const made = await live(await asked());
  made.state.values.set("replicas_ready", 0);
  made.state.now = 40_000;
  const waiting = await made.settle();
  assert.ok(waiting.status === "deployed");
  assert.equal(waiting.delay?.detail, "the new replicas are not ready yet");
  made.state.values.set("replicas_ready", 1);
  assert.equal((await made.settle()).status, "closed");
});

test("a scale that somebody takes back by hand before the verdict is told and never verified", async () => {
  const made = await live(await asked());
  made.state.values.set("spec_max_replicas", 50);
  made.state.now = 40_000;
  const waiting = await made.settle();
  assert.ok(waiting.status === "deployed");
  assert.deepEqual(
    [waiting.delay?.verdict, waiting.delay?.detail],
    [
      "fix_not_live",
      "HorizontalPodAutoscaler/shop/api has max 50 and not 75: the scale is not live, or was taken back by hand",
    ],
  );
  assert.ok([...made.state.replies.values()].some((reply) => reply.includes("has max 50 and not 75")));
  made.state.values.set("spec_max_replicas", 75);
  assert.equal((await made.settle()).status, "closed");
});

/** The end of its time: a tick, and what it makes news of. */
const ended = async (made: World): Promise<World> => {
  const looks: string[] = [];
  const wake: Parameters<typeof tick>[0]["wake"] = (wanted) =>
    void looks.push(...wanted.looks.map(({ id: one }) => one));
  const onTick = tick({ ...made, clock: () => made.state.now, log: silent, wake });
  const before = await incidentOf(made);
  assert.ok(before.status === "closed" && before.deploy !== undefined);
  // It counts from when the scale is live, however long people took to decide.
  made.state.now = before.deploy.at + 2 * hour - 1;
  await onTick();
  assert.deepEqual(looks, []);
  assert.equal((await incidentOf(made)).status === "closed" && made.state.opened, 1);
  made.state.now += 1;
  await onTick();
  await onTick();
  await made.settle();
  await made.settle();
  return made;
};
const followUpOf = async (made: World) => {
  const incident = await incidentOf(made);
  assert.ok(incident.status === "closed");
  return incident.followUp;
};

test("when its time is over the way back is proposed, once", async () => {
  const made = await verified(await asked());
  made.state.texts.set("k8s/hpa.yaml", hpa(75));
  made.state.values.set("status_desired_replicas", 20).set("spec_max_replicas", 75);
  await ended(made);
  const followUp = await followUpOf(made);
  assert.ok(followUp !== undefined && "pull" in followUp);
  assert.equal(made.state.opened, 2);
  assert.equal(made.state.proposals.at(-1)?.title, "Scale back api: spec.maxReplicas from 75 to 50");
  const edits = made.state.proposals
    .at(-1)
    ?.edits.map((edit) => "content" in edit && Buffer.from(edit.content).toString());
  assert.deepEqual(edits, [hpa(50)]);
  const { body } = made.state.proposals.at(-1)!;
  assert.match(body, /^The temporary raise of \*\*payment-gateway\*\* in production has ended\./);
  assert.doesNotMatch(body, /more room|Why load|Approve|Options/);
  assert.deepEqual(await made.store.active(), []);
});

test("a value that someone has changed since is asked about, not set back", async () => {
  const made = await verified(await asked());
  made.state.texts.set("k8s/hpa.yaml", hpa(90));
  made.state.values.set("status_desired_replicas", 20);
  await ended(made);
  const followUp = await followUpOf(made);
  assert.deepEqual(
    followUp && "detail" in followUp && followUp.detail,
    "k8s/hpa.yaml:7 says 90, not 75, as someone has changed it since",
  );
  assert.equal(made.state.opened, 1);
});

test("a load that still needs it is asked about", async () => {
  const made = await verified(await asked());
  made.state.texts.set("k8s/hpa.yaml", hpa(75));
  made.state.values.set("status_desired_replicas", 62);
  await ended(made);
  const followUp = await followUpOf(made);
  assert.deepEqual(
    followUp && "detail" in followUp && followUp.detail,
    "62 are still wanted, more than the 50 it would go back to",
  );
});

test("a person may choose the revert instead", async () => {
  const made = await asked();
  await made.handle({ type: "Choose", at: made.state.now, round: 1, head: sha("d"), choice: 1, by: "UANN" });
  const incident = await made.settle();
  assert.ok(incident.status === "proposed" && incident.remedy.kind === "revert");
  assert.deepEqual(
    [...made.state.pulls.values()].map(({ state }) => state),
    ["closed", "open"],
  );
});

test("what a GitOps repository declares is scaled there, in the paths of the environment", async () => {
  const gitops = [{ repository: "acme/config", branch: "main", paths: ["prod/"] }];
  const made = world({ configured: service({ scaling: [rule], gitops }) });
  made.state.texts.set("prod/hpa.yaml", hpa(50)).set("stg/hpa.yaml", hpa(50));
  made.state.values = new Map([
    ["status_desired_replicas", 50],
    ["spec_max_replicas", 50],
    ["asked_for", 1.5],
  ]);
  const incident = await incidentOf(await asked(made));
  assert.ok(incident.status === "proposed" && incident.remedy.kind === "scale", incident.status);
  const { in: where, repository, edit } = incident.remedy;
  assert.deepEqual([where, repository, edit?.file], ["gitops", "acme/config", "prod/hpa.yaml"]);
  assert.equal(made.state.pulls.size, 1);
  assert.deepEqual(
    [...new Set(made.state.proposals.flatMap(({ edits }) => edits.map(({ path }) => path)))],
    ["prod/hpa.yaml"],
  );
});

test("two paths of a service that both have the target are two owners", async () => {
  const gitops = [{ repository: "acme/config", branch: "main", paths: ["eu/", "us/"] }];
  const made = world({ configured: service({ scaling: [rule], gitops }) });
  made.state.texts.set("eu/hpa.yaml", hpa(50)).set("us/hpa.yaml", hpa(50));
  made.state.values = new Map([
    ["status_desired_replicas", 50],
    ["spec_max_replicas", 50],
    ["asked_for", 1.5],
  ]);
  const incident = await incidentOf(await asked(made));
  assert.deepEqual(made.state.proposals, []);
  assert.ok(incident.status === "escalated" && incident.reason === "refused", incident.status);
  assert.match(
    String(incident.detail),
    /two owners: eu\/hpa\.yaml:7 and us\/hpa\.yaml:7 in the paths of the service$/,
  );
});

test("a broken metric raises the minimum, and the pull request names the adapter's rule that makes it", async () => {
  const made = saturated();
  const metrics = "  metrics: [{ type: Pods, pods: { metric: { name: requests_per_second } } }]\n";
  made.state.texts.set("k8s/hpa.yaml", hpa(50).replace(" # ceiling\n", `\n${metrics}`));
  const rules = "rules: [{ seriesQuery: requests_total, name: { as: requests_per_second } }]\n";
  made.state.texts.set("k8s/adapter/values.yaml", rules);
  made.state.values = new Map([
    ["status_desired_replicas", 4],
    ["spec_max_replicas", 50],
    ["spec_min_replicas", 3],
    ["status_condition", 1],
    ["asked_for", 1.5],
    ["replicas_ready", 1],
  ]);
  await asked(made);
  assert.match(
    String(made.state.proposals.at(-1)?.body),
    /its metric requests&#95;per&#95;second is made by the rule of Prometheus Adapter for requests&#95;total in k8s\/adapter\/values\.yaml/,
  );
});
