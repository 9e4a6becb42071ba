import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { github, githubClient } from "../../shared/adapters/github/github.ts";
import { refName } from "../../shared/git/ref-name.ts";
import { serve } from "../support/answering.ts";
import { calls } from "../support/upstreams.ts";
import { service } from "../support/world.ts";

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
