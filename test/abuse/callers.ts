import assert from "node:assert/strict";
import { connect } from "node:net";
import { performance } from "node:perf_hooks";
import fc from "fast-check";
import { caps, unverifiedBytes } from "../../functions/http/context.ts";
import { addressOf, listen } from "../../infra/host/server/listen.ts";
import { parseWebhook } from "../../shared/adapters/alertmanager/notification.ts";
import { toJson } from "../../shared/adapters/http/json.ts";
import {
  bearer,
  signGitHub,
  signSlack,
  verifyGitHub,
  verifySlack,
} from "../../shared/adapters/http/signature.ts";
import { BadRequest } from "../../shared/errors.ts";
import { anyText } from "../support/any-text.ts";
import { mustCost } from "../support/cost.ts";
import { doors } from "../support/doors.ts";
import { id } from "../support/incident.ts";
import { click, secrets } from "../support/payloads.ts";
import { asked, question, statusOf } from "./question.ts";

/** Callers without a secret, or with another's. */

export const badCredential = async (): Promise<void> => {
  const at = doors();
  const token = secrets.alertmanager;
  const wrong = [
    `Bearer ${token.slice(0, -1)}`,
    `Bearer ${token.slice(0, -1)}m`,
    `Bearer ${token}x`,
    "Bearer ",
    "",
  ];
  const answers = [await at.post("/webhooks/alertmanager", "not JSON")];
  for (const authorization of wrong) answers.push(await at.notify("not JSON", authorization));
  const bodies = await Promise.all(answers.map((answer) => answer.text()));
  // A body that is not JSON would be 400 once it were read.
  assert.deepEqual(
    answers.map(({ status }) => status),
    answers.map(() => 401),
  );
  assert.equal(new Set(bodies).size, 1);
  assert.deepEqual([await at.made.store.list(), at.woken, at.lines], [[], [], ["request refused"]]);
};

/** Welch's t of the times that two kinds of calls take, in an order that chance gives. */
const timed = (kinds: [() => unknown, () => unknown], count: number): number => {
  const times: [number[], number[]] = [[], []];
  let state = 20_261_122;
  for (let call = 0; call < count; call++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const kind = (state >>> 16) & 1 ? 1 : 0;
    const begun = performance.now();
    kinds[kind]();
    times[kind].push(performance.now() - begun);
  }
  const [a, b] = times.map(summary);
  return (a!.mean - b!.mean) / Math.sqrt(a!.variance / a!.count + b!.variance / b!.count);
};
/** Without the slowest tenth, in which the machine did something else. */
const summary = (times: number[]) => {
  const kept = times.toSorted((a, b) => a - b).slice(0, Math.floor(times.length * 0.9));
  const mean = kept.reduce((sum, time) => sum + time, 0) / kept.length;
  const variance = kept.reduce((sum, time) => sum + (time - mean) ** 2, 0) / (kept.length - 1);
  return { mean, variance, count: kept.length };
};

/** The first and the last byte wrong. */
const nearMisses = (secret: string): [string, string] => [`x${secret.slice(1)}`, `${secret.slice(0, -1)}x`];

export const comparisonTimes = (): void => {
  const secret = "s".repeat(2048);
  const [early, late] = nearMisses(secret);
  const compare = (given: string) => () => bearer(`Bearer ${given}`, secret);
  assert.deepEqual([compare(early)(), compare(late)(), compare(secret)()], [false, false, true]);
  assert.ok(Math.abs(timed([compare(early), compare(late)], 20_000)) < 5);
};

const header = fc.oneof(
  fc.string({ maxLength: 80 }),
  anyText(8),
  fc.stringMatching(/^(sha256=|sha1=|v0=|v1=)[0-9a-f]{0,64}$/),
  fc.constantFrom("sha256=", "v0=", "v0=zz", `sha256=${"0".repeat(63)}`, "a, b", "\u{1f600}"),
);

