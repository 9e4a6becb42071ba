import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readConfigObject } from "../../infra/aws/config-object.ts";
import { type Definition, type Host, open } from "../../infra/aws/host.ts";
import { bucketName, configKey, startBucket } from "../../infra/aws-local/bucket.ts";
import { parseMatcher } from "../../shared/policy/match.ts";
import { scratch } from "../support/scratch.ts";

const yaml = (names: string[], more = ""): string =>
  `${more}services:\n${names
    .map(
      (name) => `  - name: ${name}
    match: [service="${name}"]
    environments: [production]
    repository: acme/${name}
    channel: C024BE91L
    approvers: [U024BE7LH]
`,
    )
    .join("")}`;

/** A function over the object of a configuration, at instants that are given. */
const warm = async (t: TestContext) => {
  const file = join(await scratch(t), "countersteer.yaml");
  writeFileSync(file, yaml(["pay"]));
  const at = { now: 0, isClosed: false };
  const bucket = await startBucket(file, (caller) => caller === "alerts" && !at.isClosed);
  t.after(bucket.stop);
  const lines: string[] = [];
  const asked: string[][] = [];
  const definition: Definition<void, string[]> = {
    name: "alerts",
    matcher: parseMatcher,
    make: (host: Host) => async () => host.config().services.map(({ name }) => name),
  };
  const start = (over: Record<string, string> = {}) =>
    open(definition, {
      env: {
        ...{ AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "alerts", AWS_SECRET_ACCESS_KEY: "nothing" },
        ...{ CONFIG_BUCKET: bucketName, CONFIG_KEY: configKey, S3_ENDPOINT: bucket.url, ...over },
      },
      ...{ clock: () => at.now, wait: async () => {} },
      write: (line) => void lines.push(JSON.parse(line).message),
      loadSecrets: async (names) => {
        asked.push(names);
        return {};
      },
    });
  return { file, at, lines, asked, start };
};

test("a changed configuration counts within a minute, with the secrets of the senders that it names", async (t) => {
  const { file, at, lines, asked, start } = await warm(t);
  const services = await start();
  assert.deepEqual(await services(), ["pay"]);
  const sender = "senders: [{ name: mine, token: SENDER_MINE, kinds: [alerts], services: [pay] }]\n";
  writeFileSync(file, yaml(["pay", "search"], sender));
  at.now += 60_000;
  assert.deepEqual(await services(), ["pay", "search"]);
  assert.deepEqual(lines, ["the configuration has changed"]);
  assert.deepEqual(
    asked.map((names) => names.includes("SENDER_MINE")),
    [false, true],
  );
  at.now += 60_000;
  await services();
  assert.deepEqual(lines, ["the configuration has changed"], "it is the same object");
});

test("a configuration that is wrong, or cannot be read for a while, leaves the one before, and at a start it is one sentence", async (t) => {
  const { file, at, lines, start } = await warm(t);
  const services = await start();
  at.isClosed = true;
  at.now += 60_000;
  assert.deepEqual(await services(), ["pay"]);
  assert.deepEqual(lines, ["the configuration could not be read again, the one before still counts"]);
  await assert.rejects(start(), { message: "read s3://countersteer/countersteer.json: 403 AccessDenied" });
  at.isClosed = false;
  await assert.rejects(start({ CONFIG_KEY: "other.json" }), {
    message: "read s3://countersteer/other.json: 404 NoSuchKey",
  });
  writeFileSync(file, yaml(["pay", "search"]));
  at.now += 60_000;
  assert.deepEqual(await services(), ["pay", "search"]);
});

test("an object that nobody compiled is refused in one sentence", async () => {
  const surroundings = {
    env: { CONFIG_BUCKET: "b" },
    ...{ clock: () => 0, wait: async () => {}, write: () => {}, loadSecrets: async () => ({}) },
    loadConfig: async () => ({ text: "services: []", etag: "1" }),
  };
  await assert.rejects(
    open({ name: "tick", make: () => async () => {} }, surroundings),
    /^Error: the configuration is not one that npm run config compiled: /,
  );
});

test("the object is asked for with a signature of S3, by path and by its version", async (t) => {
  const seen: Record<string, unknown>[] = [];
  const server = createServer((request, response) => {
    seen.push({ url: request.url, ...request.headers });
    response.writeHead(200, { etag: '"2"', "x-amz-version-id": "v2" }).end("{}");
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => server.close());
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const object = await readConfigObject(
    {
      ...{ bucket: "acme.configurations", key: "prod/a b.json", region: "eu-central-1" },
      credentials: { accessKeyId: "AKID", secretAccessKey: "nothing", sessionToken: "session" },
      endpoint: `http://127.0.0.1:${port}`,
    },
    '"1"',
  );
  assert.deepEqual(object, { text: "{}", etag: '"2"', version: "v2" });
  const [request] = seen;
  assert.equal(request!.url, "/acme.configurations/prod/a%20b.json");
  assert.equal(request!["if-none-match"], '"1"');
  assert.match(
    String(request!.authorization),
    /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-central-1\/s3\/aws4_request, SignedHeaders=.*host;if-none-match;x-amz-content-sha256;/,
  );
});
