import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import { maxAlerts, maxValue, parseWebhook } from "../../shared/adapters/alertmanager/notification.ts";
import { BadRequest } from "../../shared/errors.ts";

const fixtures = new URL("../fixtures/", import.meta.url);
type SentAlert = {
  status: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  startsAt: string;
  endsAt: string;
  fingerprint: string;
};
type Sent = { alerts: SentAlert[]; groupKey: string; truncatedAlerts: number };
/** The webhook body of a capture: kept as text, as JSON, or bare. */
const captured = (name: string): Sent => {
  const file = JSON.parse(readFileSync(new URL(name, fixtures), "utf8"));
  return file.rawBody === undefined ? (file.body ?? file) : JSON.parse(file.rawBody);
};
const captures = readdirSync(new URL("alertmanager/", fixtures)).map((name) => `alertmanager/${name}`);
const alert = {
  status: "firing",
  labels: { alertname: "HighErrorRate", service: "payment" },
  annotations: { summary: "44 %" },
  startsAt: "2026-11-22T14:22:02.151810036Z",
  endsAt: "0001-01-01T00:00:00Z",
  fingerprint: "ee6fbf29754109f3",
};
const webhook = (changes: object = {}) => ({
  version: "4",
  groupKey: "{}:{}",
  truncatedAlerts: 0,
  alerts: [alert],
  ...changes,
});
const withAlert = (changes: object) => webhook({ alerts: [alert, { ...alert, ...changes }] });
/** Why the body, or the first malformed alert of it, is refused. */
const refusal = (json: unknown): string => {
  try {
    const [malformed] = parseWebhook(json).malformed;
    if (malformed !== undefined) return malformed.problem;
  } catch (error) {
    assert.ok(error instanceof BadRequest);
    assert.equal(error.status, 400);
    return error.message;
  }
  return "accepted";
};

/** The contract in a schema's words; the parser must agree with it on what is acceptable. */
const pairs = z.record(z.string().max(1024), z.string()).refine((all) => Object.keys(all).length <= 128);
const time = z.iso.datetime({ offset: true });
const schema = z.object({
  version: z.literal("4"),
  groupKey: z.string().optional(),
  truncatedAlerts: z.number().optional(),
  alerts: z.array(
    z
      .object({
        labels: pairs,
        annotations: pairs.nullish(),
        startsAt: time,
        fingerprint: z.string().regex(/^[0-9a-f]{1,64}$/i),
      })
      .and(
        z.union([
          z.object({ status: z.literal("firing") }),
          z.object({ status: z.literal("resolved"), endsAt: time.optional() }),
        ]),
      ),
  ),
});

for (const name of captures)
  test(`${name} is read as Alertmanager sent it`, () => {
    const body = captured(name);
    const { alerts, truncated, groupKey } = parseWebhook(body);
    assert.equal(groupKey, body.groupKey);
    assert.equal(truncated, body.truncatedAlerts > 0);
    assert.deepEqual(
      alerts,
      body.alerts.map((sent) => ({
        fingerprint: sent.fingerprint,
        name: sent.labels.alertname,
        status: sent.status,
        labels: sent.labels,
        annotations: sent.annotations,
        startsAt: Date.parse(sent.startsAt),
        ...(sent.status === "resolved" ? { endsAt: Date.parse(sent.endsAt) } : {}),
      })),
    );
    assert.ok(alerts.every(({ startsAt }) => startsAt > Date.UTC(2026, 10, 1)));
    schema.parse(body);
  });

test("the captures hold firing, resolved, mixed and truncated groups", () => {
  const groups = captures.map((name) => parseWebhook(captured(name)));
  const statuses = groups.map(({ alerts }) => [...new Set(alerts.map(({ status }) => status))].sort().join());
  assert.deepEqual([...new Set(statuses)].sort(), ["firing", "firing,resolved", "resolved"]);
  assert.equal(groups.filter(({ truncated }) => truncated).length, 2);
});

test("nanoseconds are cut to milliseconds, and offsets are understood", () => {
  const startsAt = (text: string) => parseWebhook(withAlert({ startsAt: text })).alerts[1]?.startsAt;
  assert.equal(startsAt("2026-11-22T14:22:02.151810036Z"), Date.UTC(2026, 10, 22, 14, 22, 2, 151));
  assert.equal(startsAt("2026-11-22T14:22:02.15Z"), Date.UTC(2026, 10, 22, 14, 22, 2, 150));
  assert.equal(startsAt("2026-11-22T16:22:02+02:00"), Date.UTC(2026, 10, 22, 14, 22, 2));
});