export const malformedSignatures = async (): Promise<void> => {
  const body = Buffer.from("{}");
  const now = 20_000;
  fc.assert(
    fc.property(header, header, (signature, timestamp) => {
      assert.equal(verifyGitHub({ secret: "s", signature, body }), false);
      assert.equal(verifySlack({ secret: "s", timestamp, signature, body, now }), false);
    }),
    { numRuns: 10_000 },
  );
  const at = doors();
  const right = signGitHub({ secret: secrets.github, body });
  for (const signature of [
    undefined,
    "",
    "sha1=00",
    right.slice(0, -2),
    `${right}, ${right}`,
    right.toUpperCase(),
  ]) {
    const answer = await at.post("/webhooks/github", body, {
      "x-github-event": "push",
      ...(signature !== undefined && { "x-hub-signature-256": signature }),
    });
    assert.equal(answer.status, 401);
  }
};

/** One whole answer of a server to bytes on a socket. */
const exchange = (url: string, ...parts: string[]): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    let answer = "";
    socket.on("data", (data) => {
      answer += data;
      if (answer.length >= 12) socket.destroy();
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(answer));
    for (const part of parts) socket.write(part);
  });
const statusIn = (answer: string): string => answer.slice(9, 12);

export const largeAndSlowBodies = async (): Promise<void> => {
  const at = doors();
  const slow = { headersMs: 100, requestMs: 150, checkMs: 20 };
  const where = { port: 0, host: "127.0.0.1" };
  const [patient, hasty] = [await listen(at.app.fetch, where), await listen(at.app.fetch, where, slow)];
  const [url, quick] = [addressOf(patient), addressOf(hasty)];
  const head = (path: string, ...more: string[]) =>
    [
      `POST ${path} HTTP/1.1`,
      "host: x",
      `authorization: Bearer ${secrets.alertmanager}`,
      ...more,
      "",
      "",
    ].join("\r\n");
  const signed = [
    "x-hub-signature-256: sha256=00",
    "x-slack-signature: v0=00",
    "x-slack-request-timestamp: 20",
  ];
  try {
    const answers = await Promise.all([
      exchange(url, head("/webhooks/alertmanager", "content-length: 2000000000")),
      exchange(url, head("/webhooks/github", "content-length: 2000000000", ...signed)),
      exchange(url, head("/slack/interactions", `content-length: ${caps.slack + 1}`, ...signed)),
      exchange(
        url,
        head("/webhooks/alertmanager", "content-encoding: gzip", "content-length: 2", "connection: close"),
        "{}",
      ),
      exchange(quick, head("/webhooks/alertmanager", "content-length: 9"), "{"),
      exchange(quick, "POST /webhooks/alertmanager HTTP/1.1\r\nhost: x\r\n"),
    ]);
    assert.deepEqual(answers.map(statusIn), ["413", "413", "413", "415", "408", "408"]);
  } finally {
    for (const server of [patient, hasty]) server.close().closeAllConnections();
  }
};

/** A body of one byte after the other, never longer than asked. */
const endless = (chunk: number): { body: ReadableStream; sent: () => number } => {
  let sent = 0;
  const body = new ReadableStream({
    pull(controller) {
      sent += chunk;
      controller.enqueue(new Uint8Array(chunk));
    },
  });
  return { body, sent: () => sent };
};

export const endlessBodies = async (): Promise<void> => {
  const at = doors();
  const { body, sent } = endless(64 * 1024);
  const answer = await at.app.request("/webhooks/alertmanager", {
    ...{ method: "POST", body, duplex: "half" },
    headers: { authorization: `Bearer ${secrets.alertmanager}` },
  } as RequestInit);
  assert.equal(answer.status, 413);
  assert.ok(sent() <= caps.alertmanager + 4 * 64 * 1024);
  assert.ok(unverifiedBytes <= 64 * 1024 * 1024);
};

const alerts = (labels: string) =>
  `{"version":"4","alerts":[{"status":"firing","fingerprint":"f1","startsAt":"1970-01-01T00:00:10Z","labels":${labels}}]}`;
const readAlerts = (text: string | Uint8Array) =>
  parseWebhook(toJson(typeof text === "string" ? Buffer.from(text) : text));

