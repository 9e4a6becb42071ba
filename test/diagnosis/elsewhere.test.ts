import assert from "node:assert/strict";
import { test } from "node:test";
import { gather } from "../../functions/diagnose/gather.ts";
import { memoryStore } from "../../shared/adapters/memory.ts";
import type { Elsewhere } from "../../shared/diagnosis/model.ts";
import { rank } from "../../shared/diagnosis/rank.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { Commit } from "../../shared/ports/history.ts";
import type { Service } from "../../shared/ports/service.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import { alert, sha } from "../support/incident.ts";
import { service, world } from "../support/world.ts";

const minute = 60_000;
const onsetAt = Date.parse("2026-11-22T12:00:00Z");
const commit = (letter: string, over: Partial<Commit> = {}): Commit => ({
  ...{ sha: sha(letter), parents: [sha("0")], title: `change ${letter}`, message: `change ${letter}` },
  ...{ author: "Ann", url: `http://github.test/${letter}`, paths: ["src/orders.js"], patch: "-a\n+b" },
  at: onsetAt - 30 * minute,
  ...over,
});
const yen = alert({ labels: { currency: "JPY" }, annotations: { summary: "payments in JPY fail" } });
const rounding = { title: "round JPY to minor units", message: "round JPY to minor units" };
const deploy = (letter: string, at: number, name = "checkout"): DeployRecord => ({
  ...{ service: name, environment: "production", sha: sha(letter), status: "succeeded" as const, at },
});
const owner = { service: "fx", repository: "acme/fx", approvers: ["U0FX"] };
const fx = (over: Partial<Elsewhere> = {}): Elsewhere => ({
  ...{ service: "fx", of: owner, history: [sha("f"), sha("e")], deploys: [] },
  commits: [commit("f", rounding), commit("e", { at: onsetAt - 90 * minute })],
  ...over,
});
const diagnose = (elsewhere: Elsewhere[], own: Commit[] = [commit("b"), commit("a")]) =>
  rank({
    ...{ service: "checkout", alerts: [yen], onsetAt, commits: own, elsewhere, dependsOn: ["fx"] },
    ...{ history: own.map(({ sha }) => sha), deploys: [] },
  });

test("a change of a service it depends on is ranked among its own, named as the other's, and offered to nobody here", () => {
  const { suspects, remedies } = diagnose([fx()]);
  assert.deepEqual(suspects.map(({ sha }) => sha[0]).toSorted(), ["a", "b", "e", "f"]);
  assert.equal(suspects[0]!.sha, sha("f"));
  assert.deepEqual(suspects[0]!.of, owner);
  assert.match(suspects[0]!.reasons.join("\n"), /changes fx, which checkout depends on/);
  assert.deepEqual(remedies, []);
});

test("Grafana's alert that its data source gives no answer speaks against a change, unless that changes what is measured", () => {
  const first = (name: string, patch: string) => {
    const [suspect] = rank({
      ...{
        service: "checkout",
        alerts: [alert({ name, labels: { rulename: "OrdersFail" }, annotations: {} })],
      },
      ...{ onsetAt, commits: [commit("b", { patch })], history: [sha("b"), sha("a")] },
      deploys: [deploy("b", onsetAt - minute), deploy("a", onsetAt - 600 * minute)],
    }).suspects;
    return suspect!.score;
  };
  const innocent = "-const page = 20;\n+const page = 50;";
  const measuring = "-orders_total.inc();\n+// no counter any more, metrics come later";
  for (const name of ["DatasourceError", "DatasourceNoData"]) {
    assert.ok(first(name, innocent) < first("OrdersFail", innocent) / 2, name);
    assert.ok(first(name, measuring) > first(name, innocent), name);
  }
});

test("the same change is less likely as another service's than as its own", () => {
  const own = diagnose([], [commit("f", rounding), commit("a")]);
  const other = diagnose([fx({ commits: [commit("f", rounding)] })], [commit("a")]);
  assert.ok(other.suspects[0]!.score < own.suspects[0]!.score);
});

