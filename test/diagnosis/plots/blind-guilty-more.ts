import { type Change, heard, logOf, ruled } from "./blind.ts";
import { alerting, deployed } from "./nights.ts";
import { hour, minute, type Plot } from "./plot.ts";

const typing: Change = ["mypy: strict in serving", { "mypy.ini": "+strict = True" }];
const health: Change = [
  "Health page shows the commit",
  { "serving/health.py": "+return {'commit': COMMIT}" },
];
const about: Change = ["About page: new photographs", { "web/about.html": '+<img src="/team-2026.webp">' }];
const codeowners: Change = [
  "CODEOWNERS: platform owns charts",
  { ".github/CODEOWNERS": "+/charts @platform" },
];
const units: Change = [
  "Readings are shown in Fahrenheit for the US",
  { "src/readings/units.rs": "+fn fahrenheit(c: f64) -> f64 { c * 1.8 + 32.0 }" },
];
const firmware: Change = [
  "List of firmware versions for support",
  { "src/support/firmware.rs": "+pub fn versions() -> Vec<Version> {" },
];
const badges: Change = [
  "Badges for sellers",
  { "src/sellers/badge.js": "+exports.badge = (seller) => seller.rating > 4.8 ? 'top' : null;" },
];
const wording: Change = [
  "Wording of the delivery note",
  { "templates/delivery.txt": "-Your parcel\n+Your order" },
];
const changelog: Change = ["changelog for 4.18", { "CHANGELOG.md": "+## 4.18.0" }];
const receipts: Change = [
  "Receipts: tax number of companies",
  { "internal/receipts/pdf.go": "+pdf.Cell(company.TaxNumber)" },
];
const tidy: Change = ["go mod tidy", { "go.sum": "-github.com/pkg/errors v0.8.1 h1:iURUrRGxPUNPdy5" }];
const locale: Change = ["Swedish", { "web/locales/sv.json": '+"basket": "varukorg"' }];
const giftCard: Change = [
  "Gift cards have a picture",
  { "src/main/java/shop/gift/Card.java": "+private final URI picture;" },
];

