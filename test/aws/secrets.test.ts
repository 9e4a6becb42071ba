import assert from "node:assert/strict";
import { test } from "node:test";
import { loadSecrets, vaultAddress } from "../../infra/aws/secrets.ts";
import { found, parameterStore } from "./parameter-store.ts";

test("the secrets of a function come decrypted from one signed call, and what is not there is left out", async (t) => {
  const { asked, vault } = await parameterStore(t, found({ GITHUB_TOKEN: "ghs_x" }));
  assert.deepEqual(await loadSecrets(["GITHUB_TOKEN", "GITHUB_APP_ID"], vault), { GITHUB_TOKEN: "ghs_x" });
  const Names = ["/countersteer/prod/GITHUB_TOKEN", "/countersteer/prod/GITHUB_APP_ID"];
  assert.deepEqual(
    asked.map(({ body }) => body),
    [{ Names, WithDecryption: true }],
  );
  const { headers } = asked[0]!;
  assert.equal(headers["x-amz-target"], "AmazonSSM.GetParameters");
  assert.equal(headers["x-amz-security-token"], "session");
  assert.match(
    headers.authorization!,
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/ssm\/aws4_request, SignedHeaders=\S*host\S*, Signature=[0-9a-f]{64}$/,
  );
});

test("a function without secrets asks nobody", async (t) => {
  const { asked, vault } = await parameterStore(t, found({}));
  assert.deepEqual(await loadSecrets([], vault), {});
  assert.deepEqual(asked, []);
});

test("an outage and a throttled Parameter Store are asked again, a refusal is told with its reason", async (t) => {
  const throttled = { status: 400, body: { __type: "ThrottlingException", message: "Rate exceeded" } };
  const down = await parameterStore(
    t,
    ...[{ status: 503, body: {} }, throttled, throttled],
    found({ SLACK_BOT_TOKEN: "xoxb" }),
  );
  assert.deepEqual(await loadSecrets(["SLACK_BOT_TOKEN"], down.vault), { SLACK_BOT_TOKEN: "xoxb" });
  const busy = await parameterStore(t, throttled);
  await assert.rejects(loadSecrets(["SLACK_BOT_TOKEN"], busy.vault), {
    message: "read /countersteer/prod/SLACK_BOT_TOKEN: 400 ThrottlingException Rate exceeded",
  });
  assert.equal(busy.asked.length, 5);
  const refused = await parameterStore(t, {
    status: 400,
    body: { __type: "com.amazon#AccessDeniedException", message: "not authorized to perform" },
  });
  await assert.rejects(loadSecrets(["SLACK_BOT_TOKEN"], refused.vault), {
    message: "read /countersteer/prod/SLACK_BOT_TOKEN: 400 AccessDeniedException not authorized to perform",
  });
  assert.equal(refused.asked.length, 1);
});

test("secrets of Secrets Manager come through Parameter Store's reference, and one that is not there fails no other", async (t) => {
  const path = "/aws/reference/secretsmanager/countersteer/prod";
  const of = (name: string, Value: string) => ({
    status: 200,
    body: { Parameters: [{ Name: `${path}/${name}`, Value, Type: "SecureString" }], InvalidParameters: [] },
  });
  const missing = { status: 400, body: { __type: "ParameterNotFound", message: "" } };
  const { asked, vault } = await parameterStore(t, missing, (names) =>
    names[0] === `${path}/MODE` ? missing : of("GITHUB_TOKEN", "ghs_x"),
  );
  assert.deepEqual(await loadSecrets(["GITHUB_TOKEN", "MODE"], { ...vault, path }), {
    GITHUB_TOKEN: "ghs_x",
  });
  assert.deepEqual(
    asked.map(({ body }) => body),
    [["GITHUB_TOKEN", "MODE"], ["GITHUB_TOKEN"], ["MODE"]].map((names) => ({
      Names: names.map((name) => `${path}/${name}`),
      WithDecryption: true,
    })),
  );
  const denied = { __type: "AccessDeniedException", message: "not authorized to perform" };
  const refused = await parameterStore(t, { status: 400, body: denied });
  await assert.rejects(loadSecrets(["MODE"], { ...refused.vault, path }), {
    message: `read ${path}/MODE: 400 AccessDeniedException not authorized to perform`,
  });
});

test("a key of KMS that refuses is told in one sentence, and is not asked again", async (t) => {
  const message =
    "The ciphertext refers to a customer master key that does not exist, or you do not have access to it";
  const refused = await parameterStore(t, {
    status: 400,
    body: { __type: "AccessDeniedException", message },
  });
  await assert.rejects(loadSecrets(["SLACK_BOT_TOKEN"], refused.vault), {
    message: `read /countersteer/prod/SLACK_BOT_TOKEN: 400 AccessDeniedException ${message}`,
  });
  assert.equal(refused.asked.length, 1);
});

test("Parameter Store is at the address of the region's partition", () => {
  assert.equal(vaultAddress({ region: "us-gov-west-1" }), "https://ssm.us-gov-west-1.amazonaws.com");
  assert.equal(vaultAddress({ region: "cn-north-1" }), "https://ssm.cn-north-1.amazonaws.com.cn");
  assert.equal(vaultAddress({ region: "cn-north-1", endpoint: "http://a.test" }), "http://a.test");
});
