import { type Change, gauge, heard, logOf, requests, ruled } from "./blind.ts";
import { alerting, deployed } from "./nights.ts";
import { hour, minute, type Plot } from "./plot.ts";

const hint: Change = [
  "Hint under the field for the postcode",
  { "resources/views/address.blade.php": "+<small>5 digits</small>" },
];
const enumOf: Change = [
  "Enum for carriers",
  { "app/Enums/Carrier.php": "+enum Carrier: string { case Dhl = 'dhl'; }" },
];
const renovate: Change = ["renovate: group the linters", { "renovate.json": '+"groupName": "linters"' }];
const audit: Change = ["Audit: who changed a price", { "app/models/price.rb": "+has_paper_trail" }];
const colour: Change = ["Colour of the buttons", { "app/assets/stylesheets/buttons.css": "-#06c\n+#05a" }];
const proto: Change = ["Comments in basket.proto", { "proto/basket.proto": "+// The basket of a customer." }];
const trace: Change = [
  "Span for the price calculation",
  { "internal/price/price.go": '+ctx, span := tracer.Start(ctx, "price")' },
];
const avatars: Change = [
  "Avatars have round corners",
  { "src/profile/avatar.tsx": '+className="rounded-full"' },
];
const story: Change = [
  "Storybook for the date picker",
  { "src/ui/DatePicker.stories.tsx": "+export const Default = {};" },
];
const swagger: Change = [
  "Swagger: describe errors",
  { "src/Api/Swagger.cs": "+options.AddProblemDetails();" },
];

