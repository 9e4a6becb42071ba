import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import {
  bearer,
  bearerOrBasic,
  signGitHub,
  signLaunchDarkly,
  signSlack,
  verifyGitHub,
  verifyLaunchDarkly,
  verifySlack,
} from "../../shared/adapters/http/signature.ts";
import { anyText } from "../support/any-text.ts";

const captured = JSON.parse(
  readFileSync(new URL("../fixtures/slack/block_actions.signed_request.json", import.meta.url), "utf8"),
);
const timestamp: string = captured.headers["X-Slack-Request-Timestamp"];
const slackRequest = {
  secret: captured.signingSecret as string,
  timestamp,
  signature: captured.headers["X-Slack-Signature"] as string,
  body: Buffer.from(captured.body) as Uint8Array,
  now: Number(timestamp) * 1000,
};
const body = Buffer.from('{"zen":"Design for failure."}');
const header = fc.oneof(
  anyText(100),
  fc.string(),
  fc.stringMatching(/^(v0|v1|sha1|sha256)=[0-9a-fA-F]{0,70}$/),
  fc.stringMatching(/^(Bearer|basic|BASIC|Digest) ?[A-Za-z0-9+/=:]{0,40}$/),
  fc.constantFrom(null, undefined, "", "v0=", "sha256=", "Bearer", "Basic", "Basic ="),
);

test("a request that Slack signed is Slack's, up to five minutes either way", () => {
  assert.equal(verifySlack(slackRequest), true);
  for (const [seconds, verified] of [
    [-301, false],
    [-300, true],
    [300, true],
    [301, false],
    [315_360_000, false],
    [-315_360_000, false],
  ] as const)
    assert.equal(
      verifySlack({ ...slackRequest, now: slackRequest.now + seconds * 1000 }),
      verified,
      `${seconds}`,
    );
});

test("LaunchDarkly signs with the hex of HMAC-SHA256 over the body, as RFC 4231 computes it", () => {
  const signed = { secret: "Jefe", body: Buffer.from("what do ya want for nothing?") };
  const signature = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
  assert.equal(signLaunchDarkly(signed), signature);
  assert.equal(verifyLaunchDarkly({ ...signed, signature }), true);
  assert.equal(verifyLaunchDarkly({ ...signed, signature: `sha256=${signature}` }), false);
  assert.equal(verifyLaunchDarkly({ ...signed, signature, body: Buffer.from("nothing") }), false);
  for (const secret of ["", undefined])
    assert.equal(verifyLaunchDarkly({ ...signed, signature, secret }), false);
  for (const odd of [undefined, null, ""])
    assert.equal(verifyLaunchDarkly({ ...signed, signature: odd }), false);
});

test("a timestamp that is no plain number of seconds is refused even when it is signed", () => {
  for (const odd of [
    "NaN",
    "1e9",
    ` ${timestamp}`,
    `${timestamp} `,
    "0x1",
    `+${timestamp}`,
    `-${timestamp}`,
    `0${timestamp}`,
    `${timestamp}.0`,
    "",
    "Infinity",
  ]) {
    const signature = signSlack({ ...slackRequest, timestamp: odd });
    assert.equal(verifySlack({ ...slackRequest, timestamp: odd, signature }), false, odd);
  }
});

test("another secret, another body, another timestamp or another version is not Slack's", () => {
  const { signature } = slackRequest;
  for (const change of [
    { secret: "other" },
    { secret: "" },
    { secret: undefined },
    { body: Buffer.from(`${captured.body} `) },
    { body: Buffer.from("ssl_check=1") },
    { timestamp: String(Number(timestamp) + 1) },
    { signature: signature.replace("v0=", "v1=") },
    { signature: signature.toUpperCase() },
    { signature: `${signature}, ${signature}` },
    { now: Number.NaN },
  ])
    assert.equal(verifySlack({ ...slackRequest, ...change }), false, JSON.stringify(change));
});

