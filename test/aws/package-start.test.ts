import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import * as esbuild from "esbuild";
import { alias, plugins } from "../../infra/aws/bundle/bundle.ts";
import { compileConfig } from "../../infra/aws/bundle/compile.ts";
import { secretsOf } from "../../infra/aws/secrets.ts";
import { portOf } from "../../infra/host/server/listen.ts";
import { dynamodbStore } from "../../shared/adapters/dynamodb/store.ts";
import { newSandbox, repo } from "../sandbox/repository.ts";
import { startTable } from "../support/dynamodb.ts";
import { found, parameterStore } from "./parameter-store.ts";
import { quickly } from "./quickly.ts";

const run = promisify(execFile);
const names = Object.keys(secretsOf);

/** Away from this repository, so that a bundle finds nothing but itself. */
const place = mkdtempSync(join(tmpdir(), "countersteer-bundles-"));
const dist = join(place, "dist");
const yaml = `
services:
  - name: checkout
    match: ['alertname=~".+"']
    repository: acme/checkout
    environments: [production]
    channel: C024BE91L
`;
const ready = join(place, "ready.yaml");
const build = join(import.meta.dirname, "../../infra/aws/bundle/build.ts");
before(() => {
  writeFileSync(ready, `${yaml}    policy: { mode: approve }\n    approvers: [U0ANN]\n`);
  const env = {
    ...quickly,
    ...{ COUNTERSTEER_CONFIG: ready, PROMETHEUS_URL: "https://prometheus.example.com" },
  };
  return run(process.execPath, [build, dist], { env });
});
after(() => rmSync(place, { recursive: true, force: true }));

test("every bundle, alone, is a module with a handler", async () => {
  const loads = `for (const name of ${JSON.stringify(names)}) console.log(name, typeof require("./" + name + "/index.cjs").handler);`;
  const { stdout } = await run(process.execPath, ["-e", loads], { cwd: dist, env: {} });
  assert.deepEqual(
    stdout.trim().split("\n"),
    names.map((name) => `${name} function`),
  );
});

test("the bundle of alerts, started as Lambda starts it, verifies, stores and answers", async (t) => {
  const { table, endpoint, client, close } = await startTable();
  t.after(close);
  const { asked, vault } = await parameterStore(t, found({ ALERTMANAGER_TOKEN: "am-token" }));
  const config = join(place, "countersteer.json");
  writeFileSync(config, compileConfig("test.yaml", yaml));
  const fixture = new URL("../fixtures/alertmanager/am-firing-single.json", import.meta.url);
  const notification = JSON.parse(readFileSync(fixture, "utf8"));
  for (const alert of (notification.body ?? notification).alerts) alert.labels.environment = "production";
  const event = (token: string) => ({
    ...{ version: "2.0", routeKey: "POST /webhooks/alertmanager", rawPath: "/webhooks/alertmanager" },
    rawQueryString: "",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    requestContext: { http: { method: "POST", path: "/webhooks/alertmanager" } },
    body: Buffer.from(JSON.stringify(notification.body ?? notification)).toString("base64"),
    isBase64Encoded: true,
  });
  const invoke = `
    const { handler } = require("./alerts/index.cjs");
    (async () => {
      for (const event of JSON.parse(process.argv[1])) {
        const { statusCode, body } = await handler(event);
        console.log(JSON.stringify({ statusCode, body }));
      }
    })();`;
  const events = JSON.stringify([event("am-token"), event("am-tokem"), event("am-token")]);
  const env = {
    AWS_LAMBDA_FUNCTION_NAME: "countersteer-test-alerts",
    ...{ AWS_REGION: vault.region, AWS_ACCESS_KEY_ID: "nobody", AWS_SECRET_ACCESS_KEY: "nothing" },
    ...{ SECRETS_PATH: vault.path, SSM_ENDPOINT: vault.endpoint },
    ...{ TABLE_NAME: table, DYNAMODB_ENDPOINT: endpoint, COUNTERSTEER_CONFIG: config },
  };
  const { stdout } = await run(process.execPath, ["-e", invoke, events], { cwd: dist, env });
  const answers = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter((line) => "statusCode" in line);
  assert.deepEqual(
    answers.map(({ statusCode }) => statusCode),
    [202, 401, 202],
  );
  const outcomes = [answers[0], answers[2]].map(({ body }) => JSON.parse(body).receipts[0].outcome);
  assert.deepEqual(outcomes, ["opened", "repeat"]);
  assert.equal(asked.length, 1);
  const { incident, version } = await dynamodbStore({ client, table, clock: Date.now }).load(
    "checkout/production",
  );
  assert.deepEqual([incident.status, version], ["opened", 1]);
});

test("GitHub's client logs in as an App without the OAuth logins that bundles leave out", async (t) => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  const { sandbox } = await newSandbox(t, {
    app: { id: 7, slug: "countersteer", installationId: 77, publicKey },
  });
  const adapter = join(import.meta.dirname, "../../shared/adapters/github/api/client.ts");
  const contents = `
    import { githubClient } from ${JSON.stringify(adapter)};
    const [apiUrl, privateKey, repo] = process.argv.slice(2);
    const { octokit } = githubClient({ apiUrl, appId: 7, privateKey });
    octokit.repos.get(JSON.parse(repo)).then(({ data }) => console.log(data.full_name));`;
  const outfile = join(place, "app.cjs");
  await esbuild.build({
    ...{ stdin: { contents, resolveDir: import.meta.dirname }, outfile, alias },
    ...{ bundle: true, platform: "node", format: "cjs", mainFields: ["module", "main"], logLevel: "error" },
  });
  assert.doesNotMatch(readFileSync(outfile, "utf8"), /login\/oauth\/access_token/);
  const args = [outfile, sandbox.github, privateKey, JSON.stringify(repo)];
  const { stdout } = await run(process.execPath, args, { cwd: place, env: {} });
  assert.equal(stdout.trim(), `${repo.owner}/${repo.repo}`);
});

