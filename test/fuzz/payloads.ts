import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import fc from "fast-check";
import { readSaid } from "../../functions/deploy-reports/read.ts";
import { readDeploy } from "../../functions/deploys.ts";
import { readFlip } from "../../functions/flags.ts";
import { receiveDelivery } from "../../functions/github.ts";
import type { ReceiverContext } from "../../functions/http/context.ts";
import { parseWebhook } from "../../shared/adapters/alertmanager/notification.ts";
import { launchdarkly } from "../../shared/adapters/flags/launchdarkly.ts";
import { unleash } from "../../shared/adapters/flags/unleash.ts";
import { toJson } from "../../shared/adapters/http/json.ts";
import { prometheusApi } from "../../shared/adapters/prometheus/api.ts";
import { parseCommand } from "../../shared/adapters/slack/command.ts";
import { parseInteraction } from "../../shared/adapters/slack/interaction.ts";
import { emptyIncident } from "../../shared/incident/model.ts";
import { isRecord } from "../../shared/records.ts";
import { click } from "../support/payloads.ts";
import { service } from "../support/world.ts";
import { agreed, type Fuzzed, grammar, laterTarget, payloads, target } from "./target.ts";

const fixtures = join(import.meta.dirname, "../fixtures");
const read = (pattern: string): unknown[] =>
  globSync(pattern, { cwd: fixtures })
    .sort()
    .map((file) => JSON.parse(readFileSync(join(fixtures, file), "utf8")));
const bodiesOf = (captures: unknown[]): unknown[] =>
  captures.map((capture) => (capture as { body?: unknown }).body ?? capture);

/** Ends well for a result and for a refusal by the agreed error. */
const refusing = (asking: Promise<unknown>): Promise<void> =>
  asking.then(
    () => {},
    (error: unknown) =>
      void agreed(() => {
        throw error;
      }),
  );

const json = [
  "{",
  "}",
  "[",
  "]",
  ":",
  ",",
  '"a"',
  '"alerts":',
  "1e400",
  "null",
  '"\\ud800"',
  "\\u0000",
  "//",
  "NaN",
];

const cloud = { "ce-specversion": "1.0", "ce-id": "1", "ce-source": "%ZZ" };
/** The headers by which the mode of a CloudEvent is known. */
const eventHeaders: Record<string, string>[] = [
  {},
  { "content-type": "application/cloudevents+json" },
  { "content-type": "application/cloudevents-batch+json" },
  { ...cloud, "ce-type": "dev.tekton.event.pipelinerun.failed.v1" },
  { ...cloud, "ce-type": "dev.cdevents.service.deployed.0.3.0" },
];

const deploy = {
  ...{ service: "shop", environment: "production", sha: "a".repeat(40), status: "failed" },
  ...{ at: "2026-11-22T14:00:00Z", url: "https://ci.example/1", version: "1.2.3" },
};
const flip = {
  ...{ service: "shop", environment: "production", flag: "checkout", change: "turned on" },
  ...{ at: "2026-11-22T14:00:00+01:00", url: "https://flags.example/1" },
};

type Example = { name: string; examples: Record<string, unknown>[] };
const loaded = createRequire(import.meta.url)("@octokit/webhooks-examples") as
  | { default: Example[] }
  | Example[];
const examples = Array.isArray(loaded) ? loaded : loaded.default;
const deliveries = examples
  .filter(({ name }) => ["push", "pull_request", "issue_comment", "deployment_status"].includes(name))
  .flatMap(({ name, examples: some }) => some.slice(0, 2).map((payload) => ({ event: name, payload })));
/** A receiver of which every repository of the examples is a service, and that stores nothing. */
const receiver = {
  config: {
    services: [service({ repository: "Codertocat/Hello-World", environments: ["production"], gitops: [] })],
  },
  clock: () => 20_000,
  wake: () => {},
  store: {
    recordDeploy: async () => {},
    load: async (id: string) => ({ incident: emptyIncident(id), version: 0 }),
    register: async () => ({ version: 0 }),
    setRegister: async () => {},
  },
} as unknown as ReceiverContext;

const form = (fields: Record<string, string>): Uint8Array =>
  Buffer.from(new URLSearchParams(fields).toString());
const question = { incident: "payment-gateway/production", round: 1, head: "a".repeat(40), nonce: "n" };
const interactions = [
  click("approve", "U0ANN", question),
  click("choose:1", "U0ANN", { ...question, choice: 1 }),
  ...read("slack/view_submission.json"),
];
const pressed = (value: string) => {
  const payload = click("approve", "U0ANN", question);
  return { ...payload, actions: payload.actions.map((action) => ({ ...action, value })) };
};
const actions = [JSON.stringify(question), "{", "approve", "choose:", "9".repeat(40), "[]", "null"];

