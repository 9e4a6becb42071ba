import { event, grown, jump, pages, says } from "./field.ts";
import { c, day, hour, lines, minute, type Plot, shipped } from "./plot.ts";

const stickers = c(
  "Stickers: larger preview",
  { "app/stickers/preview.tsx": "-<Image width={120} />\n+<Image width={240} />" },
  5 * hour,
);
const labels = c(
  "Shipping labels print in A6",
  {
    "internal/labels/pdf.go": "-\tpage := pdf.A4\n+\tpage := pdf.A6\n \tdoc.AddPage(page)",
  },
  4 * hour,
);
const phrases = c(
  "Copy: friendlier words on the empty basket",
  { "locales/en.yml": '-  empty: "No items."\n+  empty: "Nothing here yet."' },
  3 * hour,
);
const newsletter = c(
  "Newsletter: double opt-in keeps the campaign",
  {
    "app/newsletter/confirm.rb": "+    subscriber.update!(campaign: params[:campaign])",
  },
  6 * hour,
);
const uploads = c(
  "Uploads: name files after their digest",
  {
    "src/uploads/name.py": '-    return f"{uuid4()}.jpg"\n+    return f"{digest(body)}.jpg"',
  },
  4 * hour,
);

/** No change did it; by the second hand. */
export const fieldInnocent: Plot[] = [
  {
    name: "object storage asks everybody to slow down",
    given: {
      ...shipped(95 * minute, uploads, phrases),
      alert: pages("UploadErrors", { summary: "pictures cannot be uploaded" }),
      series: [jump("UploadErrors", 7 * minute, 0.002, 0.41, "UploadErrors")],
      logs: [
        ...says(7 * minute, [
          "botocore.exceptions.ClientError: An error occurred (503) when calling the PutObject operation (reached max retries: 4): Slow Down",
        ]),
        ...lines(
          7 * minute,
          "An error occurred (InternalError) when calling the GetObject operation: We encountered an internal error. Please try again.",
          { service: "thumbnails" },
        ),
      ],
    },
  },
  {
    name: "the resolver of the cloud times out",
    given: {
      ...shipped(40 * minute, labels, stickers),
      alert: pages("CarrierErrors", { summary: "labels cannot be bought" }),
      series: [jump("CarrierErrors", 6 * minute, 0.003, 0.5, "CarrierErrors")],
      logs: [
        ...says(6 * minute, ["dial tcp: lookup api.carrier.example: Temporary failure in name resolution"]),
        ...lines(6 * minute, "dial tcp: lookup smtp.relay.example: Temporary failure in name resolution", {
          service: "mailer",
        }),
      ],
    },
  },
  {
    name: "the clock of a machine jumps",
    given: {
      ...shipped(5 * hour, newsletter),
      alert: pages("AuthRejected", { summary: "logins rejected on one machine" }, { node: "ip-10-0-3-17" }),
      series: [jump("AuthRejected", 4 * minute, 0.01, 0.33, "AuthRejected")],
      logs: says(4 * minute, [
        "JWT::ImmatureSignature: Signature nbf has not been reached (clock skew 312 s on ip-10-0-3-17)",
      ]),
    },
  },
  {
    name: "a person with ten million followers",
    given: {
      ...shipped(2 * hour, labels, phrases),
      alert: pages("LatencyP95", { summary: "p95 of shop above 2 s" }),
      series: [
        jump("LatencyP95", 6 * minute, 0.2, 3.1, "LatencyP95"),
        { ...jump("traffic", 8 * minute, 90, 620), load: true },
      ],
    },
  },
  {
    name: "stolen passwords are tried",
    given: {
      ...shipped(
        19 * hour,
        c(
          "Login: remember me is on by default",
          { "app/login/form.tsx": "-<Check name='remember' />\n+<Check name='remember' defaultChecked />" },
          20 * hour,
        ),
      ),
      alert: pages("LoginFailures", { summary: "login failures of shop are ten times the usual" }),
      series: [
        jump("LoginFailures", 9 * minute, 3, 45, "LoginFailures"),
        { ...jump("traffic", 9 * minute, 100, 310), load: true },
      ],
      logs: says(
        9 * minute,
        ['{"level":"warn","msg":"wrong password","ip":"203.0.113.77","agent":"python-requests/2.31"}'],
        { level: "warn" },
        1500,
      ),
    },
  },
  {
    name: "a node is gone",
    given: {
      ...shipped(20 * minute, phrases),
      alert: pages(
        "KubePodNotReady",
        { summary: "pods of shop are not ready" },
        { pod: "shop-6c8f7d9b54-x2kqz", node: "pool-a-19" },
      ),
      logs: [
        ...says(4 * minute, []),
        ...event(
          4 * minute,
          "NodeNotReady",
          "Node pool-a-19 is not ready: Kubelet stopped posting node status",
        ),
        ...event(
          3 * minute,
          "TaintManagerEviction",
          "Marking for deletion Pod shop/shop-6c8f7d9b54-x2kqz",
          "Normal",
        ),
      ],
    },
  },
  {
    name: "nobody touched it for six days",
    given: {
      commits: [
        c(
          "Stickers: order by season",
          { "app/stickers/list.tsx": "-sort(byName)\n+sort(bySeason)" },
          6.2 * day,
        ),
      ],
      deploys: [["Stickers: order by season", 6 * day]],
      alert: pages(
        "ErrorBudgetBurn",
        { summary: "shop burns its error budget 14 times too fast" },
        { slo: "availability" },
      ),
      series: [jump("ErrorBudgetBurn", 8 * minute, 0.4, 15, "ErrorBudgetBurn")],
    },
  },
  {
    name: "vacuum against wraparound",
    given: {
      ...shipped(
        6 * hour,
        c(
          "events: index by kind",
          { "db/migrations/20261124_kind.sql": "+CREATE INDEX CONCURRENTLY events_kind ON events (kind);" },
          7 * hour,
        ),
        stickers,
      ),
      alert: pages("DatabaseLatency", { summary: "statements take longer than 500 ms" }),
      series: [jump("DatabaseLatency", 16 * minute, 0.02, 0.9, "DatabaseLatency")],
      logs: says(
        16 * minute,
        ['automatic aggressive vacuum to prevent wraparound of table "shop.public.orders": index scans: 4'],
        { service: "postgres", level: "log" },
        60_000,
      ),
    },
  },
  {
    name: "the certificate of a partner",
    given: {
      ...shipped(70 * minute, newsletter, labels),
      alert: pages("CarrierUnavailable", { summary: "no answers from the carrier" }, { upstream: "carrier" }),
      series: [jump("CarrierUnavailable", 5 * minute, 0, 1, "CarrierUnavailable")],
      logs: says(5 * minute, [
        "SSL_connect returned=1 errno=0 peeraddr=198.51.100.9:443 state=error: certificate verify failed (certificate has expired)",
      ]),
    },
  },
  {
    name: "a feed of rates without the euro",
    given: {
      ...shipped(
        27 * hour,
        c(
          "Currencies: show the symbol behind the sum",
          { "src/money/format.ts": "-return symbol + sum;\n+return sum + ' ' + symbol;" },
          28 * hour,
        ),
      ),
      alert: pages("RatesStale", { summary: "exchange rates are older than six hours" }),
      series: [grown("RatesStale", 6 * hour, 0.1, 6.1, 12 * hour)],
      logs: says(
        6 * hour,
        ["rates: response of feed.centralbank.example has no entry for EUR, keeping yesterday's"],
        { level: "warn" },
        600_000,
      ),
    },
  },
  {
    name: "packets are lost between two zones",
    given: {
      ...shipped(3 * hour, stickers, uploads),
      alert: pages("GrpcUnavailable", { summary: "calls of shop fail with UNAVAILABLE" }),
      series: [
        jump("GrpcUnavailable", 5 * minute, 0.001, 0.22, "GrpcUnavailable"),
        { ...jump("errors", 5 * minute, 0.001, 0.2), service: "stock" },
        { ...jump("errors", 5 * minute, 0.002, 0.24), service: "identity" },
      ],
      logs: [
        ...says(5 * minute, [
          "rpc error: code = Unavailable desc = keepalive ping failed to receive ACK within timeout",
        ]),
        ...lines(
          5 * minute,
          "rpc error: code = Unavailable desc = keepalive ping failed to receive ACK within timeout",
          { service: "identity" },
        ),
      ],
    },
  },
  {
    name: "a person deletes a config map",
    given: {
      ...shipped(4.5 * hour, labels),
      alert: pages(
        "KubeContainerWaiting",
        { summary: "container of shop waits" },
        { container: "shop", reason: "CreateContainerConfigError" },
      ),
      logs: [
        ...says(6 * minute, []),
        ...event(6 * minute, "Failed", 'Error: configmap "shop-env" not found'),
        ...event(
          7 * minute,
          "Deleted",
          "configmap/shop-env deleted by jane@acme.example via kubectl",
          "Normal",
        ),
      ],
    },
  },
];
