import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { readSettings } from "../../infra/host/settings/settings.ts";
import { startServer } from "../../infra/local/server.ts";
import { signGitHub, signSlack } from "../../shared/adapters/http/signature.ts";
import { scratch } from "../support/scratch.ts";
import { silent } from "../support/world.ts";

test("in sandbox mode the webhook secrets of the environment are the ones that count", async (t) => {
  const directory = await scratch(t);
  const server = await startServer(
    readSettings({
      ...{ PORT: "0", DATA_DIR: join(directory, "data") },
      ...{ GITHUB_WEBHOOK_SECRET: "mine", SLACK_SIGNING_SECRET: "ours" },
    }),
    silent,
  );
  t.after(server.stop);
  const post = async (path: string, body: string, headers: Record<string, string>): Promise<number> =>
    (await fetch(`${server.url}${path}`, { method: "POST", body, headers })).status;
  const github = (secret: string) =>
    post("/webhooks/github", "{}", {
      "x-github-event": "ping",
      "x-hub-signature-256": signGitHub({ secret, body: Buffer.from("{}") }),
    });
  const slack = (secret: string) => {
    const [body, timestamp] = [
      `payload=${encodeURIComponent('{"type":"none"}')}`,
      String(Math.floor(Date.now() / 1000)),
    ];
    return post("/slack/interactions", body, {
      "x-slack-request-timestamp": timestamp,
      "x-slack-signature": signSlack({ secret, timestamp, body: Buffer.from(body) }),
    });
  };
  assert.deepEqual([await github("mine"), await github("other")], [202, 401]);
  assert.deepEqual([await slack("ours"), await slack("other")], [200, 401]);
});
