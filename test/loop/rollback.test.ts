import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { rollback } from "../../functions/propose/rollback.ts";
import { withdraw } from "../../functions/propose/withdraw.ts";
import type { Configured } from "../../shared/config.ts";
import type { In, Revert, Withdraw } from "../../shared/incident/model.ts";
import { view } from "../../shared/text/chat-message.ts";
import { files } from "../support/git.ts";
import { openShop } from "../support/github-shop.ts";
import { diagnosed, opened, past } from "../support/incident.ts";
import { service as configured, policy } from "../support/world.ts";

/** The configuration repository; the service as it is there. */
const service = { ...configured(), repository: "acme/shop" };

const kustomization = (tag: string, more = "") =>
  `images:\n  - name: acme/gateway\n    newTag: "${tag}" # {"$imagepolicy": "flux-system:gateway:tag"}\n${more}`;
const automation = (suspended = "") => `apiVersion: image.toolkit.fluxcd.io/v1beta2
kind: ImageUpdateAutomation
metadata: { name: prod, namespace: flux-system }
spec:
${suspended}  interval: 1m
  update: { path: ./prod, strategy: Setters }
`;
const path = "prod/kustomization.yaml";
const config = "flux-system/image-automation.yaml";

/** Opens the rollback of the second tree of a configuration repository, and returns the result. */
const rolled = async (
  t: TestContext,
  trees: Record<string, string>[],
  over: Partial<Revert> = {},
  { limits = {}, message }: { limits?: Partial<Configured["policy"]>; message?: string } = {},
) => {
  const messages = message === undefined ? [] : ["Change 0", message];
  const shop = await openShop(t, { trees: trees.map(files), messages });
  const remedy: Revert = {
    ...{ kind: "revert", in: "gitops", sha: shop.shas[1]!, title: "Change 1", score: 0.9 },
    ...over,
  };
  const incident = past(opened(), diagnosed([remedy])) as In<"diagnosed">;
  const work = {
    history: shop.source,
    trees: shop.source,
    pulls: shop.source,
    serviceOf: () => ({ ...service, policy: { ...policy, ...limits } }),
    pageOf: () => "http://countersteer.test/i",
  };
  const intent = await rollback({ work: work as never, incident, service }, remedy);
  const show = (file: string) => {
    assert.equal(intent.type, "RecordProposal");
    return intent.type === "RecordProposal" ? shop.git("show", `${intent.pull.branch}:${file}`) : "";
  };
  return { ...shop, intent, show, incident };
};
const told = (intent: Awaited<ReturnType<typeof rolled>>["intent"]) =>
  intent.type === "RecordProposal" && intent.remedy.kind === "revert"
    ? { notes: intent.remedy.notes, guarded: intent.guarded }
    : intent;

test("a bump is reverted, and the bot that would raise it again is held by the same pull request", async (t) => {
  const { intent, show, git } = await rolled(t, [
    { [path]: kustomization("1"), [config]: automation() },
    { [path]: kustomization("2"), [config]: automation() },
  ]);
  assert.deepEqual(told(intent), {
    notes: [
      "this also suspends the image update automation prod, and with it all that it updates (in flux-system/image-automation.yaml, as Flux image automation would write the version again; prod/kustomization.yaml:3 is marked for the policy flux-system:gateway); take that out after the fix",
    ],
    guarded: false,
  });
  assert.equal(`${show(path)}\n`, kustomization("1"));
  assert.equal(`${show(config)}\n`, automation("  suspend: true\n"));
  assert.match(
    git("log", "-1", "--format=%B", `countersteer/revert-${git("rev-parse", "main").slice(0, 12)}`),
    /^Revert "Change 1"\n\nThis reverts commit/,
  );
  assert.equal(
    git("rev-list", "--count", `main..${intent.type === "RecordProposal" ? intent.pull.branch : ""}`),
    "1",
  );
});

const knative = (tag: string, percent: number, runtime: string) => `apiVersion: serving.knative.dev/v1
kind: Service
metadata: { name: gateway }
spec:
  template:
    spec:
      runtimeClassName: ${runtime}
      containers:
        - name: gateway
          image: acme/gateway:${tag}
  traffic:
    - revisionName: gateway-00007
      percent: ${percent}
`;

test("what a bump changed beside the version has its classes: told, guarded and left to people by the policy", async (t) => {
  const trees = [
    { "prod/gateway.yaml": knative("1", 100, "runc") },
    { "prod/gateway.yaml": knative("2", 0, "gvisor") },
  ];
  const notes = ["kind of change: traffic, runtime"];
  assert.deepEqual(told((await rolled(t, trees)).intent), { notes, guarded: false });
  const asked = await rolled(t, trees, {}, { limits: { classes: { traffic: "approve" } } });
  assert.deepEqual(told(asked.intent), { notes, guarded: true });
  assert.equal(`${asked.show("prod/gateway.yaml")}\n`, knative("1", 100, "runc"));
  for (const limits of [{ classes: { runtime: "person" } } as const, { maxFiles: 0 }]) {
    const { intent } = await rolled(t, trees, {}, { limits });
    assert.equal(intent.type === "Escalate" && intent.reason, "limited", JSON.stringify(limits));
  }
});

const helmfile = (gateway: string) => `environments: { default: {} }
releases:
  - chart: dev/gateway
    version: ${gateway}
    name: gateway
    namespace: jx-production
  - chart: dev/ledger
    version: 1.4.0
    name: ledger
`;

