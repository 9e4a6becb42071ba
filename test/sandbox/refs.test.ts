import assert from "node:assert/strict";
import { test } from "node:test";
import { client, newSandbox, refusal, repo } from "./repository.ts";

test("a ref is made, moved forward, forced and removed in the repository itself", async (t) => {
  const { shop, octokit } = await newSandbox(t);
  const first = shop.git("rev-parse", "HEAD");
  const second = shop.commit("Second", { f: "2\n" });
  const at = () => shop.git("ls-remote", "origin", "refs/heads/x/y").split("\t")[0];
  await octokit.git.createRef({ ...repo, ref: "refs/heads/x/y", sha: first });
  assert.equal(at(), first);
  await octokit.git.updateRef({ ...repo, ref: "heads/x/y", sha: second });
  assert.equal(at(), second);
  const back = octokit.git.updateRef({ ...repo, ref: "heads/x/y", sha: first });
  assert.deepEqual(await refusal(back), { status: 422, message: "Update is not a fast forward" });
  await octokit.git.updateRef({ ...repo, ref: "heads/x/y", sha: first, force: true });
  assert.equal((await octokit.git.getRef({ ...repo, ref: "heads/x/y" })).data.object.sha, first);
  assert.equal((await octokit.repos.getBranch({ ...repo, branch: "x/y" })).data.commit.sha, first);
  const matching = await octokit.git.listMatchingRefs({ ...repo, ref: "heads/x" });
  assert.deepEqual(
    matching.data.map(({ ref }) => ref),
    ["refs/heads/x/y"],
  );
  await octokit.git.deleteRef({ ...repo, ref: "heads/x/y" });
  assert.equal(at(), "");
});

test("refs that cannot be are refused as GitHub refuses them", async (t) => {
  const { shop, octokit } = await newSandbox(t);
  const sha = shop.git("rev-parse", "HEAD");
  const create = (ref: string, to = sha) => refusal(octokit.git.createRef({ ...repo, ref, sha: to }));
  assert.deepEqual(await create("refs/heads/main"), { status: 422, message: "Reference already exists" });
  assert.deepEqual(await create("refs/heads/x", "1".repeat(40)), {
    status: 422,
    message: "Object does not exist",
  });
  assert.match((await create("refs/heads/x", "abc")).message, /exactly 40 characters/);
  assert.equal((await create("refs/heads/main/x")).message, "Reference cannot be created");
  for (const bad of ["refs/heads/a..b", "refs/heads/-/x y", "refs/heads/x.lock", "refs/heads/a@{1}", "heads"])
    assert.equal((await create(bad)).message, `${bad} is not a valid ref name.`);
  const ref = "heads/nope";
  assert.deepEqual(await refusal(octokit.git.getRef({ ...repo, ref })), {
    status: 404,
    message: "Not Found",
  });
  assert.deepEqual(await refusal(octokit.git.updateRef({ ...repo, ref, sha })), {
    status: 422,
    message: "Reference does not exist",
  });
  assert.deepEqual(await refusal(octokit.git.deleteRef({ ...repo, ref })), {
    status: 422,
    message: "Reference does not exist",
  });
  assert.deepEqual(await refusal(octokit.repos.getBranch({ ...repo, branch: "nope" })), {
    status: 404,
    message: "Branch not found",
  });
});

test("without a good token, a known repository or a route there is an answer that says so", async (t) => {
  const { sandbox, octokit, logged } = await newSandbox(t);
  assert.deepEqual(await refusal(client(sandbox, "wrong").repos.get(repo)), {
    status: 401,
    message: "Bad credentials",
  });
  const anonymous = await fetch(`${sandbox.github}/repos/acme/shop`);
  assert.equal(anonymous.status, 401);
  assert.match(await anonymous.text(), /"Requires authentication"/);
  assert.deepEqual(await refusal(octokit.repos.get({ owner: "acme", repo: "nope" })), {
    status: 404,
    message: "Not Found",
  });
  const unknown = octokit.repos.getReadme(repo);
  assert.equal((await refusal(unknown)).message, "Not Found: sandbox has no GET /repos/acme/shop/readme");
  assert.deepEqual(logged, ["Not Found: sandbox has no GET /repos/acme/shop/readme"]);
  const malformed = await fetch(`${sandbox.github}/repos/acme/shop/git/refs`, {
    method: "POST",
    body: "{",
    headers: { Authorization: `token ${sandbox.token}` },
  });
  assert.equal(malformed.status, 400);
  assert.match(await malformed.text(), /"Problems parsing JSON"/);
});

test("an answer that has not changed is 304 and counts as no request", async (t) => {
  const { sandbox, octokit } = await newSandbox(t);
  const first = await octokit.repos.get(repo);
  const again = await fetch(first.url, {
    headers: { Authorization: `token ${sandbox.token}`, "If-None-Match": first.headers.etag! },
  });
  assert.equal(again.status, 304);
  assert.equal(again.headers.get("x-ratelimit-used"), first.headers["x-ratelimit-used"]);
});
