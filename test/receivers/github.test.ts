import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { signGitHub } from "../../shared/adapters/http/signature.ts";
import { memoryStore } from "../../shared/adapters/memory.ts";
import type { Config, Configured } from "../../shared/config.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { Event } from "../../shared/incident/events.ts";
import { evolve } from "../../shared/incident/evolve.ts";
import { emptyIncident, type Incident } from "../../shared/incident/model.ts";
import type { Store } from "../../shared/ports/store.ts";
import { doors } from "../support/doors.ts";
import { approved, asked, diagnosed, id, opened, pull, revertOf, sha } from "../support/incident.ts";
import { policy, service, world } from "../support/world.ts";

type Example = { name: string; examples: Record<string, unknown>[] };
const webhooks = createRequire(import.meta.url)("@octokit/webhooks-examples") as
  | { default: Example[] }
  | Example[];
const examples = Array.isArray(webhooks) ? webhooks : webhooks.default;
const ours = { full_name: "Acme/Payments" };
const exampleOf = (name: string) => ({
  ...examples.find((example) => example.name === name)!.examples[0]!,
  repository: ours,
});

test("GitHub's own push and pull_request examples wake the repository's incidents and store nothing", async () => {
  for (const event of ["push", "pull_request"]) {
    const { github, woken, made } = doors();
    const response = await github(event, exampleOf(event));
    assert.deepEqual([response.status, await response.json()], [202, { outcome: "woken" }]);
    assert.deepEqual(woken, [id]);
    assert.deepEqual(await made.store.list(), []);
  }
});

test("the branch and the pull request that Countersteer has just made wake nobody, and a later push to them does", async () => {
  const { github, woken } = doors();
  const ref = "refs/heads/countersteer/revert-1";
  const opened = { action: "opened", pull_request: { head: { ref: "countersteer/revert-1" } } };
  const own = async (event: string, payload: object) =>
    (await github(event, { repository: ours, ...payload })).json();
  assert.deepEqual(await own("push", { ref, created: true }), { outcome: "own" });
  assert.deepEqual(await own("pull_request", opened), { outcome: "own" });
  assert.deepEqual(woken, []);
  const others: [string, object][] = [
    ["push", { ref, created: false }],
    ["push", { ref: "refs/heads/main", created: true }],
    ["pull_request", { ...opened, action: "closed" }],
    ["pull_request", { ...opened, pull_request: { head: { ref: "fix" } } }],
  ];
  for (const [event, payload] of others)
    assert.deepEqual(await own(event, payload), { outcome: "woken" }, JSON.stringify(payload));
  assert.deepEqual(woken, [id, id, id, id]);
});

test("of the labels of a pull request, only the one that holds it wakes anybody", async () => {
  const { github, woken } = doors();
  const labelled = async (action: string, name: string) => {
    const pull_request = { number: 1, head: { ref: "countersteer/revert-1" } };
    return (await github("pull_request", { repository: ours, action, pull_request, label: { name } })).json();
  };
  assert.deepEqual(await labelled("labeled", "revert"), { outcome: "ignored" });
  assert.deepEqual(await labelled("auto_merge_enabled", ""), { outcome: "ignored" });
  assert.deepEqual(await labelled("labeled", "countersteer/hold"), { outcome: "woken" });
  assert.deepEqual(await labelled("unlabeled", "countersteer/hold"), { outcome: "woken" });
  assert.deepEqual(woken, [id, id]);
});

test("other people's pull requests and merge groups are vouched for, whatever they wake, and a failure is told", async () => {
  const asked: unknown[] = [];
  const vouching = {
    vouchForPull: async (place: unknown, pull: number) => void asked.push([place, pull]),
    vouchForGroup: async (place: unknown, group: object) => void asked.push([place, group]),
  };
  const { github, woken } = doors(undefined, { vouching: vouching as never });
  const place = { repository: "Acme/Payments" };
  const pull = (action: string, ref = "fix") =>
    github("pull_request", { repository: ours, action, pull_request: { number: 7, head: { ref } } });
  for (const action of ["opened", "synchronize", "reopened", "edited", "closed"]) await pull(action);
  await pull("opened", "countersteer/revert-1");
  assert.deepEqual(asked, Array(5).fill([place, 7]));
  const merge_group = {
    ...{ head_sha: sha("a"), base_sha: sha("b"), base_ref: "refs/heads/main" },
    head_ref: `refs/heads/gh-readonly-queue/main/pr-104-${sha("b")}`,
  };
  await github("merge_group", { repository: ours, action: "checks_requested", merge_group });
  await github("merge_group", { repository: ours, action: "destroyed", merge_group });
  const group = { head: sha("a"), base: sha("b"), branch: "main", pull: 104 };
  assert.deepEqual(asked.slice(5), [[place, group]]);
  assert.equal(woken.length, 7);
  vouching.vouchForPull = async () => {
    throw new UpstreamError("github", "502", { retryable: true });
  };
  assert.equal((await pull("opened")).status, 503);
});