/** The third part: a change did it. */
export const blindGuiltyLast: Plot[] = [
  {
    name: "all jobs at the same minute",
    guilty: "Cron: one schedule for all reports",
    given: {
      ...deployed(
        [
          9 * hour,
          [
            "Cron: one schedule for all reports",
            { "k8s/cron/reports.yaml": '-  schedule: "{{ .minute }} 3 * * *"\n+  schedule: "55 11 * * *"' },
          ],
          renovate,
        ],
        [2 * hour, colour],
      ),
      alert: alerting(
        "DatabaseConnectionsHigh",
        "connections > 90% of max_connections",
        { instance: "pg-main" },
        minute,
      ),
      series: [ruled("DatabaseConnectionsHigh", { ago: 5 * minute, usual: 0.4, then: 0.99 })],
      logs: [
        ...logOf("rails", 5 * minute, "PG::ConnectionBad (FATAL:  sorry, too many clients already)"),
        ...heard(5 * minute, "Created job reports-tenant-114 for cronjob reports", {
          service: "kube-events",
          level: "info",
        }),
      ],
    },
  },
  {
    name: "the cookie stays at home",
    guilty: "Session cookie: SameSite=Strict",
    given: {
      ...deployed(
        [27 * hour, enumOf],
        [
          21 * minute,
          hint,
          [
            "Session cookie: SameSite=Strict",
            { "config/session.php": "-'same_site' => 'lax',\n+'same_site' => 'strict'," },
          ],
        ],
      ),
      alert: alerting("OrdersPerMinuteLow", "fewer orders than usual", { severity: "page" }, 4 * minute),
      series: [ruled("OrdersPerMinuteLow", { ago: 19 * minute, usual: 60, then: 22 })],
      logs: [
        ...logOf("php"),
        ...heard(19 * minute, "return from payment without session, redirected to /login", { level: "warn" }),
      ],
    },
  },
  {
    name: "another secret for the webhooks",
    guilty: "Stripe: read the secret by endpoint",
    given: {
      ...deployed(
        [4 * hour, audit],
        [
          34 * minute,
          [
            "Stripe: read the secret by endpoint",
            {
              "app/controllers/stripe_webhooks_controller.rb":
                "-secret = ENV.fetch('STRIPE_WEBHOOK_SECRET')\n+secret = ENV.fetch(\"STRIPE_SECRET_#{params[:endpoint].upcase}\")",
            },
          ],
          colour,
        ],
      ),
      alert: alerting("WebhooksRejected", "webhooks answered 400: over half", {}, 5 * minute),
      series: [ruled("WebhooksRejected", { ago: 31 * minute, usual: 0.01, then: 0.95 })],
      logs: logOf(
        "rails",
        31 * minute,
        "Stripe::SignatureVerificationError (No signatures found matching the expected signature for payload)",
      ),
    },
  },
  {
    name: "a mail that wants a link",
    guilty: "Mail: link to the tracking page",
    given: {
      commits: deployed(
        [3 * hour, colour],
        [
          18 * minute,
          audit,
          [
            "Mail: link to the tracking page",
            { "app/views/order_mailer/shipped.html.erb": "+<%= link_to 'Track', tracking_url(@shipment) %>" },
          ],
        ],
      ).commits,
      alert: alerting("SidekiqDead", "dead jobs are growing", { queue: "mailers" }, 4 * minute),
      series: [ruled("SidekiqDead", { ago: 14 * minute, usual: 1, then: 340, overMs: 12 * minute })],
      logs: logOf(
        "rails",
        14 * minute,
        "ActionView::Template::Error (undefined method `tracking_url' for #<ActionView::Base:0x000000000a1b18>)",
      ),
    },
  },
  {
    name: "a number that was taken",
    guilty: "basket.proto: coupon of an item",
    given: {
      ...deployed(
        [28 * hour, proto],
        [
          13 * minute,
          trace,
          [
            "basket.proto: coupon of an item",
            { "proto/basket.proto": "-  int64 quantity = 4;\n+  string coupon = 4;\n+  int64 quantity = 5;" },
          ],
        ],
      ),
      alert: alerting(
        "GrpcErrors",
        "grpc_server_handled_total code!=OK above 5%",
        { grpc_service: "Basket" },
        3 * minute,
      ),
      series: [ruled("GrpcErrors", { ago: 12 * minute, usual: 0.002, then: 0.36, overMs: 2 * minute })],
      logs: [
        ...logOf(
          "go",
          12 * minute,
          'level=error msg="get basket" err="rpc error: code = Internal desc = grpc: failed to unmarshal the received message: proto: cannot parse invalid wire-format data"',
        ),
      ],
    },
  },
  {
    name: "the role may not write",
    guilty: "IAM: least privilege for uploads",
    given: {
      ...deployed(
        [5 * hour, avatars],
        [
          10 * minute,
          [
            "IAM: least privilege for uploads",
            { "infra/iam/uploads.json": '-"Action": "s3:*"\n+"Action": ["s3:GetObject", "s3:ListBucket"]' },
          ],
          story,
        ],
      ),
      alert: alerting("UploadFailures", "uploads fail", {}, 2 * minute),
      series: [ruled("UploadFailures", { ago: 8 * minute, usual: 0.004, then: 0.97 })],
      logs: logOf(
        "node",
        8 * minute,
        "AccessDenied: User: arn:aws:sts::111122223333:assumed-role/uploads is not authorized to perform: s3:PutObject on resource",
      ),
    },
  },
  {
    name: "dates with a zone",
    guilty: "Delivery dates carry their zone",
    given: {
      ...deployed(
        [
          31 * hour,
          ["Basket: less logging", { "src/main/resources/logback.xml": '-level="DEBUG"\n+level="INFO"' }],
        ],
        [
          22 * minute,
          [
            "Delivery dates carry their zone",
            {
              "src/main/java/shop/delivery/DateParser.java":
                "-LocalDate.parse(text)\n+ZonedDateTime.parse(text)",
            },
          ],
          ["Javadoc of Voucher", { "src/main/java/shop/Voucher.java": "+/** Worth an amount. */" }],
        ],
      ),
      alert: alerting("DeliverySlotsFail", "delivery slots are not shown", {}, 4 * minute),
      series: [ruled("DeliverySlotsFail", { ago: 20 * minute, usual: 0.003, then: 0.6, overMs: 2 * minute })],
      logs: logOf(
        "jvm",
        20 * minute,
        "java.time.format.DateTimeParseException: Text '2026-11-27' could not be parsed at index 10 at shop.delivery.DateParser.parse(DateParser.java:24)",
      ),
    },
  },
  {
    name: "hashing on the loop",
    guilty: "bcryptjs in place of bcrypt",
    given: {
      ...deployed(
        [6 * hour, story],
        [
          48 * minute,
          avatars,
          [
            "bcryptjs in place of bcrypt",
            {
              "src/auth/password.ts":
                "-import bcrypt from 'bcrypt';\n+import bcrypt from 'bcryptjs';\n-await bcrypt.compare(given, hash)\n+bcrypt.compareSync(given, hash)",
            },
          ],
        ],
      ),
      alert: alerting("EventLoopLag", "nodejs_eventloop_lag_p99_seconds > 0.5", {}, 5 * minute),
      series: [
        ruled("EventLoopLag", { ago: 45 * minute, usual: 0.02, then: 0.9 }),
        gauge("process_cpu", { ago: 45 * minute, usual: 0.3, then: 0.98 }),
      ],
      logs: logOf("node"),
    },
  },
  {
    name: "no more than four",
    guilty: "HPA: save at night",
    given: {
      ...deployed(
        [26 * hour, trace],
        [
          85 * minute,
          ["HPA: save at night", { "k8s/hpa.yaml": "-  maxReplicas: 40\n+  maxReplicas: 4" }],
          proto,
        ],
      ),
      alert: alerting(
        "CPUThrottlingHigh",
        "throttling of CPU in namespace prod",
        { container: "shop" },
        5 * minute,
      ),
      series: [
        ruled("CPUThrottlingHigh", { ago: 78 * minute, usual: 0.05, then: 0.85, overMs: 10 * minute }),
        gauge("replicas", { ago: 80 * minute, usual: 14, then: 4 }),
      ],
      logs: [
        ...logOf("go"),
        ...heard(
          78 * minute,
          "New size: 4; reason: the desired replica count is more than the maximum replica count",
          { service: "kube-events", level: "warn" },
        ),
      ],
    },
  },
  {
    name: "another libc for the thumbnails",
    guilty: "Dockerfile: alpine",
    given: {
      ...deployed(
        [24 * hour, avatars],
        [
          15 * minute,
          ["Dockerfile: alpine", { Dockerfile: "-FROM node:22-bookworm\n+FROM node:22-alpine" }],
          renovate,
        ],
      ),
      alert: alerting("ThumbnailErrors", "thumbnails answered 500", {}, 3 * minute),
      series: [ruled("ThumbnailErrors", { ago: 13 * minute, usual: 0.003, then: 0.99 })],
      logs: logOf(
        "node",
        13 * minute,
        "Error: Error relocating /app/node_modules/sharp/build/Release/sharp.node: __memcpy_chk: symbol not found (ERR_DLOPEN_FAILED)",
      ),
    },
  },
  {
    name: "nobody registered the calculator",
    guilty: "Shipping costs by zone",
    given: {
      ...deployed(
        [7 * hour, swagger],
        [
          5 * minute,
          [
            "Shipping costs by zone",
            { "src/Shipping/ShippingService.cs": "+public ShippingService(IZoneCalculator zones)" },
          ],
          ["Nullable in tests", { "tests/Tests.csproj": "+<Nullable>enable</Nullable>" }],
        ],
      ),
      alert: alerting("Http5xxHigh", "5xx > 2%", { severity: "critical" }, 2 * minute),
      series: [
        ruled("Http5xxHigh", { ago: 4 * minute, usual: 0.001, then: 0.22 }),
        requests({ ago: 4 * minute, usual: 120, then: 118 }),
      ],
      logs: logOf(
        "jvm",
        4 * minute,
        "System.InvalidOperationException: Unable to resolve service for type 'Shop.Shipping.IZoneCalculator' while attempting to activate 'Shop.Shipping.ShippingService'.",
      ),
    },
  },
  {
    name: "the deploy is reported when the last pod is ready",
    guilty: "Settings: PAYMENT_URL becomes PAYMENTS_BASE_URL",
    given: {
      ...deployed(
        [30 * hour, ["Docs of the settings", { "docs/settings.md": "+PAYMENT_URL: where payments are" }]],
        [
          4 * minute,
          [
            "Settings: PAYMENT_URL becomes PAYMENTS_BASE_URL",
            {
              "shop/settings.py":
                "-PAYMENT_URL = os.environ['PAYMENT_URL']\n+PAYMENT_URL = os.environ['PAYMENTS_BASE_URL']",
            },
          ],
          ["Translations from Crowdin", { "locale/de/LC_MESSAGES/django.po": '+msgstr "Bestellung"' }],
        ],
      ),
      alert: alerting("PaymentsDown", "no payment for 5 minutes", { severity: "page" }, minute),
      series: [ruled("PaymentsDown", { ago: 7 * minute, usual: 0.01, then: 0.8 })],
      logs: logOf("python", 7 * minute, "KeyError: 'PAYMENTS_BASE_URL' in shop/settings.py, line 61"),
    },
  },
];