const rules = { status: "success", data: { groups: read("prometheus/rules.json") } };
const rule = {
  ...{ type: "alerting", name: "A", query: "a > 1", labels: { a: "b" }, duration: 60, keepFiringFor: 0 },
  alerts: [{ labels: { a: "b" }, state: "firing" }],
};
const listed = {
  status: "success",
  data: { groups: [{ name: "g", file: "f", interval: 15, rules: [rule] }] },
};
const matrix = {
  ...{ status: "success", warnings: ["PromQL info: x"] },
  data: {
    resultType: "matrix",
    result: [
      {
        metric: { a: "b" },
        values: [
          [1, "2"],
          [2, "+Inf"],
        ],
        histograms: [[1, { count: "1" }]],
      },
    ],
  },
};

export const payloadTargets: Fuzzed[] = [
  target({
    name: "JSON bodies",
    input: grammar(json, ["§", '{"version":"4","alerts":[§]}', "[§"]),
    holds: (text) => void agreed(() => parseWebhook(toJson(Buffer.from(text)))),
  }),
  target({
    name: "bytes as JSON",
    input: fc.uint8Array({ maxLength: 24 }),
    holds: (bytes) => void agreed(() => toJson(bytes)),
  }),
  target({
    name: "alert payloads",
    input: payloads(bodiesOf(read("alertmanager/*.json"))),
    holds: (payload) => {
      const told = agreed(() => parseWebhook(payload));
      for (const { labels, annotations, startsAt } of told?.alerts ?? []) {
        assert.ok(Number.isFinite(startsAt));
        for (const value of [...Object.values(labels), ...Object.values(annotations)])
          assert.ok(value.isWellFormed() && value.length <= 4096);
      }
    },
  }),
  target({
    name: "deploy reports",
    input: payloads([deploy]),
    holds: (payload) => {
      const told = agreed(() => readDeploy(payload));
      assert.ok(told === undefined || !("sha" in told) || /^[0-9a-f]{40}$/.test(told.sha));
    },
  }),
  target({
    name: "events of deployers",
    input: fc.tuple(payloads(bodiesOf(read("deploys/*/*.json"))), fc.constantFrom(...eventHeaders)),
    holds: ([payload, headers]) => {
      const body = Buffer.from(JSON.stringify(payload) ?? "");
      const said = agreed(() => readSaid(new Headers(headers), body))?.said ?? [];
      for (const { name, commits, at, url, detail = "" } of said.flatMap((one) =>
        "told" in one ? one.told : [],
      )) {
        assert.equal(typeof name, "string");
        assert.ok(commits.every(({ sha }) => /^[0-9a-f]{40}$/.test(sha)));
        assert.ok(at === undefined || Number.isFinite(at));
        assert.ok(url === undefined || /^https?:/.test(url));
        assert.ok(detail.isWellFormed() && detail.length <= 300 && !/[\p{Cc}\u2028]/u.test(detail));
      }
    },
  }),
  target({
    name: "flag reports",
    input: payloads([flip, ...read("flags/*.json")]),
    holds: (payload) => {
      for (const { change } of agreed(() => launchdarkly(payload) ?? unleash(payload)) ?? [])
        assert.doesNotMatch(change, /[\p{Cc}\u2028]/u);
      agreed(() => readFlip(payload));
    },
  }),
  laterTarget({
    name: "GitHub deliveries",
    input: payloads(deliveries),
    holds: (delivery) => {
      const { event, payload } = { event: "push", payload: null, ...(isRecord(delivery) ? delivery : {}) };
      return refusing(receiveDelivery(receiver, { event: String(event), payload, once: (work) => work() }));
    },
  }),
  target({
    name: "Slack interactions",
    input: payloads(interactions),
    holds: (payload) => void agreed(() => parseInteraction(form({ payload: JSON.stringify(payload) ?? "" }))),
  }),
  target({
    name: "Slack forms and actions",
    input: grammar(
      [
        ...json,
        ...actions,
        "payload=",
        "&",
        "%",
        "%zz",
        "+",
        "text=",
        "user_id=U1",
        "command=/c",
        "channel_id=C1",
      ],
      ["§", "payload=§", "command=%2Fcountersteer&user_id=U1&channel_id=C1&text=§"],
    ),
    holds: (text) => {
      const body = Buffer.from(text);
      if (text.length % 3 === 0) agreed(() => parseInteraction(body));
      else if (text.length % 3 === 1) agreed(() => parseCommand(body));
      else agreed(() => parseInteraction(form({ payload: JSON.stringify(pressed(text)) })));
    },
  }),
  laterTarget({
    name: "answers of the rules API",
    input: payloads([listed, matrix, rules]),
    holds: async (payload) => {
      const answer = {
        status: 200,
        ok: true,
        headers: new Headers(),
        body: [Buffer.from(JSON.stringify(payload) ?? "")],
      };
      const api = prometheusApi({ url: "http://p.test", fetch: async () => answer as unknown as Response });
      const grid = { start: 0, stepMs: 1000, count: 2 };
      await refusing(isMatrix(payload) ? api.range("a", grid) : api.rules("A"));
    },
  }),
];

const isMatrix = (payload: unknown): boolean => JSON.stringify(payload)?.includes("matrix") ?? false;