test("known bad versions are looked for only where a service wants it and may act", async () => {
  const asked: unknown[] = [];
  const source = { theirPull: async (...of: unknown[]) => void asked.push(of) };
  const flagging = { source: source as never, killSwitch: { stopped: async () => undefined } };
  for (const [flagKnownBad, mode] of [
    [false, "approve"],
    [true, "observe"],
    [true, "approve"],
  ] as const) {
    const services = [service({ policy: { ...policy, mode, ...(flagKnownBad && { flagKnownBad }) } })];
    const { github } = doors(undefined, { services, flagging });
    await github("pull_request", { repository: ours, action: "opened", pull_request: { number: 7 } });
    await github("push", { repository: ours });
  }
  assert.deepEqual(asked, [[{ repository: "Acme/Payments" }, 7]]);
});

test("the issue that stops Countersteer wakes every incident, and no other issue does", async () => {
  const killSwitch = { repository: "acme/ops", number: 4 };
  const { github, woken } = doors(undefined, { killSwitch });
  const issue = async (number: number, full_name = "Acme/Ops") =>
    (await github("issues", { repository: { full_name }, action: "opened", issue: { number } })).json();
  assert.deepEqual(await issue(5), { outcome: "ignored" });
  assert.deepEqual(await issue(4, "acme/payments"), { outcome: "ignored" });
  assert.deepEqual(await issue(4), { outcome: "woken" });
  assert.deepEqual(woken, [id]);
});

const instant = "1970-01-01T00:00:12Z";
const deployment = (environment: string, over: object = {}) => ({
  repository: ours,
  deployment_status: { state: "success", created_at: instant, target_url: null, ...over },
  deployment: { sha: sha("a"), environment },
});
/** The doors of a service, and the commits and states recorded of it. */
const deploying = (over: Partial<Configured>, config: Partial<Config> = {}) => {
  const made = doors(undefined, { services: [service(over)], config });
  const told = async (event: string, payload: unknown) => (await made.github(event, payload)).json();
  const stored = async (environment = "production") =>
    (await made.made.store.deploys("payment-gateway", environment, 0)).map((one) => [
      one.sha,
      one.status,
      one.url,
    ]);
  return { ...made, told, stored };
};

test("a deployment without an address, or with that of its log, is recorded, and an inactive one is not", async () => {
  const { told, stored } = deploying({});
  assert.deepEqual(await told("deployment_status", deployment("production", { state: "inactive" })), {
    outcome: "ignored",
  });
  assert.deepEqual(await stored(), []);
  assert.deepEqual(await told("deployment_status", deployment("production")), { outcome: "recorded" });
  const log = { state: "failure", log_url: "https://ci.test/1" };
  assert.deepEqual(await told("deployment_status", deployment("production", log)), { outcome: "recorded" });
  assert.deepEqual((await stored()).toSorted(), [
    [sha("a"), "failed", "https://ci.test/1"],
    [sha("a"), "succeeded", undefined],
  ]);
});

test("an environment of GitHub may have another name, in any case, and a service that names some has no others", async () => {
  const aliased = deploying({}, { environments: { production: ["Production – web"] } });
  assert.deepEqual(await aliased.told("deployment_status", deployment("production – WEB")), {
    outcome: "recorded",
  });
  const named = deploying({ deploys: [{ tool: "github", name: "Production – api" }] });
  for (const [environment, outcome] of [
    ["production", "unknown_environment"],
    ["Production – web", "unknown_environment"],
    ["production – API", "recorded"],
  ] as const)
    assert.deepEqual(await named.told("deployment_status", deployment(environment)), { outcome });
  assert.equal((await named.stored()).length, 1);
});