/** The second part: a change did it. */
export const blindGuiltyMore: Plot[] = [
  {
    name: "the batch does not fit the card",
    guilty: "Embeddings: batch of 256",
    given: {
      ...deployed(
        [30 * hour, typing],
        [
          37 * minute,
          health,
          ["Embeddings: batch of 256", { "serving/embed.py": "-BATCH = 32\n+BATCH = 256" }],
        ],
      ),
      alert: alerting("EmbeddingErrors", "embedding requests fail", { gpu: "a10g" }, 3 * minute),
      series: [ruled("EmbeddingErrors", { ago: 33 * minute, usual: 0.002, then: 0.4, overMs: 10 * minute })],
      logs: logOf(
        "python",
        33 * minute,
        "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 3.12 GiB. GPU 0 has a total capacity of 22.20 GiB",
      ),
    },
  },
  {
    name: "devices are expected every five seconds",
    guilty: "Broker: notice dead devices sooner",
    given: {
      ...deployed(
        [49 * hour, units],
        [
          12 * minute,
          [
            "Broker: notice dead devices sooner",
            {
              "broker/emqx.conf":
                "-mqtt.keepalive_backoff = 1.5\n+mqtt.keepalive_backoff = 0.5\n-mqtt.max_keepalive = 60\n+mqtt.max_keepalive = 5",
            },
          ],
          firmware,
        ],
      ),
      alert: alerting("DevicesFlapping", "more than 200 reconnects a minute", {}, 3 * minute),
      series: [ruled("DevicesFlapping", { ago: 11 * minute, usual: 12, then: 4100, overMs: 2 * minute })],
      logs: logOf("iot", 11 * minute, "client d-48113 disconnected: keepalive timeout after 5 s"),
    },
  },
  {
    name: "old terminals know TLS 1.2",
    guilty: "Ingress: TLS 1.3 only",
    given: {
      ...deployed(
        [8 * hour, about],
        [
          23 * minute,
          codeowners,
          [
            "Ingress: TLS 1.3 only",
            { "charts/ingress/values.yaml": "-ssl-protocols: TLSv1.2 TLSv1.3\n+ssl-protocols: TLSv1.3" },
          ],
        ],
      ),
      alert: alerting(
        "TerminalsOffline",
        "points of sale that have not called for 10 minutes: > 100",
        {},
        4 * minute,
      ),
      series: [ruled("TerminalsOffline", { ago: 21 * minute, usual: 6, then: 1900, overMs: 10 * minute })],
      logs: [
        ...logOf("nginx"),
        ...heard(
          22 * minute,
          "SSL_do_handshake() failed (SSL: error:0A000102:SSL routines::unsupported protocol) while SSL handshaking",
          { service: "ingress", level: "warn" },
        ),
      ],
    },
  },
  {
    name: "sessions that never end",
    guilty: "Keep the basket of guests",
    given: {
      ...deployed(
        [
          10 * hour,
          [
            "Keep the basket of guests",
            {
              "src/session/store.js":
                "-await redis.set(key, body, { EX: 86400 });\n+await redis.set(key, body);",
            },
          ],
        ],
        [3 * hour, badges],
        [50 * minute, wording],
      ),
      alert: alerting(
        "RedisMemoryHigh",
        "Redis is using more than 90% of maxmemory",
        { instance: "sessions-0" },
        5 * minute,
      ),
      series: [ruled("RedisMemoryHigh", { ago: 7.5 * hour, usual: 0.38, then: 0.93, overMs: 7.5 * hour })],
      logs: logOf(
        "node",
        6 * minute,
        "ReplyError: OOM command not allowed when used memory > 'maxmemory'. command: SET sess:guest",
      ),
    },
  },
  {
    name: "bodies that are never closed",
    guilty: "Webhook sender: check the status only",
    given: {
      ...deployed(
        [
          4 * hour,
          [
            "Webhook sender: check the status only",
            {
              "internal/webhooks/send.go":
                "-defer resp.Body.Close()\n-io.Copy(io.Discard, resp.Body)\n return resp.StatusCode < 300, nil",
            },
          ],
          tidy,
        ],
        [90 * minute, receipts],
      ),
      alert: alerting("FileDescriptorsHigh", "process_open_fds / process_max_fds > 0.9", {}, 5 * minute),
      series: [
        ruled("FileDescriptorsHigh", { ago: 3.9 * hour, usual: 0.05, then: 0.99, overMs: 3.9 * hour }),
      ],
      logs: logOf(
        "go",
        8 * minute,
        'level=error msg="deliver webhook" err="dial tcp: lookup hooks.customer.example: socket: too many open files"',
      ),
    },
  },
  {
    name: "a major version in a small pull request",
    guilty: "Bump axios from 0.27.2 to 1.7.7",
    given: {
      ...deployed(
        [25 * hour, badges, locale],
        [
          16 * minute,
          [
            "Bump axios from 0.27.2 to 1.7.7",
            {
              "package.json": '-"axios": "^0.27.2"\n+"axios": "^1.7.7"',
              "package-lock.json": '-      "version": "0.27.2"\n+      "version": "1.7.7"',
            },
          ],
          wording,
        ],
      ),
      alert: alerting("CatalogErrors", "catalog pages fail", {}, 3 * minute),
      series: [ruled("CatalogErrors", { ago: 14 * minute, usual: 0.004, then: 0.27 })],
      logs: logOf(
        "node",
        14 * minute,
        "AxiosError: Unsupported protocol unix: at dispatchXhrRequest (/app/node_modules/axios/lib/adapters/http.js:212:14)",
      ),
    },
  },
  {
    name: "ten requests a minute",
    guilty: "Rate limits live in the chart",
    given: {
      ...deployed(
        [3 * hour, receipts],
        [
          28 * minute,
          [
            "Rate limits live in the chart",
            {
              "charts/gateway/values.yaml": "+rateLimit:\n+  requestsPerMinute: 10",
              "charts/gateway/templates/limit.yaml":
                "-        requests_per_unit: 100\n+        requests_per_unit: {{ .Values.rateLimit.requestsPerMinute }}",
            },
          ],
          tidy,
        ],
      ),
      alert: alerting("ClientErrorsHigh", "4xx ratio above 20%", { severity: "warning" }, 5 * minute),
      series: [ruled("ClientErrorsHigh", { ago: 27 * minute, usual: 0.03, then: 0.44, overMs: 4 * minute })],
      logs: [
        ...logOf("go"),
        ...heard(27 * minute, "429 rate_limited descriptor=client_id limit=10/MINUTE", {
          level: "warn",
          service: "gateway",
        }),
      ],
    },
  },
  {
    name: "tokens for another audience",
    guilty: "Check the audience of tokens",
    given: {
      ...deployed(
        [6 * hour, units],
        [
          7 * minute,
          firmware,
          [
            "Check the audience of tokens",
            {
              "src/auth/verify.rs":
                '-validation.validate_aud = false;\n+validation.set_audience(&["https://api.shop.example"]);',
            },
          ],
        ],
      ),
      alert: alerting("UnauthorizedSpike", "401s above 10 per second", {}, 2 * minute),
      series: [ruled("UnauthorizedSpike", { ago: 6 * minute, usual: 0.8, then: 55, overMs: minute })],
      logs: heard(6 * minute, "token rejected: InvalidAudience", { level: "warn" }).concat(logOf("iot")),
    },
  },
  {
    name: "half a cent",
    guilty: "Totals: sum of the rounded lines",
    given: {
      ...deployed(
        [29 * hour, wording],
        [
          2 * hour,
          [
            "Totals: sum of the rounded lines",
            {
              "src/Cart/Totals.php":
                "-return round(array_sum($lines), 2);\n+return array_sum(array_map(fn ($l) => round($l, 1), $lines));",
            },
          ],
          locale,
        ],
        [35 * minute, about],
      ),
      alert: alerting("CapturesRejected", "captures rejected by the PSP", {}, 5 * minute),
      series: [
        ruled("CapturesRejected", { ago: 110 * minute, usual: 0.002, then: 0.09, overMs: 70 * minute }),
      ],
      logs: logOf(
        "php",
        108 * minute,
        'capture rejected: {"code":"amount_mismatch","message":"Capture amount differs from sum of line totals"}',
      ),
    },
  },
  {
    name: "names of the cluster are asked of the office",
    guilty: "CoreDNS: forward to the resolver of the VPC",
    given: {
      ...deployed(
        [52 * hour, codeowners],
        [
          6 * minute,
          [
            "CoreDNS: forward to the resolver of the VPC",
            {
              "k8s/kube-system/coredns.yaml":
                "-    kubernetes cluster.local in-addr.arpa ip6.arpa\n+    kubernetes cluster.internal in-addr.arpa ip6.arpa\n-    forward . /etc/resolv.conf\n+    forward . 10.0.0.2",
            },
          ],
        ],
      ),
      alert: alerting("HighErrorRate", "5xx ratio > 5% for 2m", { severity: "critical" }, minute),
      series: [ruled("HighErrorRate", { ago: 5 * minute, usual: 0.002, then: 0.88 })],
      logs: logOf(
        "go",
        5 * minute,
        'level=error msg="load basket" err="dial tcp: lookup basket.prod.svc.cluster.local on 10.96.0.10:53: no such host"',
      ),
    },
  },
  {
    name: "a file with more features than fit",
    guilty: "Bot score: read all feature rows",
    given: {
      ...deployed(
        [11 * hour, units],
        [
          95 * minute,
          [
            "Bot score: read all feature rows",
            {
              "src/bots/features.rs":
                "-SELECT name, type FROM system.columns WHERE database = 'default'\n+SELECT name, type FROM system.columns",
            },
          ],
          changelog,
        ],
        [24 * minute, firmware],
      ),
      alert: alerting("EdgeProxy5xx", "proxy returns 5xx", { severity: "page" }, 2 * minute),
      series: [ruled("EdgeProxy5xx", { ago: 88 * minute, usual: 0.001, then: 0.46, overMs: 85 * minute })],
      logs: logOf(
        "iot",
        88 * minute,
        "thread fl2_worker_thread panicked at src/bots/features.rs:71: called Result::unwrap() on an Err value: TooManyFeatures(412)",
      ),
    },
  },
  {
    name: "a star before the word",
    guilty: "Search finds parts of words",
    given: {
      ...deployed(
        [5 * hour, giftCard],
        [
          26 * minute,
          [
            "Search finds parts of words",
            {
              "src/main/java/shop/search/QueryFactory.java":
                '-matchQuery("title", text)\n+wildcardQuery("title", "*" + text + "*")',
            },
          ],
          changelog,
        ],
      ),
      alert: alerting("SearchLatencyHigh", "p95 of /search over 1.5s", {}, 4 * minute),
      series: [ruled("SearchLatencyHigh", { ago: 24 * minute, usual: 0.2, then: 3.8 })],
      logs: [
        ...logOf("jvm"),
        ...heard(
          24 * minute,
          '[index.search.slowlog.query] took[4.1s], types[], search_type[QUERY_THEN_FETCH], source[{"query":{"wildcard"',
          { service: "elasticsearch", level: "warn" },
        ),
      ],
    },
  },
  {
    name: "the rule that let the shop in",
    guilty: "terraform: tidy security groups",
    given: {
      ...deployed(
        [33 * hour, receipts],
        [
          9 * minute,
          [
            "terraform: tidy security groups",
            {
              "terraform/db/security.tf":
                '-resource "aws_security_group_rule" "app_to_db" {\n-  from_port = 5432\n-}',
            },
          ],
          tidy,
        ],
      ),
      alert: alerting("ProbeFailed", "blackbox probe of https://shop.example failed", {}, 2 * minute),
      series: [ruled("ProbeFailed", { ago: 6 * minute, usual: 0.001, then: 1 })],
      logs: logOf(
        "go",
        6 * minute,
        'level=error msg="open database" err="dial tcp 10.4.2.17:5432: i/o timeout"',
      ),
    },
  },
];