export const hostileJson = (): void => {
  const refused: (string | Uint8Array)[] = [
    "[".repeat(100_000),
    `{"a":${'{"a":'.repeat(70)}1${"}".repeat(71)}`,
    `[${"1,".repeat(1_000_000)}1]`,
    alerts(`{${Array.from({ length: 200 }, (_, index) => `"l${index}":"v"`).join()}}`),
    alerts('{"alertname":1e400}'),
    new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]),
  ];
  for (const text of refused) mustCost(200, () => assert.throws(() => readAlerts(text), BadRequest));
  const many = `{"version":"4","alerts":[${`{"status":"firing","fingerprint":"f1","startsAt":"1970-01-01T00:00:10Z","labels":{}},`.repeat(3_000)}{}]}`;
  mustCost(200, () => {
    const read = readAlerts(many);
    assert.deepEqual([read.alerts.length, read.truncated], [2000, true]);
  });
};

export const normalisedJson = (): void => {
  const [alert] = readAlerts(
    `\ufeff${alerts('{"alertname":"A","alertname":"B","__proto__":"p","constructor":"c","long":"LONG","half":"\\ud800"}')}`.replace(
      "LONG",
      "x".repeat(10_000),
    ),
  ).alerts;
  assert.deepEqual(
    { ...alert?.labels },
    { alertname: "B", constructor: "c", long: `${"x".repeat(4095)}…`, half: "\ufffd" },
  );
  const prototype: { polluted?: string; p?: string } = {};
  readAlerts(alerts('{"__proto__":"polluted"}'));
  assert.deepEqual([prototype.polluted, Object.getPrototypeOf(alert?.labels)], [undefined, Object.prototype]);
};

export const replayedClick = async (): Promise<void> => {
  const at = await asked();
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => at.interact(click("approve", "UANN", question))),
  );
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  const log = await at.made.store.log(id);
  assert.equal(log.filter(({ type }) => type === "RemedyApproved").length, 1);
  await at.made.settle();
  await at.interact(click("approve", "UANN", question));
  assert.equal(at.made.state.merges, 1);
};

export const oldAndFutureClicks = async (): Promise<void> => {
  const body = Buffer.from("payload=1");
  const now = 1_790_000_000_000;
  const is = (timestamp: string): boolean =>
    verifySlack({
      secret: "s",
      timestamp,
      signature: signSlack({ secret: "s", timestamp, body }),
      body,
      now,
    });
  const seconds = (offset: number): string => String(now / 1000 + offset);
  assert.deepEqual([is(seconds(-300)), is(seconds(300))], [true, true]);
  const odd = ["NaN", "1e9", " 123", "0x1", "", "-1", `${seconds(0)}.5`, `${seconds(0)} `, "Infinity"];
  for (const timestamp of [seconds(-301), seconds(301), seconds(315_360_000), ...odd])
    assert.equal(is(timestamp), false, timestamp);
};

export const unsignedForms = async (): Promise<void> => {
  const at = await asked();
  const forms = [
    "ssl_check=1",
    "ssl_check=1&token=x",
    "type=url_verification&challenge=x",
    '{"type":"url_verification"}',
  ];
  for (const path of ["/slack/interactions", "/slack/commands"])
    for (const form of forms) assert.equal((await at.post(path, form)).status, 401);
  assert.equal(await statusOf(at), "proposed");
};

export const replayedDelivery = async (): Promise<void> => {
  const { github, woken, made } = doors();
  const push = (ref: string) => ({ ref, repository: { full_name: "acme/payments" } });
  const outcome = async (payload: object) =>
    ((await (await github("push", payload, secrets.github, "d1")).json()) as { outcome: string }).outcome;
  assert.equal((await github("push", push("refs/heads/main"), "of another installation", "d1")).status, 401);
  assert.equal(await outcome(push("refs/heads/main")), "woken");
  const before = woken.length;
  for (const ref of ["refs/heads/main", "refs/heads/main", "refs/heads/other"])
    assert.equal(await outcome(push(ref)), "duplicate");
  assert.equal(woken.length, before);
  assert.deepEqual(await made.store.list(), []);
};