const [completed] = examples.find(({ name }) => name === "workflow_run")!.examples as {
  action: string;
  workflow_run: Record<string, unknown>;
}[];
const run = (over: object = {}, action = "completed") => ({
  ...completed,
  action,
  repository: ours,
  workflow_run: {
    ...completed!.workflow_run,
    ...{ path: ".github/workflows/deploy.yml", event: "push", head_branch: "main", head_repository: ours },
    ...{
      conclusion: "success",
      head_sha: sha("a"),
      html_url: "https://github.test/run",
      updated_at: instant,
    },
    ...{ run_started_at: instant, ...over },
  },
});

test("a run of the workflow that deploys is a deploy of the service's branch, by its conclusion", async () => {
  const workflow = { deploys: [{ tool: "workflow" as const, name: "deploy.yml" }] };
  const link = "https://github.test/run";
  for (const [over, action, expected] of [
    [{}, "completed", [[sha("a"), "succeeded", link]]],
    [{ path: ".github/workflows/deploy.yml@refs/heads/main" }, "completed", [[sha("a"), "succeeded", link]]],
    [{ conclusion: "failure" }, "completed", [[sha("a"), "failed", link]]],
    [{ conclusion: "timed_out" }, "completed", [[sha("a"), "failed", link]]],
    [{ conclusion: null }, "in_progress", [[sha("a"), "started", link]]],
    [{ event: "release", head_branch: "v1.2" }, "completed", [[sha("a"), "succeeded", link]]],
    [{ head_branch: "v1.8.2" }, "completed", [[sha("a"), "succeeded", link]]],
    [{ event: "workflow_dispatch", head_branch: "1.8.2-rc.1" }, "completed", [[sha("a"), "succeeded", link]]],
  ] as const) {
    const { told, stored } = deploying(workflow);
    assert.deepEqual(await told("workflow_run", run(over, action)), { outcome: "recorded" });
    assert.deepEqual(await stored(), expected);
  }
  for (const [over, action, outcome] of [
    [{ conclusion: "cancelled" }, "completed", "ignored"],
    [{ conclusion: "skipped" }, "completed", "ignored"],
    [{}, "requested", "ignored"],
    [{ path: ".github/workflows/test.yml" }, "completed", "ignored"],
    [{ event: "pull_request" }, "completed", "ignored"],
    [{ event: "pull_request_target" }, "completed", "ignored"],
    [{ head_repository: { full_name: "mallory/payments" } }, "completed", "ignored"],
    [{ head_branch: "feature" }, "completed", "other_branch"],
    [{ head_branch: "v1.8" }, "completed", "other_branch"],
  ] as const) {
    const { told, stored } = deploying(workflow);
    assert.deepEqual(await told("workflow_run", run(over, action)), { outcome }, JSON.stringify(over));
    assert.deepEqual(await stored(), []);
  }
  assert.deepEqual(await deploying({}).told("workflow_run", run()), { outcome: "ignored" });
});

/** An incident whose redeploy of the former version was ordered. */
const redeploying = async (made: ReturnType<typeof deploying>) => {
  const first = {
    ...{ sha: sha("b"), deployedAt: 1, live: sha("c") },
    tool: { workflow: "deploy.yml", ref: "main", inputs: { sha: "{sha}" } },
  };
  const remedy = revertOf({ first });
  const past: Event[] = [
    opened(),
    diagnosed([remedy]),
    { type: "RemedyProposed", at: 40, remedy, pull, due: 1040 },
    asked(),
    approved(),
    { type: "RedeployBegun", at: 61, sha: sha("b"), id: "nonce-1", tool: "deploy.yml at main", due: 2000 },
    { type: "RedeployStarted", at: 62, run: 41, url: "https://github.test/41" },
  ];
  await made.made.store.append(id, 0, past.reduce<Incident>(evolve, emptyIncident(id)), past);
};

test("a dispatched run of the workflow that redeploys tells the commit that was ordered, and one of people tells none", async () => {
  const rollback = { tool: { workflow: "deploy.yml", ref: "main", inputs: { sha: "{sha}" } } };
  const workflow = { rollback, deploys: [{ tool: "workflow" as const, name: "deploy.yml" }] };
  const dispatched = { event: "workflow_dispatch", id: 7, display_title: "Deploy" };
  for (const [over, outcome, expected] of [
    [{ id: 41 }, "recorded", [[sha("b"), "succeeded"]]],
    [{ display_title: "Deploy bbb (nonce-1)" }, "recorded", [[sha("b"), "succeeded"]]],
    [{}, "ignored", []],
    [{ event: "push" }, "recorded", [[sha("a"), "succeeded"]]],
  ] as const) {
    const made = deploying(workflow);
    await redeploying(made);
    assert.deepEqual(await made.told("workflow_run", run({ ...dispatched, ...over })), { outcome });
    assert.deepEqual(
      (await made.stored()).map(([commit, status]) => [commit, status]),
      expected,
    );
  }
});

