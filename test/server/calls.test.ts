import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Work } from "../../functions/step.ts";
import { runner } from "../../functions/steps.ts";
import { startSandbox } from "../../infra/sandbox/index.ts";
import { github, githubClient } from "../../shared/adapters/github/github.ts";
import { memoryStore } from "../../shared/adapters/memory.ts";
import { slack, slackClient } from "../../shared/adapters/slack/slack.ts";
import { isActive } from "../../shared/incident/model.ts";
import type { Stored } from "../../shared/ports/store.ts";
import { createProcess } from "../../shared/process.ts";
import { runGit } from "../support/git-runner.ts";
import { alert, id } from "../support/incident.ts";
import { inRounds } from "../support/rounds.ts";
import { bareShop } from "../support/shop.ts";
import { policy, service, silent } from "../support/world.ts";

test("from the webhook to the Slack message at most 12 calls wait for one another", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "countersteer-calls-"));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const shop = bareShop(dir);
  const sandbox = await startSandbox({
    repos: { "acme/shop": shop.bare },
    log: () => {},
    runGit,
  });
  t.after(() => sandbox.close());
  const { rounds, fetch: counting } = inRounds();
  const configured = service({
    repository: "acme/shop",
    channel: "C0PAYMENTS",
    policy: { ...policy, minConfidence: 0.1 },
  });
  const store = memoryStore();
  const process = createProcess({ store, clock: Date.now, log: silent, policyOf: () => configured.policy });
  const repository = github({
    client: githubClient({ apiUrl: sandbox.github, token: sandbox.token, fetch: counting }),
  });
  const work: Work = {
    store,
    ...{ history: repository, trees: repository, pulls: repository, accounts: repository },
    merging: repository,
    ...{ nonce: () => "nonce", configuration: () => ({ services: [configured] }) },
    chat: slack({
      client: slackClient({ apiUrl: sandbox.slack, token: sandbox.slackToken, fetch: counting }),
    }),
    metrics: {
      rules: async () => [],
      recordings: async () => ({}),
      range: async () => [],
      value: async () => ({ unread: "nothing is measured" }),
      values: async () => ({ unread: "nothing is measured" }),
      labels: async () => ({ labels: [] }),
      course: async () => ({ forMs: 0, series: [] }),
    },
    clock: Date.now,
    configuration: () => ({ services: [configured] }),
    serviceOf: () => configured,
    servicesIn: () => [configured],
    handle: process.handle,
    pageOf: () => "http://countersteer.test",
  };
  const run = runner(process, work);
  let seen: Stored = await process.handle(id, {
    type: "RecordAlerts",
    at: Date.now(),
    truncated: false,
    alerts: [alert({ startsAt: Date.now(), labels: { currency: "JPY" } })],
  });
  while (!(seen.incident.status === "proposed" && seen.incident.asked)) {
    assert.ok(isActive(seen.incident), JSON.stringify(seen.incident));
    assert.equal(seen.incident.delay, undefined, seen.incident.delay?.detail);
    seen = (await run(seen)) ?? seen;
  }
  const waits = 1 + rounds.findIndex((round) => round.some((name) => name.endsWith("/chat.postMessage")));
  t.diagnostic(`${waits} rounds with ${rounds.flat().length} calls`);
  assert.ok(waits > 0 && waits <= 12, rounds.map((names) => names.join(", ")).join("\n"));
  assert.equal(sandbox.messages("C0PAYMENTS").length, 1);
});
