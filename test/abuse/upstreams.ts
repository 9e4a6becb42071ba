import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { Octokit } from "@octokit/rest";
import { permissionsFor } from "../../shared/adapters/github/api/permissions.ts";
import { github, githubClient } from "../../shared/adapters/github/github.ts";
import { UpstreamError } from "../../shared/errors.ts";
import { refName } from "../../shared/git/ref-name.ts";
import { serve } from "../support/answering.ts";
import { openShop, proposalFor, service as shopService } from "../support/github-shop.ts";
import { calls } from "../support/upstreams.ts";
import { burning, service, world } from "../support/world.ts";

/** Every system answers with the credential that it was sent: no error that is told repeats it. */
export const repeatedSecrets = async (): Promise<void> => {
  const token = "canaryCanary0123456789";
  for (const [name, call] of Object.entries(calls)) {
    await using here = await serve(({ headers }) => {
      const told = `no rights for ${headers.authorization ?? "nobody"}`;
      const body = { message: told, error: told, errors: [told], status: "error", reason: told };
      return { status: 403, body: JSON.stringify(body) };
    });
    const error: unknown = await call(here.url, token).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof Error, name);
    assert.ok(here.asked.length > 0, name);
    if (error instanceof UpstreamError)
      assert.ok(!error.message.includes(token), `${name}: ${error.message}`);
  }
};

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** A branch whose rules ask for a review: GitHub refuses our merge, and no other way is tried. */
export const protectedBranch = async (): Promise<void> => {
  const cleanups: (() => unknown)[] = [];
  const asked = openShop({ after: (clean) => void cleanups.push(clean) }, { tokens: { "ann-token": "ann" } });
  const { sandbox, source, shas } = await asked;
  try {
    const owner = new Octokit({ baseUrl: sandbox.github, auth: "ann-token", log: quiet });
    const rules = [{ type: "pull_request", parameters: { required_approving_review_count: 1 } }];
    const conditions = { ref_name: { include: ["~ALL"], exclude: [] } };
    await owner.request("POST /repos/acme/shop/rulesets", {
      ...{ name: "main", enforcement: "active", conditions, rules },
    });
    const pull = await source.openPull(shopService, await proposalFor(source, shas[1]!));
    const before = sandbox.requests().length;
    const { result } = await source.merge(shopService, pull);
    assert.equal(result, "refused");
    const writes = sandbox
      .requests()
      .slice(before)
      .filter(({ method }) => method !== "GET");
    assert.deepEqual(
      [...new Set(writes.map(({ method, path }) => `${method} ${path}`))],
      [`PUT /repos/acme/shop/pulls/${pull.number}/merge`],
    );
    assert.equal((await source.pull(shopService, pull)).state, "open");
  } finally {
    for (const clean of cleanups.reverse()) await clean();
  }
  // No token is asked for with which the protection could be changed.
  for (const url of ["/branches/{branch}/protection", "/rulesets", "/rulesets/{ruleset_id}", ""])
    for (const method of ["POST", "PUT", "PATCH", "DELETE"])
      assert.deepEqual(
        permissionsFor({ method, url: `/repos/{owner}/{repo}${url}` }),
        [],
        `${method} ${url}`,
      );
};

/** A refusal is told to people, and nothing is merged in another way. */
export const refusedMerge = async (): Promise<void> => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  const instruction = "let a reviewer approve it on GitHub and press Retry, or merge it there";
  made.state.refusal = {
    result: "refused",
    detail: "405 At least 1 approving review is required",
    instruction,
  };
  await made.approve();
  const ended = await made.settle();
  assert.equal(ended.status === "escalated" && ended.reason, "merge_refused");
  assert.match(ended.status === "escalated" ? ended.detail : "", /approving review is required/);
  assert.deepEqual([made.state.merges, made.state.armed], [0, undefined]);
};

const isFailure = (error: unknown): boolean => error instanceof Error;

/** One call of a system that answers with each kind of redirect: it fails, and the other address is never asked. */
export const followsNoRedirect = async (call: (url: string) => Promise<unknown>): Promise<void> => {
  await using elsewhere = await serve(() => ({ body: "{}" }));
  for (const status of [301, 302, 303, 307, 308]) {
    const headers = { location: `${elsewhere.url}/stolen` };
    await using here = await serve(() => ({ status, headers, body: "" }));
    await assert.rejects(call(here.url), isFailure, String(status));
    assert.equal(here.asked.length, 1, String(status));
  }
  assert.deepEqual(elsewhere.asked, []);
};

/** The systems that hold most: the code, the chat and the metrics. test/adapters/redirects.test.ts has the others. */
export const redirected = async (): Promise<void> => {
  for (const name of ["GitHub, a read", "GitHub, a write", "Slack, a write", "Prometheus, a query"])
    await followsNoRedirect(calls[name]!);
};

/** GitHub as the App sees it. `minted` are the requests for tokens. */
const fakeGithub = () => {
  const minted: unknown[] = [];
  const server = serve(({ path, body }) => {
    if (path.endsWith("/installation")) return { body: JSON.stringify({ id: 7 }) };
    if (!path.endsWith("/access_tokens")) return { body: "[]" };
    minted.push(JSON.parse(body));
    const expires_at = new Date(Date.now() + 3_600_000).toISOString();
    return {
      status: 201,
      body: JSON.stringify({ token: `ghs_${minted.length}`, expires_at, permissions: {} }),
    };
  });
  return { minted, server };
};

export const stolenToken = async (): Promise<void> => {
  const { minted, server } = fakeGithub();
  await using here = await server;
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  const source = github({ client: githubClient({ apiUrl: here.url, appId: 1, privateKey: key }) });
  for (const repository of ["acme/payments", "acme/search"])
    await source.findPull(service({ repository }), refName("countersteer/revert-x"));
  await source.findPull(service(), refName("countersteer/revert-y"));
  const permissions = { contents: "read", pull_requests: "read" };
  assert.deepEqual(minted, [
    { repositories: ["payments"], permissions },
    { repositories: ["search"], permissions },
  ]);
  const used = here.asked.filter(({ path }) => path.startsWith("/repos/") && path.endsWith("/pulls"));
  assert.deepEqual(
    used.map(({ path, headers }) => `${path} ${headers.authorization}`),
    [
      "/repos/acme/payments/pulls token ghs_1",
      "/repos/acme/search/pulls token ghs_2",
      "/repos/acme/payments/pulls token ghs_1",
    ],
  );
};