test("a delivery as a form is read, and one without the field is refused", async () => {
  const { post, stored } = deploying({});
  const form = (text: string) => {
    const signature = signGitHub({ secret: "github-secret", body: Buffer.from(text) });
    return post("/webhooks/github", text, {
      ...{ "content-type": "application/x-www-form-urlencoded", "x-github-event": "deployment_status" },
      "x-hub-signature-256": signature,
    });
  };
  const payload = JSON.stringify(deployment("production"));
  const response = await form(new URLSearchParams({ payload }).toString());
  assert.deepEqual([response.status, await response.json()], [202, { outcome: "recorded" }]);
  assert.equal((await stored()).length, 1);
  const refused = await form("body=x");
  assert.deepEqual(
    [refused.status, await refused.json()],
    [400, { error: "not a GitHub webhook: the form has no field payload" }],
  );
});

test("a repository that was renamed, and renamed again, is known by its new name, and its log tells it", async () => {
  const { told, stored, lines } = deploying({});
  const renamed = (from: string, to: string) => ({
    ...{ action: "renamed", repository: { full_name: to } },
    changes: { repository: { name: { from } } },
  });
  const delivered = (name: string) => ({ ...deployment("production"), repository: { full_name: name } });
  assert.deepEqual(await told("deployment_status", delivered("acme/pay")), { outcome: "unknown_repository" });
  assert.deepEqual(await told("repository", renamed("other", "acme/elsewhere")), {
    outcome: "unknown_repository",
  });
  assert.deepEqual(await told("repository", { action: "publicized", repository: ours }), {
    outcome: "ignored",
  });
  assert.deepEqual(await told("repository", renamed("payments", "acme/pay")), { outcome: "renamed" });
  assert.deepEqual(await told("deployment_status", delivered("Acme/Pay")), { outcome: "recorded" });
  assert.deepEqual(await told("repository", renamed("pay", "acme/pay2")), { outcome: "renamed" });
  assert.deepEqual(await told("deployment_status", delivered("acme/pay2")), { outcome: "recorded" });
  assert.equal((await stored()).length, 1);
  assert.deepEqual(lines, Array(2).fill("a repository was renamed: change the configuration"));
});

test("a successful deployment_status is a deploy of the repository's services in that environment", async () => {
  const { github, made } = doors();
  const payload = {
    repository: ours,
    deployment: { sha: sha("a"), environment: "production" },
    deployment_status: { state: "success", created_at: "1970-01-01T00:00:12Z", target_url: "" },
  };
  assert.deepEqual(await (await github("deployment_status", payload)).json(), { outcome: "recorded" });
  const [deploy] = await made.store.deploys("payment-gateway", "production", 0);
  assert.deepEqual(deploy, {
    service: "payment-gateway",
    environment: "production",
    sha: sha("a"),
    status: "succeeded",
    at: 12_000,
  });
});

test("GitHub's names of environments are compared without regard to case, and recorded as configured", async () => {
  const { github, made } = doors();
  const payload = {
    repository: ours,
    deployment: { sha: sha("a"), environment: "Production" },
    deployment_status: { state: "success", created_at: "1970-01-01T00:00:12Z" },
  };
  assert.deepEqual(await (await github("deployment_status", payload)).json(), { outcome: "recorded" });
  const [deploy] = await made.store.deploys("payment-gateway", "production", 0);
  assert.equal(deploy?.environment, "production");
});

test("a deployment that waits, another environment, another repository and other events are left alone", async () => {
  const { github, woken } = doors();
  const status = (state: string, environment: string) => ({
    repository: ours,
    deployment: { sha: sha("a"), environment },
    deployment_status: { state, created_at: "1970-01-01T00:00:12Z" },
  });
  assert.deepEqual(await (await github("deployment_status", status("queued", "production"))).json(), {
    outcome: "ignored",
  });
  assert.deepEqual(await (await github("deployment_status", status("success", "moon"))).json(), {
    outcome: "unknown_environment",
  });
  assert.deepEqual(await (await github("push", { repository: { full_name: "acme/other" } })).json(), {
    outcome: "unknown_repository",
  });
  assert.deepEqual(await (await github("star", { repository: ours })).json(), { outcome: "ignored" });
  assert.deepEqual(woken, []);
});