test("only a resolved alert has an end, and not Go's zero time", () => {
  const end = (changes: object) => parseWebhook(withAlert(changes)).alerts[1]?.endsAt;
  assert.equal(end({ endsAt: "2026-11-22T15:00:00Z" }), undefined);
  assert.equal(end({ status: "resolved", endsAt: "2026-11-22T15:00:00Z" }), Date.UTC(2026, 10, 22, 15));
  assert.equal(end({ status: "resolved" }), undefined);
});

test("fields added by later versions are ignored, and missing annotations are none", () => {
  const later = {
    ...alert,
    notification_reason: "first notification",
    routeLabels: {},
    annotations: undefined,
  };
  assert.deepEqual(parseWebhook(webhook({ alerts: [later], extra: 1 })).alerts[0]?.annotations, {});
});

test("Grafana's own alerts are read, with the links to their dashboard and panel", () => {
  const grafana = captured("grafana/unified_alerting_webhook.json");
  assert.deepEqual(parseWebhook(grafana).alerts, [
    {
      annotations: {
        summary: "5xx > 5%",
        dashboardURL: "https://grafana.example/d/abc",
        panelURL: "https://grafana.example/d/abc?viewPanel=2",
      },
      fingerprint: "c6eadffa33fcdf37",
      labels: { alertname: "HighErrorRate", grafana_folder: "payments", service: "payment-gateway" },
      name: "HighErrorRate",
      startsAt: Date.parse("2026-11-22T14:00:00Z"),
      status: "firing",
    },
  ]);
  const [alert] = grafana.alerts;
  const mixed = parseWebhook({
    ...grafana,
    alerts: [
      { ...alert, fingerprint: "" },
      { ...alert, dashboardURL: 7 },
    ],
  });
  assert.deepEqual(
    mixed.malformed.map(({ index }) => index),
    [0],
  );
  assert.deepEqual(Object.keys(mixed.alerts[0]?.annotations ?? {}), ["summary", "panelURL"]);
});

test("what is not Alertmanager's webhook is refused in one sentence that says where", () => {
  const grafana = captured("grafana/unified_alerting_webhook.json");
  const { fingerprint, ...unidentified } = alert;
  const cases: [unknown, string][] = [
    [null, "not a JSON object"],
    [[], "not a JSON object"],
    ["{}", "not a JSON object"],
    [{ ...grafana, orgId: undefined }, 'version: "1" is Grafana\'s webhook, which has a number orgId'],
    [
      { text: "custom payload" },
      'version: missing; only Alertmanager\'s own webhook body, version "4", is understood',
    ],
    [
      webhook({ version: 4 }),
      'version: only Alertmanager\'s webhook version "4", and Grafana\'s version "1", are understood',
    ],
    [webhook({ alerts: {} }), "alerts: not a list"],
    [webhook({ truncatedAlerts: "1" }), "truncatedAlerts: not a number"],
    [webhook({ groupKey: 1 }), "groupKey: not a string"],
    [webhook({ alerts: [alert, null] }), "alerts[1]: not an object"],
    [withAlert({ status: "pending" }), 'alerts[1].status: neither "firing" nor "resolved"'],
    [webhook({ alerts: [unidentified] }), "alerts[0].fingerprint: not a hexadecimal hash"],
    [withAlert({ fingerprint: "__proto__" }), "alerts[1].fingerprint: not a hexadecimal hash"],
    [withAlert({ labels: ["a"] }), "alerts[1].labels: not an object"],
    [withAlert({ labels: { a: 1 } }), "alerts[1].labels: a value is not a string"],
    [withAlert({ annotations: { a: null } }), "alerts[1].annotations: a value is not a string"],
    [withAlert({ startsAt: 1795357336 }), "alerts[1].startsAt: not an RFC 3339 time"],
    [withAlert({ startsAt: "2026-13-22T14:22:02Z" }), "alerts[1].startsAt: not an RFC 3339 time"],
    [withAlert({ startsAt: "2026-11-22" }), "alerts[1].startsAt: not an RFC 3339 time"],
    [withAlert({ status: "resolved", endsAt: "soon" }), "alerts[1].endsAt: not an RFC 3339 time"],
  ];
  for (const [json, message] of cases) assert.equal(refusal(json), message);
});

