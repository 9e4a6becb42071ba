import assert from "node:assert/strict";
import { test } from "node:test";
import { Octokit } from "@octokit/rest";
import { flagKnownBad } from "../../../functions/known-bad.ts";
import { files } from "../../support/git.ts";
import { openShop, proposalFor, service, wholeStory } from "../../support/github-shop.ts";
import { service as configured } from "../../support/world.ts";

const repo = { owner: "acme", repo: "shop" };
const deployed = (tag: string, replicas = 1) =>
  files({
    "deploy/api.yaml": `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec:\n  replicas: ${replicas}\n  template:\n    spec:\n      containers:\n        - name: api\n          image: acme/api:${tag}\n`,
  });

/** A shop whose bump from 1.4.1 to 1.4.2 was taken back by Countersteer, and the pull requests of a person. */
const rolledBack = async (t: Parameters<typeof openShop>[0]) => {
  const shop = await openShop(t, {
    trees: [deployed("1.4.1"), deployed("1.4.2")],
    tokens: { "ann-token": "ann" },
  });
  const { pull } = await wholeStory(shop.source, shop.shas[1]!);
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const ann = new Octokit({ baseUrl: shop.sandbox.github, auth: "ann-token", log });
  let branches = 0;
  const open = async (tree: ReturnType<typeof files>) => {
    const branch = `bump-${++branches}`;
    shop.git("branch", branch, "main");
    shop.push(tree, branch);
    return (await ann.pulls.create({ ...repo, title: "Bump", head: branch, base: "main" })).data;
  };
  const statuses = async (ref: string) =>
    (await ann.repos.getCombinedStatusForRef({ ...repo, ref })).data.statuses.map((one) => [
      one.context,
      one.state,
      one.description,
      one.target_url,
    ]);
  const told = (number: number, stopped?: string) => {
    const one = configured({
      ...{ name: "api", repository: "acme/config", approvers: ["U1"] },
      gitops: [{ repository: service.repository, branch: "main", paths: [] }],
    });
    const payload = { action: "opened", pull_request: { number } };
    return flagKnownBad({ source: shop.source, killSwitch: { stopped: async () => stopped } }, [one], {
      ...{ repository: "Acme/Shop", event: "pull_request", payload, at: Date.now() },
    });
  };
  return { ...shop, pull, open, statuses, told };
};

test("a pull request that raises a version again which a rollback took out gets a failed status with a link, once", async (t) => {
  const { pull, open, statuses, told, calls, count } = await rolledBack(t);
  const bad = await open(deployed("1.4.2"));
  await told(bad.number);
  const [[context, state, description, url] = [], ...more] = await statuses(bad.head.sha);
  assert.deepEqual([context, state, url, more], ["countersteer/known-bad", "failure", pull.url, []]);
  assert.match(
    String(description),
    /^image: acme\/api:1\.4\.2 was taken out by a rollback \([0-9a-f]{12}\)$/,
  );
  count();
  await told(bad.number);
  assert.deepEqual(
    calls.made.filter((call) => call.startsWith("POST")),
    [],
  );
});

test("another version, another line of the file, a pull request of ours and a stopped Countersteer get no status", async (t) => {
  const { open, statuses, told, source, shas, push } = await rolledBack(t);
  const [next, bad] = [await open(deployed("1.4.3")), await open(deployed("1.4.2"))];
  await told(next.number);
  await told(bad.number, "Countersteer is stopped");
  assert.deepEqual(await statuses(next.head.sha), []);
  assert.deepEqual(await statuses(bad.head.sha), []);
  // A person raised it all the same: a change of another line then raises nothing.
  push(deployed("1.4.2"));
  const scaled = await open(deployed("1.4.2", 3));
  await told(scaled.number);
  assert.deepEqual(await statuses(scaled.head.sha), []);
  const ours = await source.openPull(service, await proposalFor(source, shas[1]!));
  await told(ours.number);
  assert.deepEqual(
    (await statuses(ours.head)).map(([context]) => context),
    ["countersteer/approval"],
  );
});

test("a version that a later commit of Countersteer put back is not known to be bad", async (t) => {
  const { source, open, statuses, told, git, push } = await rolledBack(t);
  await wholeStory(source, git("rev-parse", "main"));
  push(deployed("1.4.3"));
  const again = await open(deployed("1.4.2"));
  await told(again.number);
  assert.deepEqual(await statuses(again.head.sha), []);
});