test("a deployment in progress is a rollout that started", async () => {
  const { github, made } = doors();
  const payload = {
    repository: ours,
    deployment: { sha: sha("a"), environment: "production" },
    deployment_status: { state: "in_progress", created_at: "1970-01-01T00:00:12Z" },
  };
  assert.deepEqual(await (await github("deployment_status", payload)).json(), { outcome: "recorded" });
  const recorded = await made.store.deploys("payment-gateway", "production", 0);
  assert.deepEqual(
    recorded.map(({ status }) => status),
    ["started"],
  );
});

test("a wrong or missing signature is 401", async () => {
  const { github, post } = doors();
  assert.equal((await github("push", exampleOf("push"), "wrong")).status, 401);
  assert.equal((await post("/webhooks/github", "{}")).status, 401);
});

test("a review and a command on a pull request wake its incidents, any other comment does not", async () => {
  const { github, woken } = doors();
  const outcome = async (event: string, payload: object) =>
    (await github(event, { repository: ours, ...payload })).json();
  assert.deepEqual(await outcome("pull_request_review", { action: "submitted" }), { outcome: "woken" });
  assert.deepEqual(await outcome("issue_comment", { comment: { body: "/countersteer approve" } }), {
    outcome: "woken",
  });
  assert.deepEqual(await outcome("issue_comment", { comment: { body: "thanks" } }), { outcome: "ignored" });
  assert.deepEqual(woken, [id, id]);
});

const pushed = { repository: { full_name: "acme/payments" }, ref: "refs/heads/main" };
const outcomeOf = async (response: Response) => [
  response.status,
  ((await response.json()) as { outcome: string }).outcome,
];

test("a delivery that comes again with its id does nothing, whatever its body is then", async () => {
  const { github, woken, made } = doors();
  const deliver = async (payload: object, delivery?: string) =>
    outcomeOf(await github("push", payload, "github-secret", delivery));
  assert.deepEqual(await deliver(pushed, "d1"), [202, "woken"]);
  const before = woken.length;
  assert.deepEqual(await deliver(pushed, "d1"), [202, "duplicate"]);
  assert.deepEqual(await deliver({ ...pushed, ref: "refs/heads/other" }, "d1"), [202, "duplicate"]);
  assert.equal(woken.length, before);
  assert.deepEqual(await deliver(pushed, "d2"), [202, "woken"]);
  assert.deepEqual(await deliver(pushed), [202, "woken"]);
  assert.equal((await github("push", pushed, "another-secret", "d3")).status, 401);
  assert.deepEqual(await deliver(pushed, "d3"), [202, "woken"]);
  made.state.now += 3 * 24 * 60 * 60 * 1000;
  assert.deepEqual(await deliver(pushed, "d1"), [202, "woken"]);
});

test("a delivery whose work failed is done when GitHub sends it again", async () => {
  const made = world();
  let fails = true;
  const recordDeploy: Store["recordDeploy"] = (deploy) =>
    fails ? Promise.reject(new Error("disk full")) : made.store.recordDeploy(deploy);
  const { github } = doors(made, { store: { ...made.store, recordDeploy } });
  const status = { state: "success", created_at: "1970-01-01T00:00:05Z" };
  const payload = {
    deployment_status: status,
    deployment: { sha: "a".repeat(40), environment: "production" },
    ...pushed,
  };
  const deliver = () => github("deployment_status", payload, "github-secret", "d1");
  assert.equal((await deliver()).status, 503);
  fails = false;
  assert.deepEqual(await outcomeOf(await deliver()), [202, "recorded"]);
  assert.deepEqual(await outcomeOf(await deliver()), [202, "duplicate"]);
});

test("a store in memory knows the latest 10,000 deliveries", async () => {
  const store = memoryStore();
  for (let place = 0; place <= 10_000; place++) await store.recordDelivery(`d${place}`, place);
  assert.deepEqual(await Promise.all(["d0", "d1", "d10000"].map((id) => store.isDelivered(id, 10_000))), [
    false,
    true,
    true,
  ]);
});
