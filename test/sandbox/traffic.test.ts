import assert from "node:assert/strict";
import { test } from "node:test";
import { newSandbox, refusal, repo } from "./repository.ts";

test("a fault hits the calls it names, as often as it says, and what it did is remembered", async (t) => {
  const { sandbox, octokit } = await newSandbox(t);
  sandbox.fault({
    match: /^GET .*\/branches\//,
    times: 2,
    fail: { status: 502, headers: { "Retry-After": "1" } },
  });
  const branch = () => octokit.repos.getBranch({ ...repo, branch: "main" });
  assert.deepEqual([(await refusal(branch())).status, (await refusal(branch())).status], [502, 502]);
  await branch();
  const path = "/repos/acme/shop/branches/main";
  assert.deepEqual(
    sandbox.requests().map(({ system, method, path, status }) => ({ system, method, path, status })),
    [502, 502, 200].map((status) => ({ system: "github", method: "GET", path, status })),
  );
});

test("a dropped connection may or may not have had its effect", async (t) => {
  const { sandbox, octokit, shop } = await newSandbox(t);
  const sha = shop.git("rev-parse", "HEAD");
  const create = (name: string) => octokit.git.createRef({ ...repo, ref: `refs/heads/${name}`, sha });
  const exists = (name: string) => shop.git("ls-remote", "origin", `refs/heads/${name}`) !== "";
  sandbox.fault({ match: /git\/refs$/, drop: "before" });
  await assert.rejects(create("one"), /fetch failed|socket|closed|terminated/);
  sandbox.fault({ match: /git\/refs$/, drop: "after" });
  await assert.rejects(create("two"), /fetch failed|socket|closed|terminated/);
  sandbox.fault({ match: /git\/refs$/, fail: { status: 500, applied: true } });
  assert.equal((await refusal(create("three"))).status, 500);
  assert.deepEqual([exists("one"), exists("two"), exists("three")], [false, true, true]);
  assert.deepEqual(
    sandbox.requests().map(({ status }) => status),
    [0, 0, 500],
  );
});

test("a connection is also dropped where a request needs none", async (t) => {
  const { sandbox } = await newSandbox(t);
  const branch = (): Promise<Response> =>
    sandbox.fetch(`${sandbox.github}/repos/acme/shop/branches/main`, {
      headers: { authorization: `token ${sandbox.token}` },
    });
  for (const drop of ["before", "after"] as const) {
    sandbox.fault({ match: /^GET .*\/branches\//, drop });
    await assert.rejects(branch(), new TypeError("fetch failed"));
  }
  assert.equal((await branch()).status, 200);
  assert.deepEqual(
    sandbox.requests().map(({ status }) => status),
    [0, 0, 200],
  );
});

test("a call can be held until the test lets it go, and a fault taken back", async (t) => {
  const { sandbox, octokit } = await newSandbox(t);
  const gate = Promise.withResolvers<void>();
  sandbox.fault({ match: /shop$/, until: gate.promise });
  const held = octokit.repos.get(repo);
  await octokit.repos.getBranch({ ...repo, branch: "main" });
  gate.resolve();
  assert.equal((await held).status, 200);
  const forget = sandbox.fault({ match: /shop$/, fail: { status: 500 } });
  forget();
  assert.equal((await octokit.repos.get(repo)).status, 200);
});