test("a malformed alert refuses itself and not its group; a notification with no valid alert is refused", () => {
  const { startsAt, ...startless } = alert;
  const { alerts, malformed } = parseWebhook(webhook({ alerts: [startless, alert, { labels: 1 }] }));
  assert.deepEqual(
    alerts.map(({ fingerprint }) => fingerprint),
    [alert.fingerprint],
  );
  assert.deepEqual(malformed, [
    {
      ...{ index: 0, alertname: "HighErrorRate", fingerprint: alert.fingerprint },
      problem: "alerts[0].startsAt: not an RFC 3339 time",
    },
    {
      ...{ index: 2, alertname: "", fingerprint: "" },
      problem: 'alerts[2].status: neither "firing" nor "resolved"',
    },
  ]);
  assert.throws(() => parseWebhook(webhook({ alerts: [startless, {}] })), {
    message: "alerts[0].startsAt: not an RFC 3339 time",
  });
  assert.deepEqual(parseWebhook(webhook({ alerts: [] })).alerts, []);
});

test("a long value is cut between characters, too many labels are refused, too many alerts leave it truncated", () => {
  const long = parseWebhook(withAlert({ labels: { alertname: "A", long: "😀".repeat(maxValue) } })).alerts[1]
    ?.labels.long;
  assert.equal(long?.length, maxValue);
  assert.equal(long?.endsWith("…"), true);
  assert.equal(long?.isWellFormed(), true);
  const many = Object.fromEntries(Array.from({ length: 129 }, (_, index) => [`l${index}`, ""]));
  assert.equal(refusal(withAlert({ labels: many })), "alerts[1].labels: more than 128 entries");
  assert.equal(
    refusal(withAlert({ labels: { ["n".repeat(1025)]: "" } })),
    "alerts[1].labels: a name of more than 1024 characters",
  );
  const { alerts, truncated } = parseWebhook(webhook({ alerts: Array(maxAlerts + 1).fill(alert) }));
  assert.deepEqual([alerts.length, truncated], [maxAlerts, true]);
});

test("__proto__ as a label changes no prototype, and half characters become whole", () => {
  const body = JSON.parse(
    JSON.stringify(webhook()).replace(
      '"service":"payment"',
      '"__proto__":"polluted","constructor":"c","half":"\\ud800"',
    ),
  );
  const labels = parseWebhook(body).alerts[0]!.labels;
  assert.deepEqual(Object.entries(labels), [
    ["alertname", "HighErrorRate"],
    ["constructor", "c"],
    ["half", "\ufffd"],
  ]);
  assert.equal(Object.getPrototypeOf(labels), Object.prototype);
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});

test("the parser accepts exactly what the schema accepts", () => {
  const odd = fc.oneof(fc.constantFrom(undefined, null, 0, "", "x", [], {}), fc.jsonValue({ maxDepth: 1 }));
  const or = <T>(good: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 12, arbitrary: good as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: odd });
  const instants = fc.oneof(
    fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date("2200-01-01") })
      .map((date) => date.toISOString()),
    fc.constantFrom("0001-01-01T00:00:00Z", "2026-11-22T14:22:02.151810036Z", "2026-11-22T14:22:02-07:00"),
  );
  const some = fc.record({
    status: or(fc.constantFrom("firing", "resolved")),
    labels: or(
      fc.dictionary(fc.string({ maxLength: 8 }), or(fc.string()), { maxKeys: 4, noNullPrototype: true }),
    ),
    annotations: or(
      fc.dictionary(fc.string({ maxLength: 8 }), fc.string(), { maxKeys: 4, noNullPrototype: true }),
    ),
    startsAt: or(instants),
    endsAt: or(instants),
    fingerprint: or(fc.stringMatching(/^[0-9a-f]{16}$/)),
  });
  const bodies = fc.record({
    version: or(fc.constant("4")),
    groupKey: or(fc.string()),
    truncatedAlerts: or(fc.nat()),
    alerts: or(fc.array(or(some), { maxLength: 3 })),
  });
  let accepted = 0;
  fc.assert(
    fc.property(bodies, (body) => {
      const valid = schema.safeParse(body).success;
      const told = refusal(body);
      assert.equal(told === "accepted", valid, told);
      if (valid) accepted++;
    }),
    { numRuns: 2000 },
  );
  assert.ok(accepted > 100);
});
