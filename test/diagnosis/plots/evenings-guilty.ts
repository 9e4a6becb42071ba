import { alerting, deployed, incoming, log, moved } from "./nights.ts";
import { hour, minute, type Plot } from "./plot.ts";

type Change = [string, Record<string, string>];
const labels: Change = [
  "Buttons in sentence case",
  { "web/messages/en.json": '-"add": "Add To Cart"\n+"add": "Add to cart"' },
];
const tags: Change = ["Tags of an article are sorted", { "pkg/tags/list.go": "+\tsort.Strings(tags)" }];
const trim: Change = [
  "Trim the name of a gift card",
  { "pkg/giftcards/name.go": "-\treturn name\n+\treturn strings.TrimSpace(name)" },
];
const notes: Change = ["Notes on the release", { "CHANGELOG.md": "+- gift cards" }];
const photo: Change = ["Photo of the team", { "web/pages/about.tsx": "+<Photo src='/team.jpg' />" }];
const stories: Change = [
  "stories for the price tag",
  { "web/stories/Price.stories.tsx": "+export const Big = {};" },
];

/** A change did it; written and played once before anything was mended after it. */
export const eveningsGuilty: Plot[] = [
  {
    name: "a number of a field is used again",
    guilty: "proto: a field for the tax",
    given: {
      ...deployed(
        [5 * hour, tags],
        [
          8 * minute,
          photo,
          [
            "proto: a field for the tax",
            { "proto/order.proto": "-  string note = 7;\n+  int64 tax_cents = 7;" },
          ],
        ],
      ),
      alert: alerting("ConsumerErrors", "orders cannot be read by the warehouse"),
      series: [moved("ConsumerErrors", { ago: 6 * minute, usual: 0, then: 0.95 })],
      logs: log(6 * minute, "proto: wrong wireType = 2 for field TaxCents"),
    },
  },
  {
    name: "the probe is impatient",
    guilty: "chart: probes of all services alike",
    given: {
      ...deployed(
        [7 * hour, trim],
        [
          18 * minute,
          [
            "chart: probes of all services alike",
            {
              "chart/values.yaml":
                "-  livenessProbe:\n-    timeoutSeconds: 10\n+  livenessProbe:\n+    timeoutSeconds: 1",
            },
          ],
          notes,
        ],
      ),
      alert: alerting("PodRestarts", "pods of shop restart again and again", { pod: "shop-6c4-q1" }),
      series: [moved("PodRestarts", { ago: 14 * minute, usual: 0, then: 14, overMs: 10 * minute })],
      logs: log(
        15 * minute,
        "Liveness probe failed: context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
        { service: "kubelet", level: "warn" },
      ),
    },
  },
  {
    name: "a column is dropped too early",
    guilty: "Migration: orders without legacy_state",
    given: {
      ...deployed(
        [27 * hour, labels],
        [
          5 * minute,
          [
            "Migration: orders without legacy_state",
            { "db/20261124_orders.sql": "+ALTER TABLE orders DROP COLUMN legacy_state;" },
          ],
          tags,
        ],
      ),
      alert: alerting("Errors5xx", "5xx of shop above 5 %"),
      series: [moved("Errors5xx", { ago: 4 * minute, usual: 0.001, then: 0.6 })],
      logs: log(4 * minute, "pq: column orders.legacy_state does not exist"),
    },
  },
  {
    name: "the app asks too deep",
    guilty: "graphql: guard against deep queries",
    given: {
      ...deployed(
        [4 * hour, photo],
        [
          9 * minute,
          stories,
          [
            "graphql: guard against deep queries",
            { "src/graphql/server.ts": "+  validationRules: [depthLimit(5)]," },
          ],
        ],
      ),
      alert: alerting("AppErrors", "the app shows errors to a fifth of its users"),
      series: [moved("AppErrors", { ago: 8 * minute, usual: 0.01, then: 0.2 })],
      logs: log(8 * minute, "GraphQLError: 'HomeScreen' exceeds maximum operation depth of 5"),
    },
  },
  {
    name: "each visitor has a cache for himself",
    guilty: "varnish: keep visitors apart",
    given: {
      ...deployed(
        [24 * hour, trim],
        [
          11 * minute,
          [
            "varnish: keep visitors apart",
            { "edge/default.vcl": "+sub vcl_hash { hash_data(req.http.Cookie); }" },
          ],
          labels,
        ],
      ),
      alert: alerting("BackendsBusy", "workers of shop are all busy"),
      series: [
        moved("BackendsBusy", { ago: 7 * minute, usual: 0.3, then: 1, overMs: 3 * minute }),
        incoming(9 * minute, 120, 1100),
      ],
    },
  },
  {
    name: "a default of the server is smaller",
    guilty: "Bump undertow from 2.2.24 to 2.3.10",
    given: {
      ...deployed(
        [6 * hour, notes],
        [
          13 * minute,
          [
            "Bump undertow from 2.2.24 to 2.3.10",
            {
              "pom.xml":
                "-  <undertow.version>2.2.24.Final</undertow.version>\n+  <undertow.version>2.3.10.Final</undertow.version>",
            },
          ],
          photo,
        ],
      ),
      alert: alerting("LatencyP95", "p95 of shop above 3 s"),
      series: [moved("LatencyP95", { ago: 12 * minute, usual: 0.3, then: 4.4 })],
      logs: log(
        12 * minute,
        "UT005071: Undertow request failed HttpServerExchange{ POST /cart}: java.util.concurrent.RejectedExecutionException at io.undertow.server.Connectors.executeRootHandler(Connectors.java:395)",
      ),
    },
  },
  {
    name: "a country is shut out",
    guilty: "Addresses: postal codes are digits",
    given: {
      ...deployed(
        [3 * hour, stories],
        [
          12 * minute,
          tags,
          [
            "Addresses: postal codes are digits",
            { "pkg/address/validate.go": "+var zip = regexp.MustCompile(`^[0-9]{4,5}$`)" },
          ],
        ],
      ),
      alert: alerting("AddressRejected", "addresses are refused", { country: "GB" }),
      series: [moved("AddressRejected", { ago: 10 * minute, usual: 0.02, then: 0.98 })],
    },
  },
  {
    name: "cents are lost",
    guilty: "Invoices: discount per line",
    given: {
      ...deployed(
        [9 * hour, labels],
        [
          35 * minute,
          [
            "Invoices: discount per line",
            {
              "pkg/invoice/total.go":
                "-\ttotal -= total * discount / 100\n+\tfor i := range lines {\n+\t\ttotal -= int64(math.Round(float64(lines[i].Cents) * discount / 100))\n+\t}",
            },
          ],
          photo,
        ],
      ),
      alert: alerting("InvoicesDiffer", "totals of invoices differ from those of orders"),
      series: [moved("InvoicesDiffer", { ago: 33 * minute, usual: 0, then: 61, overMs: 30 * minute })],
    },
  },
  {
    name: "a letter without its name",
    guilty: "Mails: templates take the customer",
    given: {
      ...deployed(
        [25 * hour, trim],
        [
          15 * minute,
          [
            "Mails: templates take the customer",
            {
              "mails/order.liquid": "-Hello {{ name }}\n+Hello {{ customer.first_name }}",
              "pkg/mails/render.go": '-\t"name": order.Name,',
            },
          ],
          notes,
        ],
      ),
      alert: alerting("MailsFail", "mails cannot be rendered", { template: "order" }),
      series: [moved("MailsFail", { ago: 13 * minute, usual: 0, then: 0.8 })],
      logs: log(13 * minute, "Liquid error: undefined variable customer in mails/order.liquid line 1"),
    },
  },
  {
    name: "tokens for someone else",
    guilty: "auth: check the audience",
    given: {
      ...deployed(
        [5 * hour, photo],
        [
          6 * minute,
          [
            "auth: check the audience",
            {
              "pkg/auth/verify.go":
                '+\tif !claims.VerifyAudience("shop-api", true) {\n+\t\treturn errAudience\n+\t}',
            },
          ],
          stories,
        ],
      ),
      alert: alerting("Unauthorised", "401 of shop above 30 %"),
      series: [moved("Unauthorised", { ago: 5 * minute, usual: 0.02, then: 0.44 })],
      logs: log(5 * minute, "token rejected: audience [shop-app] is not shop-api", { level: "warn" }),
    },
  },
  {
    name: "the nightly job has no room",
    guilty: "spark: one partition",
    given: {
      ...deployed(
        [
          10 * hour,
          ["spark: one partition", { "jobs/sales.py": '-    .repartition(200, "day")\n+    .coalesce(1)' }],
        ],
        [90 * minute, labels, trim],
      ),
      alert: alerting("JobFailed", "the job sales failed", { job: "sales" }),
      series: [moved("JobFailed", { ago: 10 * minute, usual: 0, then: 1 })],
      logs: log(
        10 * minute,
        "ExecutorLostFailure: Container killed by YARN for exceeding memory limits. 9.1 GB of 9 GB physical memory used. sales.py:41 coalesce",
        { service: "shop" },
      ),
    },
  },
  {
    name: "events are gone before they are read",
    guilty: "kafka: keep less",
    given: {
      ...deployed(
        [
          4 * hour,
          [
            "kafka: keep less",
            { "infra/topics.tf": '-    "retention.ms" = "604800000"\n+    "retention.ms" = "3600000"' },
          ],
        ],
        [55 * minute, tags, photo],
      ),
      alert: alerting("OffsetsLost", "the group reports starts from the beginning", { group: "reports" }),
      series: [moved("OffsetsLost", { ago: 8 * minute, usual: 0, then: 12 })],
      logs: log(
        8 * minute,
        "Offset 88123 is out of range for partition orders-3, resetting offset; retention of the topic passed",
      ),
    },
  },
  {
    name: "it may not grow with the morning",
    guilty: "k8s: sizes as in the other region",
    given: {
      ...deployed(
        [
          8 * hour,
          [
            "k8s: sizes as in the other region",
            { "deploy/hpa.yaml": "-  maxReplicas: 20\n+  maxReplicas: 3" },
          ],
        ],
        [75 * minute, stories, labels],
      ),
      alert: alerting("HpaMaxedOut", "shop runs at its maximum and is busy", {
        horizontalpodautoscaler: "shop",
      }),
      series: [moved("HpaMaxedOut", { ago: 25 * minute, usual: 0.4, then: 1, overMs: 15 * minute })],
    },
  },
  {
    name: "a route to nobody",
    guilty: "istio: route by version",
    given: {
      ...deployed(
        [26 * hour, trim],
        [
          4 * minute,
          [
            "istio: route by version",
            { "deploy/virtualservice.yaml": "-        subset: stable\n+        subset: v-2" },
          ],
          notes,
        ],
      ),
      alert: alerting("MeshErrors", "503 between gateway and shop"),
      series: [moved("MeshErrors", { ago: 3 * minute, usual: 0.001, then: 1 })],
      logs: log(
        3 * minute,
        "response_code_details: no_healthy_upstream response_flags: UH upstream_cluster: outbound|80|v-2|shop",
        { service: "gateway" },
      ),
    },
  },
  {
    name: "pictures are made while people wait",
    guilty: "Images: resize on request",
    given: {
      ...deployed(
        [6 * hour, tags, notes],
        [
          10 * minute,
          ["Images: resize on request", { "pkg/images/serve.go": "+\timg = resize.Lanczos(img, width)" }],
        ],
      ),
      alert: alerting("CpuHigh", "CPU of shop above 95 %", { route: "/images" }),
      series: [moved("CpuHigh", { ago: 9 * minute, usual: 0.35, then: 0.98, overMs: 2 * minute })],
    },
  },
  {
    name: "a function with an eighth of its memory",
    guilty: "lambda: save money",
    given: {
      ...deployed(
        [23 * hour, photo],
        [
          7 * minute,
          labels,
          ["lambda: save money", { "serverless.yml": "-    memorySize: 1024\n+    memorySize: 128" }],
        ],
      ),
      alert: alerting("FunctionErrors", "a third of the runs fail", { function: "shop-render" }),
      series: [moved("FunctionErrors", { ago: 6 * minute, usual: 0.001, then: 0.33 })],
      logs: log(
        6 * minute,
        "RequestId: 1f2e Error: Runtime exited with error: signal: killed Memory Size: 128 MB Max Memory Used: 128 MB",
      ),
    },
  },
  {
    name: "a newer runtime knows the hash no more",
    guilty: "Node 20",
    given: {
      ...deployed(
        [30 * hour, stories],
        [9 * minute, ["Node 20", { Dockerfile: "-FROM node:16-slim\n+FROM node:20-slim" }], trim],
      ),
      alert: alerting("ReceiptsFail", "receipts cannot be signed"),
      series: [moved("ReceiptsFail", { ago: 8 * minute, usual: 0.001, then: 1 })],
      logs: log(
        8 * minute,
        "Error: error:0308010C:digital envelope routines::unsupported code: 'ERR_OSSL_EVP_UNSUPPORTED'",
      ),
    },
  },
  {
    name: "nobody is recommended anything",
    guilty: "Recommend nothing that was bought",
    given: {
      ...deployed(
        [5 * hour, notes],
        [
          8 * minute,
          photo,
          [
            "Recommend nothing that was bought",
            { "pkg/recommend/query.sql": "+WHERE id NOT IN (SELECT article_id FROM order_lines)" },
          ],
        ],
      ),
      alert: alerting("NoRecommendations", "recommendations are empty"),
      series: [moved("NoRecommendations", { ago: 7 * minute, usual: 0.03, then: 1 })],
    },
  },
  {
    name: "connections sleep too long",
    guilty: "sockets: ping less often",
    given: {
      ...deployed(
        [28 * hour, labels],
        [
          6 * minute,
          tags,
          [
            "sockets: ping less often",
            { "src/sockets.ts": "-  pingInterval: 25_000,\n+  pingInterval: 300_000," },
          ],
        ],
      ),
      alert: alerting("Disconnects", "chats of shop are cut off"),
      series: [moved("Disconnects", { ago: 4 * minute, usual: 2, then: 340 })],
      logs: log(4 * minute, "socket closed by peer after 60 s without traffic", { level: "warn" }),
    },
  },
  {
    name: "a queue of the kernel is short",
    guilty: "ansible: sysctl from the template",
    given: {
      ...deployed(
        [7 * hour, trim, stories],
        [
          14 * minute,
          [
            "ansible: sysctl from the template",
            { "ansible/roles/base/sysctl.conf.j2": "-net.core.somaxconn = 4096\n+net.core.somaxconn = 128" },
          ],
        ],
      ),
      alert: alerting("ConnectErrors", "clients cannot connect to shop at peaks"),
      series: [moved("ConnectErrors", { ago: 9 * minute, usual: 0.001, then: 0.09 })],
      logs: log(
        9 * minute,
        "TCP: request_sock_TCP: Possible SYN flooding on port 8080. listen queue overflow, somaxconn 128",
        { service: "node" },
      ),
    },
  },
];
