import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { registryOf } from "../../infra/aws/adapters/registries.ts";
import { ecrLogins } from "../../infra/host/adapters/ecr.ts";
import { registriesOf } from "../../infra/host/adapters/registries.ts";
import { signerFor } from "../../infra/host/adapters/signer.ts";
import { ecrPlace } from "../../shared/adapters/registry/ecr.ts";
import { UpstreamError } from "../../shared/errors.ts";
import { listen } from "../support/scratch.ts";
import { push, startRegistry } from "./registry-fake.ts";

const host = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
const hourMs = 60 * 60_000;

test("a registry in Amazon ECR is known by its host, in every partition, and no other host is", () => {
  assert.deepEqual(ecrPlace(host), {
    region: "eu-central-1",
    url: "https://api.ecr.eu-central-1.amazonaws.com/",
  });
  assert.equal(
    ecrPlace("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn")?.url,
    "https://api.ecr.cn-north-1.amazonaws.com.cn/",
  );
  assert.equal(ecrPlace("123456789012.dkr.ecr.us-gov-west-1.amazonaws.com")?.region, "us-gov-west-1");
  for (const other of ["ghcr.io", `${host}.evil.example`, `evil.example/${host}`, "public.ecr.aws"])
    assert.equal(ecrPlace(other), undefined, other);
});

/** ECR, as its API and its registry answer: the token is a user and a password. */
const startEcr = async (t: TestContext) => {
  const fake = await startRegistry(t);
  const revision = "3f9c2d1ab03f9c2d1ab03f9c2d1ab03f9c2d1ab0";
  push(fake.held, "acme/gateway", { tag: "v1", labels: { "org.opencontainers.image.revision": revision } });
  const state = { now: 1_700_000_000_000, refusal: "", asked: [] as string[] };
  fake.faults.basic = "AWS:p1";
  const api = await listen(t, (_, request, response) => {
    state.asked.push(
      `${request.headers["x-amz-target"]} ${/Credential=([^/]+)\/\d+\/([^,]+)/.exec(request.headers.authorization ?? "")?.slice(1)}`,
    );
    if (state.refusal !== "") return void response.writeHead(400).end(state.refusal);
    const authorizationToken = Buffer.from(fake.faults.basic).toString("base64");
    const expiresAt = (state.now + 12 * hourMs) / 1000;
    response.end(JSON.stringify({ authorizationData: [{ authorizationToken, expiresAt }] }));
  });
  const { registry } = registriesOf({ services: [], registries: [{ host, url: fake.url }] } as never, {
    ecr: ecrLogins({
      credentials: { accessKeyId: "AKIA", secretAccessKey: "secret" },
      ...{ signerFor, clock: () => state.now },
      fetch: (url, init) => {
        assert.equal(String(url), "https://api.ecr.eu-central-1.amazonaws.com/");
        return fetch(api, init);
      },
    }),
  });
  const ask = () => registry!.origin({ name: `${host}/acme/gateway`, tag: "v1" });
  return { ...fake, state, ask, revision };
};

test("an image in Amazon ECR says its commit: the login is asked for once, and again half an hour before it ends", async (t) => {
  const { state, ask, revision, seen, faults } = await startEcr(t);
  const asking =
    "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken AKIA,eu-central-1/ecr/aws4_request";
  assert.deepEqual(await ask(), { revision });
  state.now += 11 * hourMs;
  assert.deepEqual(await ask(), { revision });
  assert.deepEqual(state.asked, [asking]);
  faults.basic = "AWS:p2";
  state.now += hourMs / 2;
  assert.deepEqual(await ask(), { revision });
  assert.deepEqual(state.asked, [asking, asking]);
  assert.ok(
    seen.storage.length > 0 && seen.storage.every(({ authorization }) => authorization === undefined),
  );
});

test("a role that may not log in to ECR is named in one sentence, and is not asked again for it", async (t) => {
  const { state, ask } = await startEcr(t);
  state.refusal = JSON.stringify({
    __type: "AccessDeniedException",
    message: "User: r is not authorized to perform: ecr:GetAuthorizationToken",
  });
  await assert.rejects(ask(), (error) => {
    assert.ok(error instanceof UpstreamError && !error.retryable);
    assert.equal(
      error.message,
      `log in to ${host}: 400 AccessDeniedException User: r is not authorized to perform: ecr:GetAuthorizationToken`,
    );
    return true;
  });
  state.refusal = JSON.stringify({ __type: "ThrottlingException", message: "Rate exceeded" });
  await assert.rejects(ask(), (error) => error instanceof UpstreamError && error.retryable);
});

test("a function on AWS logs in to a private registry by the secret REGISTRY_AUTH, and says so when it cannot be read", async (t) => {
  const fake = await startRegistry(t);
  push(fake.held, "acme/gateway", { tag: "v1", labels: { "org.opencontainers.image.revision": "a1" } });
  const errors: string[] = [];
  const asked = (text: string | undefined) =>
    registryOf({
      ...{ env: {}, clock: () => 0, secret: () => text },
      config: () => ({
        ...{ services: [], registries: [{ host: fake.host, url: fake.url, realm: fake.tokens }] },
      }),
      log: { error: (message: string) => errors.push(message) },
    } as never)!.origin({ name: `${fake.host}/acme/gateway`, tag: "v1" });
  const auth = Buffer.from(fake.login).toString("base64");
  assert.deepEqual(await asked(JSON.stringify({ auths: { [fake.host]: { auth } } })), { revision: "a1" });
  assert.deepEqual(errors, []);
  await assert.rejects(asked("no JSON"), /get a token: 401/);
  assert.deepEqual(errors, [
    "REGISTRY_AUTH is not an auth file as docker or podman write it: registries are asked without a login",
  ]);
});
