import assert from "node:assert/strict";
import { test } from "node:test";
import { css, type Landing, lines, minute, noise, type Ordinary, step, told } from "./weigh.ts";

// A deploy went out a quarter of an hour before the errors, and it can hardly cause them: the words of the error say who failed.

const hour = 60 * minute;
const code: Landing = [
  "orders: export by month",
  { "src/orders.js": "+exports.month = (o) => o.month;" },
  2 * hour,
];
const near = { commits: [css, code], deploys: [[code[0], 16 * minute]] } satisfies Partial<Ordinary>;
const failing = (text: string, over: Partial<Ordinary> = near): Ordinary => ({
  ...{ commits: [], ...over },
  alert: { name: "ErrorBudgetBurn", annotations: { summary: "shop burns its error budget" }, ago: minute },
  series: [step(5 * minute, 0.001, 0.18, { metric: "ErrorBudgetBurn's ratio", alert: "ErrorBudgetBurn" })],
  logs: [...noise, ...lines(5 * minute, text)],
});

/** Name resolution that fails, as the libraries of each language say it. */
const unresolved = [
  "dial tcp: lookup ledger.svc.cluster.local on 10.96.0.10:53: server misbehaving",
  "dial tcp: lookup db-main on [fd00::a]:53: read udp: i/o timeout",
  "curl: (6) Could not resolve host: db-main",
  "psycopg.OperationalError: could not translate host name to address: Temporary failure in name resolution",
  "[Errno -2] Name or service not known",
  "[Errno 8] nodename nor servname provided, or not known",
  "socket: No address associated with hostname",
  "java.net.UnknownHostException: db-main: Try again",
];
/** A host outside the system that answers an error, or nothing, as clients say it. */
const others = [
  "POST https://checkout-live.adyen.com/v70/payments -> 502 Bad Gateway",
  "POST https://checkout-live.adyen.com/v70/payments → 503",
  "requests.exceptions.HTTPError: 502 Server Error: Bad Gateway for url: https://api.bank.io/v2/accounts",
  "GET https://api.bank.io/v2/accounts resulted in a `504 Gateway Time-out` response",
  "unexpected HTTP/1.1 500 Internal Server Error from api.bank.io",
  "Response code 522 (Origin Connection Time-out) of https://tiles.maps.net/12/3.png",
  "api.bank.io responded with 503",
  "Faraday::ServerError the server responded with status 500 for https://api.bank.io/x",
];
/** The servers of a provider fail, as its own library says it: without a host. */
const libraries = [
  "StripeAPIError: An error occurred with our connection to Stripe. Request was retried 2 times. (503)",
  "stripe.error.APIConnectionError: Unexpected error communicating with connection to Stripe: timed out",
  "OpenAIServiceUnavailableError: the engine is overloaded",
  "botocore.exceptions.ClientError: An error occurred (ServiceUnavailable) when calling the PutItem operation (reached max retries: 4): try later",
  "software.amazon.awssdk.services.s3.model.S3Exception: Service Unavailable (Service: S3, Status Code: 503, Request ID: 7X)",
  "googleapi: Error 503: backendError",
  "google.api_core.exceptions.ServiceUnavailable: 503 getting metadata from plugin",
  "Azure.RequestFailedException: The server is busy. Status: 503 (The server is busy.)",
  "mail not sent: SendGrid API returned 502",
];
/** A store that elects another leader or is closed for maintenance, and a contract that is used up. */
const unavailable = [
  "LEADER_NOT_AVAILABLE: broker kafka-2 does not answer",
  "NotWritablePrimary: not primary while writing orders",
  "etcdserver: no leader",
  "FATAL: the database system is in recovery mode",
  "redis-main is closed for maintenance until 13:00",
  "OVER_QUERY_LIMIT: you have exceeded your daily request quota for this API",
  "you have exceeded your monthly call limit",
  "403 dailyLimitExceeded: Daily Limit Exceeded. The quota will be reset at midnight",
  "daily usage limit of this key reached",
  "payment declined, code 91: issuer or switch inoperative",
  "acquirer of the cards is not available",
  "cannot import: mismatched tag: line 31877, file acme-shoes-20261124.xml",
  "BadZipFile: corrupt archive supplier/2026-11-24.zip",
  "duration: 912345.120 ms statement: /* Metabase::card 4711 */ select * from vendors, visits",
  "index [articles] blocked by: [disk usage exceeded flood-stage watermark]",
];
/** The same libraries blame the caller, or our own answer carries the name. */
const ofCaller = [
  "StripeInvalidRequestError: Amount must be at least 500",
  "StripeCardError: Your card was declined",
  "POST /webhooks/stripe 500 in 12 ms",
  "botocore.exceptions.ClientError: An error occurred (ValidationException) when calling the PutItem operation",
  "googleapi: Error 400: invalid argument",
  "order exceeds the limit of 40 lines",
  "elected the leader of the week for the banner",
  "malformed answer to GET /orders.json",
];
for (const text of ofCaller)
  test(`nobody else is named: ${text}`, () => {
    assert.equal(told(failing(text)).first, code[0]);
    assert.equal(told(failing(text)).proposed?.kind, "revert");
  });

for (const text of [...unresolved, ...others, ...libraries, ...unavailable])
  test(`nothing is proposed: ${text}`, () => {
    const { diagnosis, proposed } = told(failing(text));
    assert.equal(proposed, undefined, JSON.stringify(diagnosis.suspects[0]));
  });