test("GitHub's documented example verifies, and nothing near it does", () => {
  const documented = {
    secret: "It's a Secret to Everybody",
    body: Buffer.from("Hello, World!"),
    signature: "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
  };
  assert.equal(verifyGitHub(documented), true);
  assert.equal(signGitHub(documented), documented.signature);
  for (const signature of [
    documented.signature.slice(0, -1),
    documented.signature.slice(7),
    documented.signature.replace("sha256", "sha1"),
    documented.signature.toUpperCase(),
    `${documented.signature} `,
    "",
    null,
    undefined,
  ])
    assert.equal(verifyGitHub({ ...documented, signature }), false);
  assert.equal(verifyGitHub({ ...documented, secret: "" }), false);
});

test("no header value throws, and none but the right one is accepted", () => {
  fc.assert(
    fc.property(header, header, (one, other) => {
      assert.equal(verifySlack({ ...slackRequest, signature: one }), one === slackRequest.signature);
      assert.equal(verifySlack({ ...slackRequest, timestamp: one, signature: other }), false);
      assert.equal(verifyGitHub({ secret: "s3cret", signature: one, body }), false);
      assert.equal(bearer(one, "correct-horse"), false);
      assert.equal(bearerOrBasic(one, "correct-horse"), false);
    }),
    { numRuns: 2000 },
  );
});

test("any bytes that were signed verify, and a flipped bit does not", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.string({ minLength: 1 }),
      fc.nat(),
      (bytes, secret, at) => {
        const signed = { ...slackRequest, secret, body: bytes };
        const flipped = Uint8Array.from(bytes);
        flipped[at % bytes.length]! ^= 1;
        const signature = signSlack(signed);
        assert.equal(verifySlack({ ...signed, signature }), true);
        assert.equal(verifySlack({ ...signed, signature, body: flipped }), false);
        const hub = signGitHub(signed);
        assert.equal(verifyGitHub({ ...signed, signature: hub }), true);
        assert.equal(verifyGitHub({ ...signed, signature: hub, body: flipped }), false);
      },
    ),
  );
});

test("a token is accepted as bearer, and as the password of any basic user where that is allowed", () => {
  const basic = (pair: string) => `Basic ${Buffer.from(pair).toString("base64")}`;
  for (const accepted of ["Bearer tok-123", "bearer tok-123", "BEARER  tok-123"]) {
    assert.equal(bearer(accepted, "tok-123"), true);
    assert.equal(bearerOrBasic(accepted, "tok-123"), true);
  }
  for (const accepted of [
    basic("am:tok-123"),
    basic(":tok-123"),
    basic("am:tok-123").replace("Basic", "bASIC"),
  ]) {
    assert.equal(bearerOrBasic(accepted, "tok-123"), true);
    assert.equal(bearer(accepted, "tok-123"), false);
  }
  assert.equal(bearerOrBasic(basic("am:tok:with:colons"), "tok:with:colons"), true);
  for (const refused of [
    "tok-123",
    "Bearer tok-12",
    "Bearer tok-1234",
    "Bearer tok-123 x",
    basic("tok-123"),
    basic("am:tok-1234"),
    "Token tok-123",
  ])
    assert.equal(bearerOrBasic(refused, "tok-123"), false, refused);
});

test("a door without its secret stays shut", () => {
  for (const token of ["", undefined])
    for (const given of [
      "Bearer ",
      "Bearer undefined",
      `Basic ${Buffer.from("am:").toString("base64")}`,
      undefined,
    ])
      assert.equal(bearerOrBasic(given, token), false);
});

test("a receiver without a token admits nobody, whatever the header says", () => {
  for (const token of [undefined, ""])
    for (const given of ["Bearer x", "Bearer ", "Basic Og==", `Basic ${btoa("any:")}`, undefined, null]) {
      assert.equal(bearer(given, token), false);
      assert.equal(bearerOrBasic(given, token), false);
    }
});

test("an empty secret signs nothing", () => {
  const unsigned = { secret: "", body };
  assert.equal(verifyGitHub({ ...unsigned, signature: signGitHub(unsigned) }), false);
  assert.equal(verifyLaunchDarkly({ ...unsigned, signature: signLaunchDarkly(unsigned) }), false);
});
