import { type Change, changed } from "./changes.ts";

export type Line = { service: string; text: string; level: string; trace?: string };
/** An outage: the failure, the change that caused it if there is one, and the minutes from its deploy to the onset. */
export type Story = {
  name: string;
  service: string;
  dependsOn?: string[];
  culprit?: Change;
  minutes: [number, number];
  symptom: string;
  /** Written at each failure; % is a number that varies. */
  lines?: Line[];
  metric: string;
  base: number;
  to: number;
  /** How many times as many requests came in. */
  load?: number;
  flag?: boolean;
  shape?: "ramp";
};
const line = (service: string, text: string, level = "error", trace?: string): Line => ({
  ...{ service, text, level },
  ...(trace === undefined ? {} : { trace }),
});

export const stories: Story[] = [
  {
    name: "nil manifest",
    service: "player-api",
    culprit: {
      service: "player-api",
      subject: "Read subtitle tracks from the catalogue",
      body: "",
      files: ["player-api/manifest/tracks.go"],
      patch: "+tracks := catalogue.SubtitleTracks(id)\n+first := tracks[0].Language",
    },
    minutes: [3, 20],
    symptom: "player-api: 5xx ratio above 2 % for 5m",
    lines: [
      line(
        "player-api",
        "panic: runtime error: index out of range [0] with length 0 title=%",
        "error",
        "goroutine 81 [running]:\nplayer-api/manifest.build(...)\n\t/src/player-api/manifest/tracks.go:44 +0x1d",
      ),
    ],
    metric: "http_5xx_ratio",
    base: 0.001,
    to: 0.06,
  },
  {
    name: "leak",
    service: "recommender",
    culprit: changed("Cache user embeddings in process"),
    minutes: [180, 600],
    symptom: "recommender pods restart: OOMKilled",
    lines: [
      line("recommender", "Worker (pid:%) was sent SIGKILL! Perhaps out of memory?"),
      line("recommender", "MemoryError in embeddings._cache put user %"),
    ],
    metric: "container_memory_working_set_bytes",
    base: 4e8,
    to: 1.9e9,
    shape: "ramp",
  },
  {
    name: "pool config",
    service: "recommender",
    culprit: changed("Tune candidate pool size"),
    minutes: [2, 15],
    symptom: "recommender p99 latency above 800 ms",
    lines: [line("recommender", "ranking 800 candidates took % ms, deadline exceeded", "warn")],
    metric: "request_duration_p99_seconds",
    base: 0.22,
    to: 1.6,
  },
  {
    name: "dependency",
    service: "web",
    dependsOn: ["player-api", "identity"],
    culprit: {
      service: "identity",
      subject: "Verify audience claim strictly",
      body: "Security review.",
      files: ["identity/src/jwks/verify.ts"],
      patch: "+if (claims.aud !== expectedAudience) throw new InvalidAudienceError(claims.aud);",
    },
    minutes: [1, 10],
    symptom: "web login failures: users see 'Something went wrong'",
    lines: [
      line("web", "identity responded 401 to POST /sessions request %"),
      line(
        "identity",
        "InvalidAudienceError: unexpected audience web-legacy, request %",
        "error",
        "InvalidAudienceError: unexpected audience\n    at verify (/app/identity/src/jwks/verify.ts:31:11)",
      ),
    ],
    metric: "login_error_ratio",
    base: 0.01,
    to: 0.4,
  },
  {
    name: "cron at night",
    service: "notifier",
    culprit: changed("Batch push notifications"),
    minutes: [240, 700],
    symptom: "notifier: push queue backlog above 100k",
    lines: [
      line("notifier", "FCM rejected batch: 500 messages exceed limit of 100, job %"),
      line("notifier", "Push::BatchError in deliver(batch) attempt %"),
    ],
    metric: "push_queue_depth",
    base: 300,
    to: 150000,
  },
  {
    name: "lock",
    service: "billing",
    culprit: changed("Add index on invoices.customer_id"),
    minutes: [1, 6],
    symptom: "billing: invoice creation times out",
    lines: [
      line(
        "billing",
        "Lock wait timeout exceeded; could not insert into invoices, tx %",
        "ERROR",
        "org.postgresql.util.PSQLException: canceling statement due to lock timeout on relation invoices\n\tat com.acme.billing.InvoiceRepository.insert(InvoiceRepository.java:88)",
      ),
    ],
    metric: "invoice_errors_per_second",
    base: 0.1,
    to: 22,
  },
  {
    name: "memory request",
    service: "transcoder",
    culprit: changed("Lower worker memory request"),
    minutes: [30, 240],
    symptom: "transcoder jobs evicted, backlog grows",
    lines: [line("transcoder", "container exceeded memory limit 2Gi, job %, exit 137")],
    metric: "failed_jobs_per_minute",
    base: 0.3,
    to: 12,
  },
  {
    name: "numpy",
    service: "recommender",
    culprit: changed("Bump numpy to 2.1"),
    minutes: [2, 12],
    symptom: "recommender 500s",
    lines: [
      line(
        "recommender",
        "AttributeError: module 'numpy' has no attribute 'float_' request %",
        "error",
        "Traceback (most recent call last):\n  File \"/app/recommender/app/features.py\", line 9, in load\nAttributeError: module 'numpy' has no attribute 'float_'",
      ),
    ],
    metric: "http_5xx_ratio",
    base: 0.002,
    to: 0.9,
  },
  {
    name: "session",
    service: "identity",
    culprit: changed("Shorten session lifetime to 12 hours"),
    minutes: [600, 720],
    symptom: "identity: refresh requests up, users logged out",
    lines: [line("identity", "session expired after 12 hours, refresh required, user %", "warn")],
    metric: "refresh_errors_per_second",
    base: 2,
    to: 60,
  },
  {
    name: "quiet logs",
    service: "billing",
    culprit: {
      service: "billing",
      subject: "Charge through the new gateway client",
      body: "",
      files: ["billing/src/main/java/com/acme/billing/GatewayClient.java"],
      patch: "+client.charge(request, Duration.ofSeconds(30));",
    },
    minutes: [1, 9],
    symptom: "billing: gateway charge latency p95 above 5 s",
    metric: "charge_duration_p95_seconds",
    base: 0.8,
    to: 9,
  },
  {
    name: "none: cert",
    service: "web",
    minutes: [0, 0],
    symptom: "web: upstream TLS errors",
    lines: [
      line(
        "web",
        "tls: failed to verify certificate: x509: certificate has expired or is not yet valid: upstream cdn.partner.example request %",
      ),
    ],
    metric: "http_5xx_ratio",
    base: 0.001,
    to: 0.3,
  },
  {
    name: "none: load",
    service: "player-api",
    minutes: [0, 0],
    symptom: "player-api p99 latency above 1 s",
    lines: [line("player-api", "request queue full, shedding request %", "warn")],
    metric: "request_duration_p99_seconds",
    base: 0.2,
    to: 2,
    load: 4,
  },
  {
    name: "none: upstream",
    service: "billing",
    minutes: [0, 0],
    symptom: "billing: card charges fail",
    lines: [
      line(
        "billing",
        "card network answered HTTP 503 Service Unavailable for charge %, incident at acquirer",
      ),
    ],
    metric: "charge_error_ratio",
    base: 0.01,
    to: 0.7,
  },
  {
    name: "none: node",
    service: "transcoder",
    minutes: [0, 0],
    symptom: "transcoder: jobs lost",
    lines: [
      line("transcoder", "node ip-10-0-3-% is NotReady, pod terminated"),
      line("transcoder", "spot interruption notice received on instance i-0%"),
    ],
    metric: "failed_jobs_per_minute",
    base: 0.3,
    to: 30,
  },
  {
    name: "none: flag",
    service: "recommender",
    minutes: [0, 0],
    symptom: "recommender empty rows on home",
    lines: [line("recommender", "ranker two-tower-v3 returned 0 items for user %", "warn")],
    metric: "empty_rows_ratio",
    base: 0.01,
    to: 0.5,
    flag: true,
  },
  {
    name: "none: db host",
    service: "identity",
    minutes: [0, 0],
    symptom: "identity 5xx above 5 %",
    lines: [
      line("identity", "connect ECONNREFUSED 10.4.2.17:5432 while loading user %"),
      line("identity", "pool: no healthy primary, failover in progress %"),
    ],
    metric: "http_5xx_ratio",
    base: 0.001,
    to: 0.5,
  },
  {
    name: "none: quiet",
    service: "player-api",
    minutes: [0, 0],
    symptom: "player-api 5xx ratio above 2 %",
    metric: "http_5xx_ratio",
    base: 0.001,
    to: 0.05,
  },
];
