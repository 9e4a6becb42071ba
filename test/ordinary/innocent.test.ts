import assert from "node:assert/strict";
import { test } from "node:test";
import type { Series } from "../../shared/diagnosis/model.ts";
import { played } from "./played.ts";
import {
  css,
  day,
  docs,
  highErrors,
  hour,
  type Landing,
  lines,
  minute,
  noise,
  now,
  type Ordinary,
  receipt,
  step,
  told,
} from "./weigh.ts";

// Forty ordinary incidents that no change caused: nothing may be proposed for any of them.

const code: Landing = [
  "orders: show the delivery date",
  { "src/orders.js": "+exports.date = (o) => o.date;" },
  1.5 * day,
];
const mails: Landing = ["mailer: one more retry", { "src/mailer.js": "-retries: 2\n+retries: 3" }, 30 * hour];
const quiet = { commits: [code, css, docs], deploys: [[docs[0], 26 * hour]] } satisfies Partial<Ordinary>;
const today = { commits: [mails, receipt], deploys: [[receipt[0], 3 * hour]] } satisfies Partial<Ordinary>;

const load = (factor: number): Series => ({
  ...step(6 * minute, 100, 100 * factor),
  ...{ metric: "traffic", load: true },
});
const errors = step(5 * minute, 0.002, 0.2);

/** Errors that name who failed. */
const providers = [
  "https://api.stripe.com/v1/charges answered 503",
  "card acquirer returned 502 upstream unavailable",
  "429 Too Many Requests from https://api.maps.example.com",
  "api.sendgrid.com: 504 Gateway Timeout after 30000ms",
  "outage at the payment provider, see status page",
  "quota exceeded for project shop-prod",
  "VcpuLimitExceeded: You have requested more vCPU capacity than your current limit",
  "rate limit exceeded by partner",
];
const credentials = [
  "x509: certificate has expired or is not yet valid",
  "401 invalid_client: the client secret has expired",
  "password authentication failed for user shop",
  "API key expired for tenant shop",
  "TLS: certificate expired on 2026-11-24",
  "token expired at midnight",
];
const machines = [
  "node ip-10-0-3-7 is not ready, evicting pods",
  "spot interruption notice received",
  "no space left on device",
  "getaddrinfo EAI_AGAIN db.internal",
  "packet loss 40% between zones a and b",
  "EDAC MC0: uncorrectable error on DIMM",
  "connect ECONNREFUSED 10.4.2.17:5432, failover in progress",
  "read-only file system",
];
const annotated = [
  "The carrier answers 503 Service Unavailable to partners",
  "Certificate has expired on the edge",
  "DNS: no such host api.partner.example",
  "Node not ready for 10 minutes",
  "Quota exceeded at the cloud provider",
  "Rate limit reached at the maps provider: 429",
];

const incidents: [string, Ordinary][] = [
  ...providers.map((text): [string, Ordinary] => [
    `a provider fails: ${text}`,
    {
      ...today,
      alert: { ...highErrors, ago: 2 * minute },
      series: [errors],
      logs: [...noise, ...lines(5 * minute, text)],
    },
  ]),
  ...credentials.map((text): [string, Ordinary] => [
    `a credential ends: ${text}`,
    {
      ...today,
      alert: { ...highErrors, ago: 2 * minute },
      series: [errors],
      logs: [...noise, ...lines(5 * minute, text)],
    },
  ]),
  ...machines.map((text): [string, Ordinary] => [
    `a machine fails: ${text}`,
    {
      ...quiet,
      alert: { ...highErrors, ago: 2 * minute },
      series: [errors],
      logs: [...noise, ...lines(5 * minute, text)],
    },
  ]),
  ...annotated.map((description, index): [string, Ordinary] => [
    `the alert itself says it: ${description}`,
    {
      ...(index % 2 === 0 ? quiet : today),
      alert: { name: "ShopTrouble", annotations: { description }, ago: minute },
    },
  ]),
  ...[1.6, 2, 3, 5].map((factor): [string, Ordinary] => [
    `load rises to ${factor} times the usual as it begins`,
    {
      ...(factor < 3 ? quiet : today),
      alert: { ...highErrors, ago: 2 * minute },
      series: [errors, load(factor)],
    },
  ]),
  ...["ShopSaturated", "ShopSlow", "ShopErrors", "QueueGrows"].map((name, index): [string, Ordinary] => [
    `nothing was deployed for ${index + 2} days, and ${name} fires`,
    {
      commits: [docs, css].map(([title, files, ago]): Landing => [title, files, ago + (index + 2) * day]),
      deploys: [[docs[0], (index + 2) * day]],
      alert: { name, annotations: { summary: "it is bad" }, ago: minute },
      series: [step(4 * minute, 0.2, 0.9, { metric: `${name}'s value`, alert: name })],
    },
  ]),
  ...[
    "audit: user=ann verb=patch resource=deployments name=shop",
    "sudo: ann : TTY=pts/1 ; COMMAND=/bin/rm -rf /data",
    "live migrated by the provider",
    "unattended-upgrade installed libssl3",
  ].map((text): [string, Ordinary] => [
    `somebody or something else acted: ${text}`,
    {
      ...quiet,
      alert: { ...highErrors, ago: 2 * minute },
      series: [errors],
      logs: [...noise, { at: now - 5 * minute, service: "shop", level: "info", text }],
    },
  ]),
];

/** A label says where it fails, and an old change ran well there: nobody deployed anything for a day and more. */
const placed: [string, Ordinary][] = (
  [
    [{ topic: "orders", partition: "7" }, "Consumer of orders makes no progress"],
    [{ handler: "/search" }, "search answers are empty"],
    [{ queue: "payments" }, "payments wait"],
    [{ path: "/csv" }, "it fails"],
    [{ job_name: "mailer" }, "mails wait"],
  ] as [Record<string, string>, string][]
).map(([labels, summary]) => [
  `an old change is of the place that ${JSON.stringify(labels)} names`,
  {
    commits: [],
    alert: { name: "ShopStuck", labels, annotations: { summary }, ago: minute },
    logs: [...noise, ...lines(5 * minute, "SyntaxError: Unexpected token < in JSON at position 0")],
  },
]);
incidents.push(...placed);

test("there are forty of them, and five more", () => {
  assert.equal(incidents.length, 45);
});

for (const [name, given] of incidents)
  test(`nothing is proposed: ${name}`, () => {
    const { diagnosis, proposed } = told(given);
    const shown = diagnosis.suspects
      .slice(0, 2)
      .map(({ title, score, reasons }) => ({ title, score, reasons }));
    assert.equal(
      proposed,
      undefined,
      JSON.stringify({ shown, none: diagnosis.none, notes: diagnosis.notes }, null, 1),
    );
  });

for (const [name, given] of incidents)
  test(`the loop proposes nothing either: ${name}`, async () => {
    const { diagnosis, isProposed } = await played(given);
    assert.equal(isProposed, false, JSON.stringify(diagnosis, null, 1).slice(0, 3000));
  });