for (const text of [
  "GET https://api.bank.io/v2/accounts took 512 ms and gave nothing",
  "wrote 503 rows for api.bank.io",
])
  test(`a number is not an answer: ${text}`, () => {
    assert.equal(told(failing(text)).first, code[0]);
    assert.equal(told(failing(text)).proposed?.kind, "revert");
  });

test("a change of how a primary is chosen is still proposed when no primary is there", () => {
  const chosen: Landing = [
    "redis: a quorum of three",
    { "k8s/sentinel.yaml": "-quorum: 2\n+quorum: 3" },
    2 * hour,
  ];
  const given = failing("no healthy primary in redis-main", {
    commits: [css, chosen],
    deploys: [[chosen[0], 8 * minute]],
  });
  assert.deepEqual([told(given).first, told(given).proposed?.kind], [chosen[0], "revert"]);
});

test("a library of the system that refuses is the image's, not the change that shares the partner's name", () => {
  for (const [text, file] of [
    ["error:0A000152:SSL routines::unsafe legacy renegotiation disabled", "Dockerfile"],
    ["OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to the bank", "build/Containerfile"],
    ["/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found", "Dockerfile.prod"],
  ] as const) {
    const image: Landing = ["build: newest base", { [file]: "-FROM debian:12\n+FROM debian:13" }, 2 * hour];
    const bank: Landing = [
      "partners: the bank's name",
      { "src/partners.js": "+bank: partner.bank," },
      3 * hour,
    ];
    const { first, proposed } = told({
      ...failing(text, { commits: [bank, image], deploys: [[image[0], 8 * minute]] }),
      alert: { name: "PartnerErrors", labels: { upstream: "bank" }, ago: minute },
      series: [step(7 * minute, 0, 1, { metric: "PartnerErrors's value", alert: "PartnerErrors" })],
    });
    assert.deepEqual([first, proposed?.kind], [image[0], "revert"]);
  }
});

test("a change of the address that does not resolve is still proposed", () => {
  const moved: Landing = [
    "db: new host",
    { "config/production.yaml": "-  host: db-a\n+  host: db-main" },
    2 * hour,
  ];
  const { first, proposed } = told(
    failing(unresolved[0]!, { commits: [css, moved], deploys: [[moved[0], 8 * minute]] }),
  );
  assert.equal(first, moved[0]);
  assert.equal(proposed?.kind, "revert");
});

/** The alert's own labels name the other side. */
for (const [labels, metric, isForeign] of [
  [{ host: "api.bank.io" }, "http_client_duration_seconds_bucket", true],
  [{ upstream: "checkout.adyen.com" }, "payment_seconds", true],
  [{ peer_service: "https://api.maps.net/v2" }, "rpc_seconds", true],
  [{ host: "web-3.shop.example.com" }, "http_server_duration_seconds_bucket", false],
  [{ instance: "web-3.shop.example.com" }, "http_client_duration_seconds_bucket", false],
  [{ upstream: "orders" }, "http_client_duration_seconds_bucket", false],
] as const)
  test(`${JSON.stringify(labels)} of ${metric} ${isForeign ? "names" : "does not name"} somebody else`, () => {
    const rules = [{ alert: "CallsSlow", templates: [], metrics: [metric], selected: [] }];
    const { proposed, diagnosis } = told({
      ...near,
      alert: { name: "CallsSlow", labels: labels as Record<string, string>, ago: minute },
      series: [step(5 * minute, 0.4, 9, { metric: "CallsSlow's value", alert: "CallsSlow" })],
      over: { rules },
    });
    assert.equal(proposed === undefined, isForeign, JSON.stringify(diagnosis.suspects[0]));
    assert.equal(/the alert watches calls to/.test(diagnosis.notes?.join("\n") ?? ""), isForeign);
  });

/** Limits of our own that answer 429: nobody else is named. */
const limits: [string, Landing, Record<string, string>, Record<string, string>][] = [
  [
    "31 % of requests get 429",
    ["Limiter: a window of a second", { "lib/limiter.ex": "-  @max 120\n+  @max 1" }, 2.5 * hour],
    { route: "/rides" },
    {},
  ],
  [
    "Too many requests are refused (429)",
    ["gateway: tidy limits", { "config/gateway.yaml": "-  perMinute: 600\n+  perMinute: 6" }, 2.5 * hour],
    {},
    {},
  ],
  [
    "clients of shop see 429 Too Many Requests",
    ["throttle: smaller burst", { "src/throttle.go": "-const burst = 200\n+const burst = 2" }, 2.5 * hour],
    { code: "429" },
    {},
  ],
];
for (const [description, culprit, labels] of limits)
  test(`a limit of our own: ${description}`, () => {
    const { first, proposed } = told({
      commits: [css, culprit, code],
      deploys: [[code[0], 17 * minute]],
      alert: { name: "TooManyRejections", labels, annotations: { description }, ago: minute },
    });
    assert.equal(first, culprit[0]);
    assert.equal(proposed?.kind, "revert");
  });

for (const description of [
  "429 Too Many Requests by the carrier's API",
  "rate limit of https://api.maps.io reached (429)",
  "the bank answers 429",
])
  test(`a limit of somebody else: ${description}`, () => {
    const { proposed } = told({
      ...near,
      alert: { name: "TooManyRejections", annotations: { description }, ago: minute },
    });
    assert.equal(proposed, undefined);
  });
