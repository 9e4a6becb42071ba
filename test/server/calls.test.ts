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
import { bareShop } from "../support/shop.ts";
import { policy, service, silent } from "../support/world.ts";

type Call = { name: string; start: number; end: number };

/** How many calls had to wait for one another: the longest chain in which each began only after the one before had ended. */
const sequential = (calls: Call[]): number => {
  const depths = new Map<Call, number>();
  for (const call of calls.toSorted((a, b) => a.start - b.start)) {
    const before = [...depths].filter(([earlier]) => earlier.end <= call.start).map(([, depth]) => depth);
    depths.set(call, 1 + Math.max(0, ...before));
  }
  return Math.max(0, ...depths.values());
};

test("from the webhook to the Slack message at most 12 calls wait for one another", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "countersteer-calls-"));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const shop = bareShop(dir);
  const sandbox = await startSandbox({
    repos: { "acme/shop": shop.bare },
    latencyMs: 100,
    log: () => {},
    runGit,
  });
  t.after(() => sandbox.close());
  const calls: Call[] = [];
  const counting: typeof fetch = async (input, init) => {
    const call = {
      name: `${init?.method ?? "GET"} ${input instanceof Request ? input.url : input}`,
      start: performance.now(),
      end: Number.POSITIVE_INFINITY,
    };
    calls.push(call);
    try {
      return await fetch(input, init);
    } finally {
      call.end = performance.now();
    }
  };
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
  const { end: posted } = calls.find(({ name }) => name.endsWith("/chat.postMessage"))!;
  const waits = sequential(calls.filter(({ start }) => start < posted));
  t.diagnostic(`${waits} sequential calls of ${calls.length}`);
  assert.ok(
    waits <= 12,
    `${waits} sequential calls:\n${calls.map(({ name, start, end }) => `${Math.round(start)}–${Math.round(end)} ${name}`).join("\n")}`,
  );
  assert.equal(sandbox.messages("C0PAYMENTS").length, 1);
});
