import { alerting, deployed, log, moved } from "./nights.ts";
import { hour, minute, type Plot } from "./plot.ts";

type Change = [string, Record<string, string>];
const footer: Change = [
  "Footer with the new address",
  { "app/views/layouts/_footer.html.erb": "-Old Street 1\n+New Street 12" },
];
const wrapping: Change = [
  "Gift wrapping in two colours",
  { "app/models/wrapping.rb": "+  COLOURS = %w[red green].freeze" },
];
const lint: Change = [
  "rubocop: single quotes",
  { "app/helpers/date_helper.rb": "-  \"%d.%m.\"\n+  '%d.%m.'" },
];
const alpine: Change = [
  "Image: alpine instead of debian",
  { Dockerfile: "-FROM ruby:3.3-slim\n+FROM ruby:3.3-alpine" },
];
const faq: Change = ["FAQ: returns take five days", { "docs/faq.md": "+Returns take five days." }];
const sorting: Change = [
  "Brands in the order of the alphabet",
  { "app/controllers/brands_controller.rb": "-    @brands = Brand.all\n+    @brands = Brand.order(:name)" },
];

/** A change did it; written after the evidence weighed how late a step comes, and before it was tried. */
export const afternoonsGuilty: Plot[] = [
  {
    name: "a default scope hides what is sold",
    guilty: "Articles: only those that are active",
    given: {
      ...deployed(
        [5 * hour, footer],
        [
          9 * minute,
          wrapping,
          [
            "Articles: only those that are active",
            { "app/models/article.rb": "+  default_scope { where(active: true) }" },
          ],
          faq,
        ],
      ),
      alert: alerting("NotFoundHigh", "404 of shop above 10 %", { route: "/articles/:id" }),
      series: [moved("NotFoundHigh", { ago: 8 * minute, usual: 0.01, then: 0.31 })],
    },
  },
  {
    name: "a cookie that is not there",
    guilty: "Remember the currency in the session",
    given: {
      ...deployed(
        [26 * hour, sorting],
        [
          6 * minute,
          lint,
          [
            "Remember the currency in the session",
            { "src/session.js": "+const { currency } = JSON.parse(req.cookies.prefs);" },
          ],
        ],
      ),
      alert: alerting("Errors5xx", "5xx of shop above 5 %"),
      series: [moved("Errors5xx", { ago: 5 * minute, usual: 0.002, then: 0.41 })],
      logs: log(
        5 * minute,
        'SyntaxError: "undefined" is not valid JSON\n    at JSON.parse (<anonymous>)\n    at currencyOf (/app/src/session.js:18:29)',
      ),
    },
  },
  {
    name: "nothing may go out any more",
    guilty: "tf: close what is open",
    given: {
      ...deployed(
        [4 * hour, wrapping],
        [
          8 * minute,
          footer,
          [
            "tf: close what is open",
            { "infra/network.tf": '-  egress {\n-    from_port = 0\n-    cidr_blocks = ["0.0.0.0/0"]\n-  }' },
          ],
        ],
      ),
      alert: alerting("WebhooksFail", "webhooks to partners cannot be sent"),
      series: [moved("WebhooksFail", { ago: 7 * minute, usual: 0.01, then: 1 })],
      logs: log(7 * minute, "dial tcp 52.18.4.9:443: i/o timeout"),
    },
  },
  {
    name: "green threads take all connections",
    guilty: "gunicorn: gevent",
    given: {
      ...deployed(
        [30 * hour, faq],
        [
          12 * minute,
          [
            "gunicorn: gevent",
            {
              "gunicorn.conf.py":
                '-worker_class = "sync"\n+worker_class = "gevent"\n+worker_connections = 1000',
            },
          ],
          sorting,
        ],
      ),
      alert: alerting("DbConnections", "shop-db has no free connections"),
      series: [moved("DbConnections", { ago: 10 * minute, usual: 40, then: 500 })],
      logs: log(
        10 * minute,
        "FATAL: remaining connection slots are reserved for non-replication superuser connections",
      ),
    },
  },
  {
    name: "models are checked by stricter rules",
    guilty: "Bump pydantic from 1.10.13 to 2.5.2",
    given: {
      ...deployed([
        7 * minute,
        wrapping,
        [
          "Bump pydantic from 1.10.13 to 2.5.2",
          { "pyproject.toml": '-pydantic = "1.10.13"\n+pydantic = "2.5.2"' },
        ],
        ["Bump faker from 20.0 to 20.1", { "pyproject.toml": '-faker = "20.0"\n+faker = "20.1"' }],
      ]),
      alert: alerting("BadRequests", "400 and 422 of shop above 20 %"),
      series: [moved("BadRequests", { ago: 6 * minute, usual: 0.02, then: 0.55 })],
      logs: log(
        6 * minute,
        "pydantic_core._pydantic_core.ValidationError: 1 validation error for Order\nquantity\n  Input should be a valid integer [type=int_type, input_value='2', input_type=str]",
      ),
    },
  },
  {
    name: "reports need longer than they may",
    guilty: "db: no statement takes more than a second",
    given: {
      ...deployed([
        16 * minute,
        footer,
        [
          "db: no statement takes more than a second",
          { "config/database.yml": "-    statement_timeout: 30s\n+    statement_timeout: 1s" },
        ],
        lint,
      ]),
      alert: alerting("ReportsFail", "monthly reports cannot be made"),
      series: [moved("ReportsFail", { ago: 11 * minute, usual: 0.01, then: 0.7 })],
      logs: log(11 * minute, "PG::QueryCanceled: ERROR:  canceling statement due to statement timeout"),
    },
  },
  {
    name: "pictures are too large all at once",
    guilty: "nginx: the usual limits",
    given: {
      ...deployed(
        [3 * hour, sorting],
        [
          14 * minute,
          [
            "nginx: the usual limits",
            { "ops/nginx.conf": "-  client_max_body_size 20m;\n+  client_max_body_size 1m;" },
          ],
        ],
      ),
      alert: alerting("UploadsFail", "413 for a third of the uploads"),
      series: [moved("UploadsFail", { ago: 12 * minute, usual: 0.01, then: 0.34 })],
      logs: log(12 * minute, "client intended to send too large body: 3481922 bytes", { service: "nginx" }),
    },
  },
  {
    name: "browsers are kept away",
    guilty: "API: allow our own origins only",
    given: {
      ...deployed(
        [6 * hour, lint, faq],
        [
          5 * minute,
          [
            "API: allow our own origins only",
            { "src/cors.ts": "-  origin: true,\n+  origin: ['https://shop.example']," },
          ],
          wrapping,
        ],
      ),
      alert: alerting("JsErrors", "errors in browsers of shop: 40 times the usual"),
      series: [moved("JsErrors", { ago: 4 * minute, usual: 3, then: 130 })],
      logs: log(
        4 * minute,
        "Access to fetch at 'https://api.shop.example/cart' from origin 'https://www.shop.example' has been blocked by CORS policy",
        { service: "browser" },
      ),
    },
  },
  {
    name: "answers are compressed twice",
    guilty: "Compress answers in the application",
    given: {
      ...deployed(
        [20 * hour, sorting],
        [6 * minute, footer, ["Compress answers in the application", { "config.ru": "+use Rack::Deflater" }]],
      ),
      alert: alerting("MobileErrors", "the app cannot read answers of shop"),
      series: [moved("MobileErrors", { ago: 5 * minute, usual: 0.003, then: 0.6 })],
    },
  },
  {
    name: "links no longer open the app",
    guilty: "web: public folder without hidden files",
    given: {
      ...deployed([
        11 * minute,
        [
          "web: public folder without hidden files",
          {
            "public/.well-known/apple-app-site-association": '-{"applinks":{"details":[{"appID":"X.shop"}]}}',
            ".dockerignore": "+**/.*",
          },
        ],
        sorting,
      ]),
      alert: alerting("AppLinks", "links are not opened in the app", {
        path: "/.well-known/apple-app-site-association",
      }),
      series: [moved("AppLinks", { ago: 9 * minute, usual: 0.01, then: 0.98 })],
    },
  },
  {
    name: "a field has another type in the index",
    guilty: "Search: prices with cents",
    given: {
      ...deployed(
        [25 * hour, wrapping],
        [
          13 * minute,
          lint,
          [
            "Search: prices with cents",
            { "app/search/document.rb": "-  price: article.price.to_i\n+  price: article.price.to_s" },
          ],
        ],
      ),
      alert: alerting("IndexErrors", "articles cannot be indexed"),
      series: [moved("IndexErrors", { ago: 12 * minute, usual: 0.1, then: 42 })],
      logs: log(
        12 * minute,
        "mapper_parsing_exception: failed to parse field [price] of type [long] in document with id '8812'. Preview of field's value: '12.90'",
      ),
    },
  },
  {
    name: "nobody reads the new topic",
    guilty: "Events: topics are named by domain",
    given: {
      ...deployed(
        [
          50 * minute,
          [
            "Events: topics are named by domain",
            { "config/kafka.yml": "-topic: orders\n+topic: sales.orders" },
          ],
          faq,
        ],
        [15 * minute, footer],
      ),
      alert: alerting("NotShipped", "paid orders wait to be shipped", { topic: "orders" }),
      series: [moved("NotShipped", { ago: 48 * minute, usual: 10, then: 900, overMs: 48 * minute })],
    },
  },
  {
    name: "the image has no shell",
    guilty: "Image: alpine instead of debian",
    given: {
      ...deployed([8 * hour, sorting], [5 * minute, wrapping, alpine]),
      deploys: [
        [sorting[0], 8 * hour],
        [alpine[0], 5 * minute, { status: "failed" }],
      ],
      alert: alerting("KubePodCrashLooping", "Pod is crash looping", { container: "shop" }, 2 * minute),
      logs: log(4 * minute, "exec /app/bin/start: no such file or directory"),
    },
  },
  {
    name: "the export ran before the day was over",
    guilty: "Jobs in the time of the head office",
    given: {
      ...deployed(
        [
          15 * hour,
          [
            "Jobs in the time of the head office",
            {
              "config/schedule.rb":
                "-every 1.day, at: '23:30'\n+set :timezone, 'America/New_York'\n+every 1.day, at: '23:30'",
            },
          ],
        ],
        [65 * minute, footer, lint],
      ),
      alert: alerting("ExportMissing", "yesterday's export has not arrived", { job: "export" }),
      series: [moved("ExportMissing", { ago: 30 * minute, usual: 0, then: 1 })],
    },
  },
  {
    name: "everybody is one client",
    guilty: "Throttle by address",
    given: {
      ...deployed(
        [9 * hour, faq],
        [
          12 * minute,
          sorting,
          [
            "Throttle by address",
            {
              "config/initializers/rack_attack.rb":
                "+Rack::Attack.throttle('ip', limit: 300, period: 60) { |req| req.ip }",
            },
          ],
        ],
      ),
      alert: alerting("ClientErrors", "4xx of shop above 30 %", { code: "429" }),
      series: [moved("ClientErrors", { ago: 10 * minute, usual: 0.03, then: 0.62 })],
    },
  },
  {
    name: "a line for each article of each request",
    guilty: "Log the stock that was read",
    given: {
      ...deployed(
        [
          3 * hour,
          [
            "Log the stock that was read",
            { "app/stock/reader.rb": '+    logger.info("stock #{article.id}: #{stock}")' },
          ],
        ],
        [40 * minute, wrapping, footer],
      ),
      alert: alerting("LogVolumeFull", "the volume of the log collector will be full in an hour"),
      series: [moved("LogVolumeFull", { ago: 2.9 * hour, usual: 0.2, then: 0.91, overMs: 2.9 * hour })],
    },
  },
  {
    name: "one at a time",
    guilty: "Prices: never two updates at once",
    given: {
      ...deployed(
        [28 * hour, lint],
        [
          6 * minute,
          [
            "Prices: never two updates at once",
            {
              "src/main/java/shop/Prices.java":
                "-  public Price of(String id) {\n+  public synchronized Price of(String id) {",
            },
          ],
          faq,
        ],
      ),
      alert: alerting("LatencyP99", "p99 of shop above 4 s"),
      series: [moved("LatencyP99", { ago: 5 * minute, usual: 0.4, then: 7.5 })],
      logs: log(5 * minute, 'Thread "http-nio-8080-exec-12" BLOCKED on shop.Prices@1a2b3c for 4211 ms', {
        level: "warn",
      }),
    },
  },
  {
    name: "the cache server is asked for all of its keys",
    guilty: "Carts: count the open ones",
    given: {
      ...deployed(
        [2 * hour, wrapping],
        [
          9 * minute,
          footer,
          [
            "Carts: count the open ones",
            { "app/models/cart.rb": "+  def self.open = redis.keys('cart:*').size" },
          ],
        ],
      ),
      alert: alerting("RedisSlow", "commands of Redis take longer than 100 ms"),
      series: [moved("RedisSlow", { ago: 8 * minute, usual: 0.001, then: 0.62 })],
    },
  },
  {
    name: "a bucket may not be read",
    guilty: "s3: policies by role",
    given: {
      ...deployed(
        [21 * hour, sorting],
        [
          10 * minute,
          [
            "s3: policies by role",
            {
              "infra/bucket.tf":
                '-  actions = ["s3:GetObject", "s3:PutObject"]\n+  actions = ["s3:PutObject"]',
            },
          ],
          lint,
        ],
      ),
      alert: alerting("PicturesFail", "pictures of articles are not shown"),
      series: [moved("PicturesFail", { ago: 9 * minute, usual: 0.004, then: 0.95 })],
      logs: log(
        9 * minute,
        "AccessDenied: User: arn:aws:sts::1234:assumed-role/shop is not authorized to perform: s3:GetObject",
      ),
    },
  },
  {
    name: "fewer people buy",
    guilty: "Checkout in one step for everybody",
    given: {
      ...deployed(
        [5 * hour, faq, lint],
        [
          7 * minute,
          [
            "Checkout in one step for everybody",
            {
              "app/controllers/checkout_controller.rb":
                "-    return render :steps unless experiment?(:one_step)\n     render :one_step",
            },
          ],
        ],
      ),
      alert: alerting("OrdersPerMinute", "half as many orders as last week", {}, 1 * minute),
      series: [moved("OrdersPerMinute", { ago: 6 * minute, usual: 130, then: 61 })],
    },
  },
];
