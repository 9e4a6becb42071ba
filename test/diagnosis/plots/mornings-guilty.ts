import { alerting, also, deployed, incoming, log, moved } from "./nights.ts";
import { day, hour, minute, type Plot } from "./plot.ts";

// A fourth set, written before the evidence weighed how late a step comes after a deploy.

type Change = [string, Record<string, string>];

const avatars: Change = ["Round avatars", { "web/src/Avatar.tsx": '+className="rounded-full"' }];
const glossary: Change = ["Glossary for support", { "docs/glossary.md": "+RMA: return of goods" }];
const gifts: Change = [
  "Gift notes keep their line breaks",
  { "internal/gifts/note.go": '-\tnote = strings.ReplaceAll(note, "\\n", " ")' },
];
const filters: Change = [
  "Remember the filters of a category",
  { "web/src/filters.ts": "+sessionStorage.setItem('filters', JSON.stringify(filters))" },
];
const returnsPage: Change = [
  "Returns: show the label's carrier",
  { "internal/returns/view.go": "+\tView.Carrier = label.Carrier" },
];
const sizes: Change = ["Size chart in inches", { "web/src/SizeChart.tsx": "+{(cm / 2.54).toFixed(1)} in" }];
const unit: Change = [
  "Test the voucher's end date",
  { "internal/vouchers/end_test.go": "+func TestEnd(t *testing.T) {}" },
];

