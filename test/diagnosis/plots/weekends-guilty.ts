import { alerting, also, deployed, incoming, log, moved } from "./nights.ts";
import { day, hour, minute, type Plot } from "./plot.ts";

type Change = [string, Record<string, string>];
const crumbs: Change = [
  "Breadcrumbs on article pages",
  { "resources/views/crumbs.blade.php": "+<nav>{{ $article->category }}</nav>" },
];
const letter: Change = [
  "Letter of thanks after an order",
  { "resources/views/thanks.blade.php": "+<p>Thank you.</p>" },
];
const enums: Change = [
  "Enum for the kinds of a voucher",
  { "app/Enums/VoucherKind.php": "+enum VoucherKind: string { case Gift = 'gift'; }" },
];
const stan: Change = ["phpstan level 7", { "phpstan.neon": "-level: 6\n+level: 7" }];
const sitemap: Change = [
  "Sitemap lists brands",
  { "app/Sitemap.php": "+foreach (Brand::all() as $brand) $this->add($brand->url);" },
];
const phone: Change = [
  "Telephone number is optional",
  { "app/Http/Requests/AddressRequest.php": "-'phone' => 'required'\n+'phone' => 'nullable'" },
];

/** A change did it; written and played once before anything was mended after it. */
export const weekendsGuilty: Plot[] = [
  {
    name: "a field that the warehouse needs",
    guilty: "Telephone number is optional",
    given: {
      ...deployed([5 * hour, crumbs], [25 * minute, stan, phone, letter]),
      alert: alerting("LabelsFail", "no labels for parcels can be printed"),
      series: [moved("LabelsFail", { ago: 22 * minute, usual: 0.01, then: 0.25, overMs: 15 * minute })],
      logs: log(22 * minute, 'carrier answered 422: {"field":"phone","error":"may not be empty"}'),
    },
  },
  {
    name: "the autoloader does not know the class",
    guilty: "composer: autoload optimised",
    given: {
      ...deployed(
        [26 * hour, letter],
        [
          5 * minute,
          ["composer: autoload optimised", { "composer.json": '+"classmap-authoritative": true' }],
          crumbs,
        ],
      ),
      alert: alerting("Errors5xx", "5xx of shop above 5 %"),
      series: [moved("Errors5xx", { ago: 4 * minute, usual: 0.002, then: 0.5 })],
      logs: log(
        4 * minute,
        'PHP Fatal error:  Uncaught Error: Class "App\\Generated\\PriceProxy" not found in /app/vendor/composer/ClassLoader.php:571',
      ),
    },
  },
  {
    name: "the opcode cache is too small",
    guilty: "php.ini: as recommended",
    given: {
      ...deployed(
        [7 * hour, enums],
        [
          10 * minute,
          stan,
          [
            "php.ini: as recommended",
            { "docker/php.ini": "-opcache.memory_consumption=512\n+opcache.memory_consumption=64" },
          ],
        ],
      ),
      alert: alerting("CpuHigh", "CPU of shop above 90 %"),
      series: [moved("CpuHigh", { ago: 8 * minute, usual: 0.3, then: 0.96 })],
    },
  },
  {
    name: "sessions are on the machine's own disk",
    guilty: "Sessions in files",
    given: {
      ...deployed(
        [4 * hour, sitemap],
        [
          6 * minute,
          ["Sessions in files", { "config/session.php": "-'driver' => 'redis',\n+'driver' => 'file'," }],
          letter,
        ],
      ),
      alert: alerting("LoggedOut", "customers are logged out while they shop"),
      series: [moved("LoggedOut", { ago: 5 * minute, usual: 0.01, then: 0.66 })],
    },
  },
  {
    name: "the feed is read whole",
    guilty: "Feeds: parse at once",
    given: {
      ...deployed(
        [3 * hour, stan],
        [
          14 * minute,
          enums,
          [
            "Feeds: parse at once",
            {
              "app/Feeds/Reader.php":
                "-while ($reader->read()) {\n+foreach (simplexml_load_file($path)->item as $item) {",
            },
          ],
        ],
      ),
      alert: alerting("WorkersDie", "workers of the import die", { queue: "feeds" }),
      series: [moved("WorkersDie", { ago: 11 * minute, usual: 0, then: 6 })],
      logs: log(
        11 * minute,
        "PHP Fatal error:  Allowed memory size of 536870912 bytes exhausted (tried to allocate 20480 bytes) in /app/app/Feeds/Reader.php on line 31",
      ),
    },
  },
  {
    name: "a host of the mail server",
    guilty: "Mail over the new relay",
    given: {
      ...deployed(
        [2 * day, crumbs],
        [
          16 * minute,
          sitemap,
          [
            "Mail over the new relay",
            { "config/mail.php": "-'host' => 'smtp.shop.internal',\n+'host' => 'relay.shop.internal'," },
          ],
        ],
      ),
      alert: alerting("MailsWait", "more than a thousand mails wait"),
      series: [moved("MailsWait", { ago: 14 * minute, usual: 3, then: 1900, overMs: 12 * minute })],
      logs: log(
        14 * minute,
        'Connection could not be established with host "relay.shop.internal:587": stream_socket_client(): Connection refused',
      ),
    },
  },
  {
    name: "headers grow too large",
    guilty: "Cookies remember the last fifty articles",
    given: {
      ...deployed(
        [5 * hour, phone],
        [
          40 * minute,
          [
            "Cookies remember the last fifty articles",
            {
              "resources/js/recent.js":
                "+document.cookie = 'recent=' + JSON.stringify(articles.slice(0, 50));",
            },
          ],
          stan,
        ],
      ),
      alert: alerting("BadRequests", "400 of shop above 5 %"),
      series: [moved("BadRequests", { ago: 30 * minute, usual: 0.005, then: 0.11, overMs: 25 * minute })],
      logs: log(30 * minute, "400 Request Header Or Cookie Too Large", { service: "nginx", level: "warn" }),
    },
  },
  {
    name: "the search index has no name",
    guilty: "Search: index by environment",
    given: {
      ...deployed(
        [30 * hour, letter],
        [
          7 * minute,
          [
            "Search: index by environment",
            { "app/Search/Index.php": "-return 'articles';\n+return getenv('APP_ENV') . '_articles';" },
          ],
          sitemap,
        ],
      ),
      alert: alerting("SearchEmpty", "search finds nothing"),
      series: [moved("SearchEmpty", { ago: 6 * minute, usual: 0.04, then: 1 })],
      logs: log(6 * minute, "index_not_found_exception: no such index [_articles]"),
    },
  },
  {
    name: "a counter is locked by all",
    guilty: "Vouchers: count their uses",
    given: {
      ...deployed(
        [6 * hour, crumbs],
        [
          11 * minute,
          [
            "Vouchers: count their uses",
            {
              "app/Vouchers.php":
                "+DB::table('vouchers')->where('id', $id)->lockForUpdate()->increment('uses');",
            },
          ],
          letter,
        ],
      ),
      alert: alerting("LatencyHigh", "p95 of POST /orders above 5 s", { route: "/orders" }),
      series: [moved("LatencyHigh", { ago: 9 * minute, usual: 0.4, then: 11 })],
      logs: log(
        9 * minute,
        "SQLSTATE[HY000]: General error: 1205 Lock wait timeout exceeded; try restarting transaction",
      ),
    },
  },
  {
    name: "fewer machines than before",
    guilty: "tf: instances like the others",
    given: {
      ...deployed(
        [
          50 * minute,
          [
            "tf: instances like the others",
            {
              "infra/asg.tf":
                "-  desired_capacity = 12\n-  min_size = 8\n+  desired_capacity = 4\n+  min_size = 2",
            },
          ],
          enums,
        ],
        [20 * minute, phone],
      ),
      alert: alerting("CpuHigh", "CPU of shop above 90 %"),
      series: [moved("CpuHigh", { ago: 45 * minute, usual: 0.35, then: 0.97, overMs: 30 * minute })],
    },
  },
  {
    name: "a script blocks the page",
    guilty: "Consent banner by another provider",
    given: {
      ...deployed(
        [25 * hour, stan],
        [
          12 * minute,
          [
            "Consent banner by another provider",
            { "resources/views/app.blade.php": '+<script src="https://cdn.consent.example/v2.js"></script>' },
          ],
          sitemap,
        ],
      ),
      alert: alerting("Lcp", "pages take longer than 4 s to show"),
      series: [moved("Lcp", { ago: 10 * minute, usual: 1.9, then: 6.2 })],
    },
  },
  {
    name: "an upgrade of the framework",
    guilty: "laravel/framework 10.48 → 11.0",
    given: {
      ...deployed(
        [4 * hour, letter],
        [
          8 * minute,
          crumbs,
          [
            "laravel/framework 10.48 → 11.0",
            {
              "composer.json": '-"laravel/framework": "^10.48"\n+"laravel/framework": "^11.0"',
              "composer.lock": '-"version": "v10.48.4"\n+"version": "v11.0.3"',
            },
          ],
        ],
      ),
      alert: alerting("ScheduleStopped", "no scheduled job has run for five minutes"),
      series: [moved("ScheduleStopped", { ago: 6 * minute, usual: 60, then: 0 })],
      logs: log(
        6 * minute,
        'Symfony\\Component\\Console\\Exception\\CommandNotFoundException: There are no commands defined in the "schedule" namespace. at vendor/laravel/framework/src/Illuminate/Console/Application.php:84',
      ),
    },
  },
  {
    name: "an alert's query was changed",
    guilty: "alerts: one rate for all",
    given: {
      ...deployed(
        [3 * hour, phone],
        [
          9 * minute,
          [
            "alerts: one rate for all",
            {
              "monitoring/shop.rules.yml":
                " - alert: QueueOld\n-  expr: queue_age_seconds > 600\n+  expr: queue_age_seconds > 6",
            },
          ],
          enums,
        ],
      ),
      alert: alerting("QueueOld", "messages of shop are old"),
    },
  },
  {
    name: "only new pods fail",
    guilty: "Config is read from a secret",
    given: {
      ...deployed(
        [20 * hour, sitemap],
        [
          13 * minute,
          [
            "Config is read from a secret",
            {
              "deploy/deployment.yaml":
                "-        envFrom: [{ configMapRef: { name: shop } }]\n+        envFrom: [{ secretRef: { name: shop-config } }]",
            },
          ],
          letter,
        ],
      ),
      alert: alerting("KubePodNotReady", "pod is not ready for ten minutes", { pod: "shop-58c-7" }),
      logs: log(12 * minute, 'Error: secret "shop-config" not found', { service: "kubelet" }),
    },
  },
  {
    name: "a loop between two pages",
    guilty: "Redirect to the domain without www",
    given: {
      ...deployed(
        [6 * hour, enums, stan],
        [
          5 * minute,
          [
            "Redirect to the domain without www",
            {
              "ops/nginx.conf":
                "+  if ($host = www.shop.example) { return 301 https://shop.example$request_uri; }",
            },
          ],
        ],
      ),
      alert: alerting("ProbeFailed", "probe of https://www.shop.example fails", {
        instance: "https://www.shop.example",
      }),
      series: [moved("ProbeFailed", { ago: 4 * minute, usual: 1, then: 0 })],
      logs: log(4 * minute, "Get https://shop.example/: stopped after 10 redirects", { service: "blackbox" }),
    },
  },
  {
    name: "another service needs what was taken away",
    guilty: "API: v1 is gone",
    given: {
      ...deployed(
        [28 * hour, crumbs],
        [
          7 * minute,
          phone,
          ["API: v1 is gone", { "routes/api.php": "-Route::get('/v1/stock/{id}', StockController::class);" }],
        ],
      ),
      alert: alerting("NotFound", "404 of shop above 20 %"),
      series: [moved("NotFound", { ago: 6 * minute, usual: 0.01, then: 0.33 })],
      logs: also(6 * minute, "warehouse", "GET http://shop/api/v1/stock/881 returned 404"),
    },
  },
  {
    name: "files stay open",
    guilty: "Export: a file for each customer",
    given: {
      ...deployed(
        [
          5 * hour,
          [
            "Export: a file for each customer",
            { "app/Export.php": "+$file = fopen($path, 'w');\n+fwrite($file, $rows);" },
          ],
        ],
        [45 * minute, letter, crumbs],
      ),
      alert: alerting("OpenFiles", "shop has nearly as many files open as it may"),
      series: [moved("OpenFiles", { ago: 4.9 * hour, usual: 0.1, then: 0.94, overMs: 4.9 * hour })],
    },
  },
  {
    name: "visits are counted in the database",
    guilty: "Count who looks at an article",
    given: {
      ...deployed(
        [9 * hour, stan],
        [
          10 * minute,
          sitemap,
          [
            "Count who looks at an article",
            { "app/Http/Middleware/Visits.php": "+Article::find($id)->increment('visits');" },
          ],
        ],
      ),
      alert: alerting("DbWrites", "shop-db writes ten times as much"),
      series: [moved("DbWrites", { ago: 8 * minute, usual: 90, then: 1300 })],
    },
  },
  {
    name: "a page asks every second",
    guilty: "Basket shows the stock live",
    given: {
      ...deployed(
        [4 * hour, phone],
        [
          12 * minute,
          [
            "Basket shows the stock live",
            { "resources/js/basket.js": "+setInterval(() => fetch('/stock'), 1000);" },
          ],
          enums,
        ],
      ),
      alert: alerting("Busy", "all workers of shop are busy"),
      series: [
        moved("Busy", { ago: 8 * minute, usual: 0.4, then: 1, overMs: 5 * minute }),
        incoming(10 * minute, 200, 1500),
      ],
    },
  },
  {
    name: "numbers with a comma",
    guilty: "Prices in the way of the country",
    given: {
      ...deployed(
        [24 * hour, letter],
        [
          9 * minute,
          [
            "Prices in the way of the country",
            { "app/Price.php": "-return (string) $amount;\n+return number_format($amount, 2, ',', '.');" },
          ],
          sitemap,
        ],
      ),
      alert: alerting("PaymentsRefused", "payments are refused"),
      series: [moved("PaymentsRefused", { ago: 8 * minute, usual: 0.03, then: 0.97 })],
      logs: log(8 * minute, 'payhub answered 400 {"error":"amount is not a number","amount":"12,90"}'),
    },
  },
];
