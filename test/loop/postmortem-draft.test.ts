import assert from "node:assert/strict";
import { test } from "node:test";
import { UpstreamError } from "../../shared/errors.ts";
import { incidentId } from "../../shared/incident/model.ts";
import { parseMatcher } from "../../shared/policy/match.ts";
import { burning, service, type World, world } from "../support/world.ts";

type Wanted = NonNullable<ReturnType<typeof service>["postmortem"]>;

const verified = async (made: World): Promise<World> => {
  await made.alerts([burning]);
  await made.settle();
  await made.approve();
  await made.settle();
  made.state.now = 30_000;
  await made.deploy();
  await made.settle();
  made.state.now = 40_000;
  const incident = await made.settle();
  assert.equal(incident.status === "closed" && incident.outcome, "verified");
  return made;
};
const asking = (postmortem: Wanted) => world({ configured: service({ postmortem }) });

test("no draft of a post-mortem is written unless the service asks for one", async () => {
  assert.equal((await verified(world())).state.drafts.size, 0);
});

test("after the verdict the draft is a comment on the pull request, once", async () => {
  const made = await verified(asking("comment"));
  await made.settle();
  const [[at, draft] = assert.fail(), ...more] = [...made.state.drafts];
  assert.deepEqual([at, more.length], ["acme/payments#1 payment-gateway/production#1:postmortem", 0]);
  assert.match(draft.text, /^# .+\n\nA draft from the record of incident /);
  assert.match(draft.text, /## Similar incidents\n\nNone is on record\./);
  assert.doesNotMatch(draft.text, /The pull request is/);
});

test("or it is an issue of the repository that the service names, with links to the pull request and the page", async () => {
  const made = await verified(asking({ issue: "acme/post-mortems" }));
  const [[at, draft] = assert.fail(), ...more] = [...made.state.drafts];
  assert.deepEqual([at, more.length], ["acme/post-mortems payment-gateway/production#1:postmortem", 0]);
  assert.match(draft.title, /^Post-mortem: /);
  assert.match(draft.text, /The pull request is \[.*\]\(<http:\/\/github\.test\/acme\/payments\/pull\/1>\)/);
});

test("a comment tells of incidents of the same repository only, and an issue of services with the same readers", async () => {
  const beside = (name: string, over: Partial<Parameters<typeof service>[0]>) =>
    service({ name, match: [parseMatcher(`service="${name}"`)!], ...over });
  const others = [
    beside("refunds", {}),
    beside("search", { repository: "acme/search" }),
    beside("payroll", { repository: "acme/payroll", visibleTo: ["finance"] }),
  ];
  const told = async (postmortem: Wanted): Promise<string[]> => {
    const made = world({ configured: service({ postmortem }), others });
    for (const { name } of others)
      await made.work.handle(incidentId(name, "production"), {
        ...{ type: "RecordAlerts", at: 20_000, alerts: [burning], truncated: false },
      });
    made.state.now = 21_000;
    await verified(made);
    const [draft] = [...made.state.drafts.values()];
    return [...(draft?.text ?? "").matchAll(/^- `(\w+)\/production` of /gm)].map(([, name]) => name!).sort();
  };
  assert.deepEqual(await told("comment"), ["refunds"]);
  assert.deepEqual(await told({ issue: "acme/post-mortems" }), ["refunds", "search"]);
});

test("a repository that refuses the issue keeps nothing else from being told, and one that fails for now is asked again", async () => {
  const made = asking({ issue: "acme/post-mortems" });
  made.state.failing.writeDraft = new UpstreamError("github", "issues are off", { retryable: true });
  await verified(made).catch(() => undefined);
  delete made.state.failing.writeDraft;
  await made.settle();
  assert.equal(made.state.drafts.size, 1);
});

test("an incident that nobody verified has no draft", async () => {
  const made = asking("comment");
  await made.alerts([burning]);
  await made.settle();
  await made.reject("it is something else");
  await made.settle();
  assert.equal(made.state.drafts.size, 0);
});