/** A change did it. */
export const morningsGuilty: Plot[] = [
  {
    name: "an expression that backtracks",
    guilty: "Firewall: match inline scripts in queries",
    given: {
      ...deployed(
        [4 * hour, avatars],
        [
          7 * minute,
          sizes,
          [
            "Firewall: match inline scripts in queries",
            {
              "edge/rules/xss.lua":
                "+  [[(?:\"|'|\\]|\\}|\\\\|\\d|(?:nan|infinity|true|false|null)\\s*\\b)*.*(?:.*=.*)]],",
            },
          ],
        ],
      ),
      alert: alerting("CpuSaturated", "CPU of shop is above 95 %"),
      series: [moved("CpuSaturated", { ago: 6 * minute, usual: 0.31, then: 0.99 })],
    },
  },
  {
    name: "a list asks once more for each of its rows",
    guilty: "Orders: show the courier's name",
    given: {
      ...deployed(
        [6 * hour, filters],
        [
          12 * minute,
          glossary,
          [
            "Orders: show the courier's name",
            {
              "internal/orders/list.go":
                "+\tfor i := range orders {\n+\t\torders[i].Courier = db.Courier(ctx, orders[i].CourierID)\n+\t}",
            },
          ],
          gifts,
        ],
      ),
      alert: alerting("LatencyHigh", "p95 of GET /orders above 2 s", { route: "/orders" }),
      series: [moved("LatencyHigh", { ago: 10 * minute, usual: 0.21, then: 3.8 })],
    },
  },
  {
    name: "clients try again without a pause",
    guilty: "App retries until it succeeds",
    given: {
      ...deployed(
        [5 * hour, unit, gifts],
        [
          20 * minute,
          [
            "App retries until it succeeds",
            {
              "web/src/api.ts": "-if (attempts > 3) throw error;\n-await pause(attempts * 1000);\n+continue;",
            },
          ],
        ],
      ),
      alert: alerting("RequestsDropped", "the gateway drops requests of shop"),
      series: [
        moved("RequestsDropped", { ago: 13 * minute, usual: 0.002, then: 0.4, overMs: 5 * minute }),
        incoming(15 * minute, 300, 1900),
      ],
    },
  },
  {
    name: "an index is gone",
    guilty: "Drop indexes that nothing uses",
    given: {
      ...deployed([
        8 * minute,
        avatars,
        [
          "Drop indexes that nothing uses",
          { "db/migrate/20261124_drop_indexes.sql": "+DROP INDEX orders_customer_id_idx;" },
        ],
      ]),
      alert: alerting("DatabaseCpuHigh", "CPU of shop-db above 90 %", { instance: "shop-db-1" }),
      series: [moved("DatabaseCpuHigh", { ago: 6 * minute, usual: 22, then: 97 })],
    },
  },
  {
    name: "a flag's name is used again",
    guilty: "Express checkout behind the flag fast_path",
    given: {
      ...deployed(
        [3 * hour, sizes],
        [
          14 * minute,
          glossary,
          [
            "Express checkout behind the flag fast_path",
            {
              "internal/checkout/express.go":
                '+\tif flags.On("fast_path") {\n+\t\treturn express(order)\n+\t}',
            },
          ],
        ],
      ),
      alert: alerting("OrdersTwice", "the same order was placed several times"),
      series: [moved("OrdersTwice", { ago: 13 * minute, usual: 0, then: 38 })],
      logs: log(13 * minute, 'checkout: duplicate key value violates unique constraint "orders_cart_id_key"'),
    },
  },
  {
    name: "servers of former deploys stay in the list",
    guilty: "Proxy: keep a slot for each backend",
    given: {
      ...deployed(
        [
          9 * hour,
          [
            "Proxy: keep a slot for each backend",
            {
              "ops/haproxy/render.py":
                "+    slots = slots + [b for b in backends if b not in slots]\n+    template.write(slots[:200])",
            },
          ],
        ],
        [2 * hour, avatars, gifts],
      ),
      alert: alerting("NoServer", "haproxy answers 503 for shop"),
      series: [moved("NoServer", { ago: 8 * minute, usual: 0.001, then: 0.3 })],
      logs: log(8 * minute, "backend shop_web has no server available! 200 of 200 slots are DOWN", {
        service: "haproxy",
      }),
    },
  },
  {
    name: "a setting that clients refuse",
    guilty: "Settings: key of the cache has a version",
    given: {
      ...deployed(
        [7 * hour, returnsPage],
        [
          5 * minute,
          [
            "Settings: key of the cache has a version",
            { "config/cache.yaml": '-key: "p:{id}"\n+key: "v2:p:{id}:{version}"' },
          ],
        ],
      ),
      alert: alerting("QueriesPerSecond", "queries to shop-db tripled"),
      series: [moved("QueriesPerSecond", { ago: 4 * minute, usual: 900, then: 7400 })],
    },
  },
  {
    name: "a certificate is pinned",
    guilty: "Pin the bank's certificate",
    given: {
      ...deployed([
        11 * minute,
        filters,
        [
          "Pin the bank's certificate",
          {
            "internal/bank/client.go":
              "+\tpool.AppendCertsFromPEM(intermediate2024)\n+\ttransport.TLSClientConfig.RootCAs = pool",
          },
        ],
        unit,
      ]),
      alert: alerting("BankCallsFail", "payments by bank transfer fail"),
      series: [moved("BankCallsFail", { ago: 9 * minute, usual: 0.01, then: 1 })],
      logs: log(
        9 * minute,
        "bank: Post https://psd2.bank.example/transfers: x509: certificate signed by unknown authority",
      ),
    },
  },
  {
    name: "a library writes another format",
    guilty: "build(deps): bump pylibmc from 1.6.3 to 1.7.0",
    given: {
      ...deployed(
        [26 * hour, avatars],
        [
          9 * minute,
          [
            "build(deps): bump pylibmc from 1.6.3 to 1.7.0",
            { "requirements.txt": "-pylibmc==1.6.3\n+pylibmc==1.7.0" },
          ],
          [
            "build(deps): bump black from 24.1 to 24.2",
            { "requirements-dev.txt": "-black==24.1\n+black==24.2" },
          ],
        ],
      ),
      alert: alerting("ErrorsHigh", "5xx of shop above 3 %"),
      series: [moved("ErrorsHigh", { ago: 7 * minute, usual: 0.001, then: 0.12 })],
      logs: log(
        7 * minute,
        "_pickle.UnpicklingError: invalid load key, '\\x80'\n  File \"/usr/lib/python3.11/site-packages/pylibmc/client.py\", line 143, in deserialize",
      ),
    },
  },
  {
    name: "a consumer fetches more than it can hold",
    guilty: "Consumer: fetch 50 MB at once",
    given: {
      ...deployed(
        [
          3 * hour,
          [
            "Consumer: fetch 50 MB at once",
            { "config/consumer.properties": "-fetch.max.bytes=1048576\n+fetch.max.bytes=52428800" },
          ],
        ],
        [50 * minute, sizes],
      ),
      alert: alerting("ConsumerLag", "events wait for more than ten minutes", { topic: "clicks" }),
      series: [moved("ConsumerLag", { ago: 2.9 * hour, usual: 300, then: 900_000, overMs: 2.9 * hour })],
      logs: log(
        2.9 * hour,
        "java.lang.OutOfMemoryError: Java heap space at org.apache.kafka.clients.consumer.internals.Fetcher.fetchRecords(Fetcher.java:617)",
      ),
    },
  },
  {
    name: "a job locks its table",
    guilty: "Queue: lock jobs in the database",
    given: {
      ...deployed(
        [5 * hour, returnsPage],
        [
          25 * minute,
          [
            "Queue: lock jobs in the database",
            {
              "internal/queue/take.go":
                "-\tSELECT id FROM jobs WHERE state = 'new' LIMIT 1\n+\tSELECT id FROM jobs WHERE state = 'new' ORDER BY created FOR UPDATE",
            },
          ],
          avatars,
        ],
      ),
      alert: alerting("JobsWait", "jobs wait longer than 15 minutes", { queue: "default" }),
      series: [moved("JobsWait", { ago: 23 * minute, usual: 4, then: 1300, overMs: 20 * minute })],
    },
  },
  {
    name: "a quota is counted as used up",
    guilty: "Quota: count by project",
    given: {
      ...deployed(
        [30 * hour, gifts],
        [
          6 * minute,
          [
            "Quota: count by project",
            { "internal/quota/usage.go": "-\tused := usage[user]\n+\tused := usage[project]" },
          ],
          glossary,
        ],
      ),
      alert: alerting("Rejected", "users are refused by shop", { code: "403" }),
      series: [moved("Rejected", { ago: 5 * minute, usual: 0.004, then: 0.66 })],
      logs: log(5 * minute, '{"level":"warn","msg":"over quota","used":1048576,"limit":0,"project":"p-17"}', {
        level: "warn",
      }),
    },
  },
  {
    name: "two versions that cannot speak",
    guilty: "linkerd 2.14 to 2.16",
    given: {
      ...deployed(
        [20 * hour, filters],
        [
          10 * minute,
          sizes,
          [
            "linkerd 2.14 to 2.16",
            { "deploy/mesh.yaml": "-  proxyVersion: stable-2.14.0\n+  proxyVersion: edge-2.16.1" },
          ],
        ],
      ),
      alert: alerting("GrpcUnavailable", "calls within shop fail with UNAVAILABLE"),
      series: [moved("GrpcUnavailable", { ago: 8 * minute, usual: 0, then: 0.9 })],
      logs: log(
        8 * minute,
        "rpc error: code = Unavailable desc = connection error: transport: error while dialing: linkerd proxy: unsupported protocol",
      ),
    },
  },
  {
    name: "everybody connects again at once",
    guilty: "Sessions: close those of the former release",
    given: {
      ...deployed([
        4 * minute,
        [
          "Sessions: close those of the former release",
          {
            "lib/gateway/session.ex":
              "+  def terminate(_, state), do: Enum.each(state.sockets, &Socket.close/1)",
          },
        ],
        unit,
      ]),
      alert: alerting("Handshakes", "websocket handshakes fail"),
      series: [
        moved("Handshakes", { ago: 3 * minute, usual: 0.01, then: 0.8 }),
        incoming(3 * minute, 200, 4000),
      ],
      logs: log(3 * minute, "gateway: too many sessions are being started, 41233 wait"),
    },
  },
  {
    name: "a variable of the environment is not set",
    guilty: "Cleaner: read the age from MAX_AGE",
    given: {
      ...deployed(
        [8 * hour, avatars, gifts],
        [
          35 * minute,
          [
            "Cleaner: read the age from MAX_AGE",
            {
              "cmd/cleaner/main.go":
                '-\tage := 30 * 24 * time.Hour\n+\tage, _ := time.ParseDuration(os.Getenv("MAX_AGE"))',
            },
          ],
        ],
      ),
      alert: alerting("ImagesMissing", "pictures of articles are not found", { job: "cleaner" }),
      series: [moved("ImagesMissing", { ago: 30 * minute, usual: 2, then: 4100, overMs: 25 * minute })],
      logs: log(30 * minute, "cleaner: deleted articles/88213.webp, older than 0s", { level: "info" }),
    },
  },
  {
    name: "the pool is too small in the morning",
    guilty: "Database: fewer connections for each process",
    given: {
      ...deployed(
        [
          11 * hour,
          [
            "Database: fewer connections for each process",
            { "config/database.yml": "-  pool: 25\n+  pool: 5" },
          ],
        ],
        [70 * minute, filters],
      ),
      alert: alerting("ErrorsHigh", "5xx of shop above 3 %"),
      series: [moved("ErrorsHigh", { ago: 12 * minute, usual: 0.001, then: 0.09, overMs: 4 * minute })],
      logs: log(
        12 * minute,
        "ActiveRecord::ConnectionTimeoutError: could not obtain a connection from the pool within 5.000 seconds; all pooled connections were in use",
      ),
    },
  },
  {
    name: "a loop of restarts at the edge",
    guilty: "Edge: try another origin on 5xx",
    given: {
      ...deployed(
        [45 * minute, sizes],
        [
          3 * minute,
          [
            "Edge: try another origin on 5xx",
            { "edge/main.vcl": "+  if (beresp.status >= 500) { set req.backend = F_other; restart; }" },
          ],
        ],
      ),
      alert: alerting("EdgeErrors", "503 at the edge for shop"),
      series: [moved("EdgeErrors", { ago: 2 * minute, usual: 0.003, then: 0.5 })],
      logs: log(2 * minute, "503 Max restarts limit reached", { service: "edge" }),
    },
  },
  {
    name: "cards are charged again",
    guilty: "Billing: read balances from the replica",
    given: {
      ...deployed(
        [2 * day, glossary],
        [
          15 * minute,
          [
            "Billing: read balances from the replica",
            {
              "internal/billing/balance.go":
                "-\treturn primary.Balance(account)\n+\treturn replica.Balance(account)",
            },
          ],
          filters,
        ],
      ),
      alert: alerting("ChargedTwice", "customers were charged more than once"),
      series: [moved("ChargedTwice", { ago: 13 * minute, usual: 0, then: 17 })],
    },
  },
  {
    name: "a limit of memory meets a cache",
    guilty: "Catalogue in memory",
    given: {
      ...deployed(
        [
          5 * hour,
          [
            "Catalogue in memory",
            {
              "internal/catalogue/cache.go":
                "+var all = map[string]*Article{}\n+func Get(id string) *Article { if a := all[id]; a != nil { return a }; a := load(id); all[id] = a; return a }",
            },
          ],
        ],
        [40 * minute, avatars, returnsPage],
      ),
      alert: alerting("MemoryNearLimit", "memory of shop above 90 % of its limit"),
      series: [moved("MemoryNearLimit", { ago: 4.9 * hour, usual: 0.35, then: 0.95, overMs: 4.9 * hour })],
    },
  },
  {
    name: "the new version only listens on localhost",
    guilty: "Server: bind to the address from the settings",
    given: {
      ...deployed(
        [22 * hour, returnsPage],
        [
          6 * minute,
          [
            "Server: bind to the address from the settings",
            {
              "cmd/shop/main.go":
                '-\thttp.ListenAndServe(":8080", mux)\n+\thttp.ListenAndServe(settings.Address("127.0.0.1:8080"), mux)',
            },
          ],
        ],
      ),
      alert: alerting("TargetDown", "no instance of shop can be scraped", { job: "shop" }),
      series: [moved("TargetDown", { ago: 5 * minute, usual: 1, then: 0 })],
      logs: [
        ...log(
          5 * minute,
          'Readiness probe failed: Get "http://10.8.3.4:8080/healthz": dial tcp 10.8.3.4:8080: connect: connection refused',
        ),
        ...also(
          5 * minute,
          "gateway",
          "upstream connect error or disconnect/reset before headers. reset reason: connection failure",
        ),
      ],
    },
  },
];