test("Slack's client calls a method by its name without the list of methods that bundles leave out", async (t) => {
  const asked: string[] = [];
  const slack = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.setHeader("content-type", "application/json").end('{"ok":true,"user_id":"U0BOT"}');
  });
  await new Promise<void>((resolve) => slack.listen(0, "127.0.0.1", resolve));
  t.after(() => slack.close());
  const contents = `
    import { WebClient } from "@slack/web-api";
    const client = new WebClient("xoxb", { slackApiUrl: process.argv[2] });
    client.apiCall("auth.test").then(({ user_id }) => console.log(user_id, typeof client.chat));`;
  const outfile = join(place, "slack.cjs");
  await esbuild.build({
    ...{ stdin: { contents, resolveDir: import.meta.dirname }, outfile, alias, plugins },
    ...{ bundle: true, platform: "node", format: "cjs", mainFields: ["module", "main"], logLevel: "error" },
  });
  const args = [outfile, `http://127.0.0.1:${portOf(slack)}/api/`];
  const { stdout } = await run(process.execPath, args, { cwd: place, env: {} });
  assert.equal(stdout.trim(), "U0BOT undefined");
  assert.deepEqual(asked, ["POST /api/auth.test"]);
});

test("RE2, YAML and zlib are loaded when they are first called, and then do what the libraries do", async () => {
  const shared = join(import.meta.dirname, "../../shared");
  const contents = `
    import { createGunzip } from "node:zlib";
    import { parseMatcher } from ${JSON.stringify(join(shared, "policy/match.ts"))};
    import { parseYaml } from ${JSON.stringify(join(shared, "yaml/document.ts"))};
    import { parseManifests } from ${JSON.stringify(join(shared, "yaml/manifests.ts"))};
    const loaded = () => Object.keys(require.cache).map((file) => file.split("/").at(-1)).join();
    const zlib = () => process.moduleLoadList.includes("NativeModule zlib");
    console.log(loaded(), zlib(), typeof parseManifests);
    console.log(parseMatcher('team="a"').matches("a"), loaded());
    const matcher = parseMatcher('team=~"pay.*|b"');
    console.log(matcher.matches("payments"), matcher.matches("other"), parseMatcher('team=~"("'), loaded());
    const { documents, errors } = parseYaml("a.yaml", "a: [1, 2]");
    console.log(JSON.stringify(documents[0].toJS()), errors.length, loaded());
    createGunzip();
    console.log(zlib());`;
  const outfile = join(place, "late.cjs");
  await esbuild.build({
    ...{ stdin: { contents, resolveDir: import.meta.dirname }, outfile, alias, plugins },
    ...{ external: ["./re2.cjs", "./yaml.cjs"], bundle: true, platform: "node", format: "cjs" },
    ...{ mainFields: ["module", "main"], logLevel: "error" },
  });
  for (const file of ["re2.cjs", "yaml.cjs"]) copyFileSync(join(dist, "diagnose", file), join(place, file));
  const { stdout } = await run(process.execPath, [outfile], { cwd: place, env: {} });
  assert.deepEqual(stdout.trim().split("\n"), [
    "late.cjs false function",
    "true late.cjs",
    "true false undefined late.cjs,re2.cjs",
    '{"a":[1,2]} 0 late.cjs,re2.cjs,yaml.cjs',
    "true",
  ]);
});

test("a configuration with a mistake is not built: every mistake with its line, exit code 1", async () => {
  const file = join(place, "wrong.yaml");
  writeFileSync(file, yaml.replace("channel: C024BE91L", "channel: payments"));
  const out = join(place, "never");
  const built = run(process.execPath, [build, out], {
    env: { ...quickly, COUNTERSTEER_CONFIG: file },
  });
  await assert.rejects(built, {
    code: 1,
    stderr: `${file}:7: services.0.channel: a Slack channel id such as C024BE91L, which stands at the end of the channel's details in Slack: names may change\n`,
  });
  assert.equal(existsSync(out), false);
});

test("without a configuration of its own, or with nothing to verify by, nothing is packed: each lack in a sentence, exit code 1", async () => {
  const script = join(import.meta.dirname, "../../infra/aws/bundle/package.ts");
  const packs = (env: Record<string, string>) =>
    run(process.execPath, [script], { env: { ...quickly, ...env } });
  await assert.rejects(packs({}), (error: { code: number; stderr: string }) => {
    const lines = error.stderr.trim().split("\n");
    assert.equal(error.code, 1);
    assert.equal(
      lines[0],
      "COUNTERSTEER_CONFIG is not set: it names your configuration, and the example works for nobody",
    );
    assert.equal(lines.at(-1), "nothing is packed; --allow-example packs it all the same");
    return true;
  });
  await assert.rejects(packs({ COUNTERSTEER_CONFIG: ready }), {
    code: 1,
    stderr: `checkout has mode approve, and PROMETHEUS_URL is not set: no fix of it can ever be verified
nothing is packed; --allow-example packs it all the same
`,
  });
  assert.equal(existsSync(join(dist, "alerts/index.cjs")), true);
});