test("another service's change that was not deployed when the trouble began is no suspect", () => {
  const late = fx({
    deploys: [deploy("e", onsetAt - 60 * minute, "fx"), deploy("f", onsetAt + 18 * minute, "fx")],
  });
  assert.ok(!diagnose([late]).suspects.some((one) => one.sha === sha("f")));
});

test("a change of the GitOps repository is offered to be taken back there", () => {
  const bump = commit("c", { ...rounding, paths: ["apps/checkout/values.yaml"] });
  const { suspects, remedies } = diagnose([
    { service: "checkout", in: "gitops", commits: [bump], history: [bump.sha], deploys: [] },
  ]);
  assert.equal(suspects[0]!.in, "gitops");
  assert.deepEqual(remedies[0], {
    ...{ kind: "revert", sha: bump.sha, title: bump.title, score: suspects[0]!.score, in: "gitops" },
  });
});

test("a commit that is both its own and another's is its own, and is ranked once", () => {
  const { suspects } = diagnose([fx({ commits: [commit("b", rounding)] })]);
  assert.deepEqual(suspects.map(({ sha }) => sha[0]).toSorted(), ["a", "b"]);
  assert.equal(suspects.find(({ sha: one }) => one === sha("b"))!.of, undefined);
});

const looked = async (over: { approvers?: string[]; repository?: string; fail?: boolean }) => {
  const own = service({
    ...{ name: "checkout", repository: "acme/shop", dependsOn: ["fx"] },
    gitops: [{ repository: "acme/deploy", branch: "main", paths: ["apps/checkout/"] }],
  });
  const other = service({
    ...{ name: "fx", repository: over.repository ?? "acme/fx", approvers: over.approvers ?? ["U0FX"] },
  });
  const asked: string[] = [];
  const { work } = world();
  const commits = async ({ repository, paths }: Service) => {
    asked.push(`${repository} ${paths.join()}`.trim());
    if (over.fail && repository === "acme/fx")
      throw new UpstreamError("github", "list commits of acme/fx: 404", { retryable: false });
    return [commit(repository === "acme/deploy" ? "c" : repository === "acme/shop" ? "b" : "f")];
  };
  const store = memoryStore();
  await store.recordDeploy(deploy("c", onsetAt - minute));
  const found = await gather(
    {
      ...work,
      store,
      history: {
        ...work.history,
        commits,
        shas: async ({ repository }) => [sha(repository === "acme/deploy" ? "c" : "b")],
      },
      serviceOf: (name) => (name === "fx" ? other : own),
    },
    { service: "checkout", environment: "production", onsetAt },
  );
  return { found, asked: asked.toSorted() };
};

test("commits are read of its own repository, of its GitOps repository and of what it depends on, each with its own paths", async () => {
  const { found, asked } = await looked({});
  assert.deepEqual(asked, ["acme/deploy apps/checkout/", "acme/fx", "acme/shop"]);
  assert.deepEqual(
    found.elsewhere?.map(({ in: where, of, deploys }) => [where, of?.service, deploys.length]),
    [
      ["gitops", undefined, 1],
      [undefined, "fx", 0],
    ],
  );
  assert.deepEqual(found.deploys, [], "what was deployed is a commit of the GitOps repository");
});

test("a dependency in the same repository with the same approvers is as good as its own; with others it is theirs", async () => {
  const same = await looked({ repository: "acme/shop", approvers: ["UANN"] });
  assert.equal(same.found.elsewhere?.[1]?.of, undefined);
  const theirs = await looked({ repository: "acme/shop", approvers: ["U0FX"] });
  assert.deepEqual(theirs.found.elsewhere?.[1]?.of?.approvers, ["U0FX"]);
});

test("a dependency that cannot be read is told, and the rest goes on", async () => {
  const { found } = await looked({ fail: true });
  assert.deepEqual(found.unread, [
    "the commits of fx, which it depends on, could not be looked at: list commits of acme/fx: 404",
  ]);
  assert.equal(found.commits.length, 1);
  const { notes } = rank({ service: "checkout", alerts: [yen], onsetAt, ...found });
  assert.ok(notes?.includes(found.unread![0]!));
});
