import assert from "node:assert/strict";
import { after, test } from "node:test";
import { albBalancer, keysOf } from "../../shared/adapters/oidc/balancer.ts";
import { UpstreamError } from "../../shared/errors.ts";
import { ann, arn, rule, startBalancer } from "../support/balancer.ts";
import { doors } from "../support/doors.ts";
import { burning, service, world } from "../support/world.ts";

const incident = "/incidents/payment-gateway/production";
const made = world();
const now = made.state.now;
const balancer = await startBalancer(now + 1_000);
after(() => balancer.keys[Symbol.asyncDispose]());
const ours = () => albBalancer({ arn, ...rule, keys: balancer.keys.url });
const read = (told: string, at = now) => ours().read(told, at);

test("a person whom the load balancer names reads what their groups may, and signs in nowhere else", async () => {
  await made.alerts([burning]);
  await made.settle();
  const at = doors(made, {
    access: { isOpen: false, tokens: [], balancer: ours() },
    services: [service({ visibleTo: ["payments"] })],
  });
  const get = async (told?: string) => {
    const headers = { accept: "application/json", ...(told !== undefined && { "x-amzn-oidc-data": told }) };
    return (await at.app.request(incident, { headers })).status;
  };
  assert.equal(await get(balancer.tell()), 200);
  assert.equal(await get(balancer.tell({ ...ann, groups: ["search"] })), 404);
  assert.equal(await get(), 401);
  assert.equal(await get(balancer.tell(ann, { signer: `${arn}-2` })), 401);
  assert.deepEqual(at.lines.slice(-1), ["the load balancer is not believed"]);
  balancer.state.status = 503;
  assert.equal(await get(balancer.tell()), 200, "its key is kept");
  balancer.state.status = 200;
  const page = await at.app.request("/sign-in");
  assert.match(await page.text(), /Open the address at which your proxy signs you in/);
});

test("the name is the address that the issuer has verified, or else the subject", async () => {
  const known = { subject: "00u1", groups: ["payments"] };
  assert.deepEqual(await read(balancer.tell()), { ...known, email: "ann@acme.com" });
  const cognito = { ...ann, email_verified: "true", groups: "payments" };
  assert.deepEqual(await read(balancer.tell(cognito)), { ...known, email: "ann@acme.com" });
  for (const email_verified of [false, "false", undefined, 1])
    assert.deepEqual(await read(balancer.tell({ ...ann, email_verified })), known, String(email_verified));
  assert.deepEqual(await read(balancer.tell({ sub: "00u1", groups: [1, null] })), {
    subject: "00u1",
    groups: [],
  });
});

test("nobody else's word is believed, nor an old one, nor a changed one", async () => {
  const told = balancer.tell();
  const [head, body, signature] = told.split(".") as [string, string, string];
  const eve = Buffer.from(JSON.stringify({ ...ann, sub: "eve" })).toString("base64");
  const no = {
    token: "it is not a token of a load balancer",
    signature: "the signature does not hold",
  };
  const wrong: [string, string][] = [
    [balancer.tell(ann, { signer: `${arn}-2` }), "PAGES_ALB_ARN did not sign it"],
    [balancer.tell(ann, { iss: "https://evil.example" }), "the issuer is not PAGES_ALB_ISSUER"],
    [balancer.tell(ann, { client: "other" }), "the client is not PAGES_ALB_CLIENT_ID"],
    [balancer.tell(ann, { exp: now / 1000 }), "it has expired"],
    [balancer.tell(ann, { exp: "9999999999" }), "it has expired"],
    [balancer.tell(ann, { kid: "other" }), "there is no key other"],
    [balancer.tell(ann, { kid: "../evil" }), no.token],
    [balancer.tell(ann, { alg: "none" }), no.token],
    [balancer.tell(ann, { alg: "HS256" }), no.token],
    [balancer.tell(ann, {}, balancer.other.privateKey), no.signature],
    [`${head}.${eve}.${signature}`, no.signature],
    [`${head}.${body}.`, no.token],
    [`${head}.${body}.AAAA`, no.signature],
    [`${told}, ${told}`, no.token],
    ["", no.token],
    [balancer.tell({ email: "ann@acme.com" }), "it names no person"],
    [balancer.tell({ ...ann, more: "x".repeat(32 * 1024) }), no.token],
  ];
  for (const [one, refused] of wrong)
    assert.deepEqual(await read(one), { refused }, `${refused}: ${one.slice(0, 400)}`);
});

test("the padding is part of what is signed", async () => {
  const told = ["a", "ab", "abc"].map((name) => balancer.tell({ sub: "00u1", name }));
  for (const one of told) assert.deepEqual(await read(one), { subject: "00u1", groups: [] });
  const cut = told.map((one) => one.replace(/=+(\.[^.]+)$/, "$1")).filter((one, of) => one !== told[of]);
  assert.equal(cut.length, 2, "one of three lengths has no padding");
  for (const one of cut) assert.deepEqual(await read(one), { refused: "the signature does not hold" });
});

test("a key is read once, not where a token is refused before, and again after a failure", async () => {
  const reader = ours();
  const asked = () => balancer.keys.asked.length;
  const before = asked();
  await reader.read(balancer.tell(ann, { signer: "other" }), now);
  balancer.state.status = 503;
  await assert.rejects(
    async () => reader.read(balancer.tell(), now),
    (error) => error instanceof UpstreamError && error.message.endsWith(": 503"),
  );
  balancer.state.status = 200;
  await Promise.all([reader.read(balancer.tell(), now), reader.read(balancer.tell(), now)]);
  assert.equal(asked() - before, 2);
});

test("the keys are at the address of the load balancer's region and partition", () => {
  const at = (partition: string, region: string) =>
    keysOf(`arn:${partition}:elasticloadbalancing:${region}:123456789012:loadbalancer/app/ops/5`);
  assert.deepEqual(
    [at("aws", "eu-central-1"), at("aws-cn", "cn-north-1"), at("aws-us-gov", "us-gov-west-1")],
    [
      "https://public-keys.auth.elb.eu-central-1.amazonaws.com",
      "https://public-keys.auth.elb.cn-north-1.amazonaws.com.cn",
      "https://s3-us-gov-west-1.amazonaws.com/aws-elb-public-keys-prod-us-gov-west-1",
    ],
  );
});