test("a promotion of Jenkins X goes back in its helmfile, and the question says how to hold the next one", async (t) => {
  const path = "helmfiles/jx-production/helmfile.yaml";
  const { intent, show, git, shas } = await rolled(
    t,
    [{ [path]: helmfile("0.0.42") }, { [path]: helmfile("0.0.43") }],
    { title: "chore: promote gateway to version 0.0.43" },
    { message: "Merge pull request #12 from acme/pr-1f2a\n\nchore: promote gateway to version 0.0.43" },
  );
  const note =
    "Jenkins X writes the version again within minutes (known by its commit message), and no file here holds it back: label the next promotion of gateway do-not-merge/hold";
  assert.deepEqual(told(intent), { notes: [note], guarded: true });
  assert.equal(`${show(path)}\n`, helmfile("0.0.42"));
  const branch = intent.type === "RecordProposal" ? intent.pull.branch : "";
  assert.match(git("log", "-1", "--format=%B", branch), new RegExp(`This reverts commit ${shas[1]}`));
});

test("a hold that no file can make is said in the question, and never merged without a person", async (t) => {
  const { intent, incident } = await rolled(
    t,
    [{ [path]: kustomization("1") }, { [path]: kustomization("2") }],
    {
      behind: { sha: "b".repeat(40), title: "round to minor units" },
    },
  );
  const note =
    "Flux image automation writes the version again within minutes (prod/kustomization.yaml:3 is marked for the policy flux-system:gateway), and no file here holds it back: suspend it: flux suspend image update NAME";
  assert.deepEqual(told(intent), { notes: [note], guarded: true });
  assert.ok(intent.type === "RecordProposal");
  const { remedy, pull } = intent;
  const question = view(
    { ...incident, status: "proposed", asked: true, remedy, pull },
    "http://countersteer.test/i",
  );
  assert.deepEqual(
    question.lines.filter(({ label }) => label === "Good to know").map(({ text }) => text),
    [
      "Flux image automation writes the version again within minutes, and no file here holds it back: suspend it: flux suspend image update NAME",
    ],
  );
  assert.match(question.lines.map(({ text }) => text).join("\n"), /The commit behind it gets its own revert/);
});

test("where the revert is not clean, the version alone goes back, from wherever it has moved on to, and a person looks", async (t) => {
  const { intent, show, git, shas } = await rolled(t, [
    { [path]: kustomization("1").replace(/ #.*/, ""), "prod/a.yaml": "replicas: 2\n" },
    { [path]: kustomization("2").replace(/ #.*/, ""), "prod/a.yaml": "replicas: 3\n" },
    { [path]: kustomization("3", "  # later\n").replace(/ #.*/, ""), "prod/a.yaml": "replicas: 4\n" },
  ]);
  assert.deepEqual(told(intent), {
    notes: [
      `the whole of ${shas[1]!.slice(0, 12)} cannot be taken back cleanly (prod/a.yaml: the same lines were changed again since; ${path}: the same lines were changed again since), so only the version is put back`,
      "acme/gateway has moved on from 2 to 3 since: that goes back to 1 too",
    ],
    guarded: true,
  });
  assert.equal(show("prod/a.yaml"), "replicas: 4");
  assert.equal(`${show(path)}\n`, kustomization("1", "  # later\n").replace(/ #.*/, ""));
  const branch = intent.type === "RecordProposal" ? intent.pull.branch : "";
  assert.equal(
    git("log", "-1", "--format=%B", branch),
    `Put acme/gateway back to 1\n\nThis puts back what ${shas[1]} moved.\n\nCountersteer-Incident: payment-gateway/production#1`,
  );
});

test("where the version is not pinned any more either, a person is told both reasons", async (t) => {
  const { intent, shas } = await rolled(t, [
    { [path]: kustomization("1") },
    { [path]: kustomization("2") },
    { [path]: "images: []\n" },
  ]);
  assert.deepEqual(intent, {
    type: "Escalate",
    reason: "unclean_revert",
    detail: `${shas[1]!.slice(0, 12)} cannot be taken back cleanly (${path}: the same lines were changed again since), nor can the version alone be put back (${path}: acme/gateway is not pinned where it was)`,
  });
});

test("what is back already is not put back twice", async (t) => {
  const { intent } = await rolled(t, [
    { [path]: kustomization("1") },
    { [path]: kustomization("2") },
    { [path]: kustomization("1") },
  ]);
  assert.equal(intent.type === "Escalate" && intent.reason, "already_reverted");
});

test("a rollback that did not help is put back in the GitOps repository: the bump is there again", async (t) => {
  const [before, bumped] = [kustomization("1.0"), kustomization("1.1")].map((text) => ({ [path]: text }));
  const shop = await openShop(t, { trees: [before!, bumped!, before!].map(files) });
  const of: Revert = {
    ...{ kind: "revert", in: "gitops", sha: shop.shas[1]!, title: "bump gateway to 1.1", score: 0.9 },
  };
  const remedy: Withdraw = {
    ...{ kind: "withdraw", in: "gitops", of, merge: shop.shas[2]!, pull: 7, title: of.title, score: 1 },
  };
  const incident = past(opened(), diagnosed([of])) as In<"diagnosed">;
  const { source } = shop;
  const work = { history: source, trees: source, pulls: source, pageOf: () => "http://countersteer.test/i" };
  const intent = await withdraw({ work: work as never, incident, service }, remedy);
  assert.ok(intent.type === "RecordProposal");
  assert.deepEqual([intent.remedy, intent.guarded], [remedy, true]);
  assert.equal(shop.git("show", `${intent.pull.branch}:${path}`).trim(), kustomization("1.1").trim());
});
