import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { manifest } from "../../infra/cli/manifest.ts";
import { githubManifest, slackManifest } from "../../infra/host/manifests.ts";
import { parseConfig } from "../../shared/config.ts";

const base = `services:
  - { name: shop, match: ['service="shop"'], repository: acme/shop, environments: [production], channel: C024BE91L, approvers: [U024BE7LH] }
`;
const made = (config: string) => {
  const parsed = parseConfig(config);
  assert.ok("config" in parsed, JSON.stringify(parsed));
  return githubManifest(parsed.config, "https://cs.test");
};
const run = async (...argv: string[]) => {
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  const code = await manifest(argv, { out: say, err: say }, {});
  return { code, said: said.join("") };
};

test("the GitHub App asks for what every configuration needs, and for more only where the configuration does", () => {
  const plain = made(base);
  assert.deepEqual(plain.default_permissions, {
    ...{ metadata: "read", contents: "write", pull_requests: "write", statuses: "write", checks: "read" },
    ...{ deployments: "read", actions: "read", merge_queues: "read" },
  });
  const more = made(`killSwitch: acme/ops#7\n${base.replace("U024BE7LH", "'github:team/payments'")}`);
  assert.deepEqual(
    [
      more.default_permissions.issues,
      more.default_permissions.members,
      more.default_events.includes("issues"),
    ],
    ["read", "read", true],
  );
  const redeploying = `${base.replace(" }\n", ", rollback: { workflow: deploy.yml, inputs: { sha: '{sha}' } } }\n")}`;
  assert.deepEqual(
    [made(redeploying).default_permissions.actions, made(redeploying).default_permissions.deployments],
    ["write", "read"],
  );
  assert.equal(plain.hook_attributes.url, "https://cs.test/webhooks/github");
});

test("the page about Slack shows the manifest that the command prints, scope by scope", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/connect-slack.md"), "utf8");
  const { oauth_config: oauth, features } = slackManifest("https://countersteer.example.com");
  assert.ok(page.includes(`bot: [${oauth.scopes.bot.join(", ")}]`));
  assert.ok(page.includes(`usage_hint: ${features.slash_commands[0]?.usage_hint}`));
});

test("the manifest is printed as JSON, and without an address or with another kind the sentence says what to give", async () => {
  const { code, said } = await run("slack", "--url", "https://cs.test/");
  assert.equal(code, 0);
  assert.equal(JSON.parse(said).settings.interactivity.request_url, "https://cs.test/slack/interactions");
  assert.deepEqual(await run("github"), {
    code: 2,
    said: "manifest: give --url, the public address of the server (see --help)\n",
  });
  assert.equal(
    (await run("gitlab", "--url", "https://cs.test")).said,
    "manifest: give github or slack (see --help)\n",
  );
  assert.equal(
    (await run("slack", "--url", "cs.test")).said,
    "manifest: --url is a web address, not cs.test (see --help)\n",
  );
});
