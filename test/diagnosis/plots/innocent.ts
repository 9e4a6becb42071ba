import type { Plot } from "./plot.ts";
import {
  c,
  climbed,
  css,
  danish,
  day,
  fires,
  hour,
  invoice,
  logged,
  minute,
  now,
  reviews,
  runbook,
  shipped,
  stepped,
  tests,
  traffic,
  wishlist,
} from "./plot.ts";

const errors = fires("HighErrorRate", "more than 5 % of the requests to shop fail");
const fails = (ago: number) => stepped("HighErrorRate", ago, 0.002, 0.3);

/** Troubles that no change caused, so nothing may be proposed. */
export const innocent: Plot[] = [
  {
    name: "the first working day of the year, and a gateway of the cloud that loses packets",
    given: {
      ...shipped(2 * hour, invoice, css),
      alert: errors,
      series: [fails(6 * minute), traffic(20 * minute, 2.4)],
      logs: logged(
        6 * minute,
        "packet loss to 10.4.0.0/16 through tgw-0a1b",
        "upstream connect error or disconnect/reset before headers",
      ),
    },
  },
  {
    name: "a content network that answers 503",
    given: {
      ...shipped(26 * hour, reviews, css),
      alert: errors,
      series: [fails(5 * minute)],
      logs: logged(5 * minute, "503 from cache-fra19182: backend unhealthy, varnish guru meditation"),
    },
  },
  {
    name: "a region of the cloud has trouble",
    given: {
      ...shipped(95 * minute, wishlist, invoice),
      alert: errors,
      series: [fails(7 * minute)],
      logs: logged(
        7 * minute,
        "ServiceUnavailable: sts.us-east-1.amazonaws.com answered 503, cannot assume role",
      ),
    },
  },
  {
    name: "the certificate of our own certificate authority ends",
    given: {
      ...shipped(30 * minute, css, runbook),
      alert: errors,
      series: [fails(4 * minute)],
      logs: logged(
        4 * minute,
        "x509: certificate has expired or is not yet valid: current time 2026-11-24T11:56:00Z is after 2026-11-24T11:56:00Z",
      ),
    },
  },
  {
    name: "a name server under attack",
    given: {
      ...shipped(3 * hour, reviews, tests),
      alert: errors,
      series: [fails(8 * minute)],
      logs: logged(8 * minute, "lookup api.mail.example.net on 10.0.0.2:53: server misbehaving (SERVFAIL)"),
    },
  },
  {
    name: "the cloud moves the database",
    given: {
      ...shipped(50 * minute, invoice, danish),
      alert: errors,
      series: [fails(3 * minute)],
      logs: logged(
        3 * minute,
        "FATAL: the database system is in recovery mode",
        "terminating connection due to administrator command",
      ),
    },
  },
  {
    name: "a sale begins",
    given: {
      ...shipped(90 * minute, wishlist, css),
      alert: fires("ShopLatencyHigh", "p99 latency of shop above 2 s"),
      series: [stepped("ShopLatencyHigh", 8 * minute, 0.3, 4), traffic(9 * minute, 4)],
    },
  },
  {
    name: "a robot reads the whole catalogue",
    given: {
      ...shipped(4 * hour, reviews),
      alert: fires("ShopLatencyHigh", "p99 latency of shop above 2 s"),
      series: [stepped("ShopLatencyHigh", 10 * minute, 0.3, 3), traffic(11 * minute, 3)],
      logs: logged(11 * minute, "slow request /search?q=a agent=python-requests/2.31 from 203.0.113.77"),
    },
  },
  {
    name: "the database has no space left",
    given: {
      ...shipped(5 * hour, invoice, tests),
      alert: errors,
      series: [fails(6 * minute)],
      logs: logged(
        6 * minute,
        'PANIC: could not write to file "pg_wal/xlogtemp.311": No space left on device',
      ),
    },
  },
  {
    name: "a clock that runs away",
    given: {
      ...shipped(28 * hour, css, wishlist),
      alert: errors,
      series: [fails(9 * minute)],
      logs: logged(
        9 * minute,
        "KRB_AP_ERR_SKEW: clock skew too great",
        "RequestTimeTooSkewed: the difference between the request time and the current time is too large",
      ),
    },
  },
  {
    name: "machines that the provider takes back",
    given: {
      ...shipped(2.5 * hour, danish, reviews),
      alert: fires(
        "KubeDeploymentReplicasMismatch",
        "Deployment has not matched the expected number of replicas.",
        "",
        { deployment: "shop" },
      ),
      logs: logged(
        12 * minute,
        "node gke-pool-2-x1 is being preempted",
        "0/9 nodes are available: insufficient cpu",
      ),
    },
  },
  {
    name: "a partner that answers with a page of HTML",
    given: {
      ...shipped(
        4 * hour,
        c("partner: tell in the README whom to call", { "src/partner/README.md": "+Call Jane." }, 5 * hour),
        css,
      ),
      alert: fires("PartnerErrors", "requests to the partner fail", "", { upstream: "partner" }),
      series: [stepped("PartnerErrors", 6 * minute, 0, 0.9)],
      logs: logged(
        6 * minute,
        "invalid JSON from https://api.partner.example/stock: Unexpected token < in JSON at position 0, status 502",
      ),
    },
  },
  {
    name: "a flag that somebody turned on",
    given: {
      ...shipped(2 * hour, invoice, css),
      alert: errors,
      series: [fails(4 * minute)],
      over: {
        flags: [{ service: "shop", flag: "new-recommendations", change: "turned on", at: now - 5 * minute }],
      },
      logs: logged(4 * minute, "recommendations: model not loaded"),
    },
  },
  {
    name: "a person who works by hand",
    given: {
      ...shipped(6 * hour, wishlist, runbook),
      alert: errors,
      series: [fails(4 * minute)],
      logs: [
        ...logged(4 * minute, "redis: connection refused"),
        {
          at: now - 5 * minute,
          service: "shop",
          level: "info",
          text: "audit: user=bob verb=delete resource=statefulsets name=redis",
        },
      ],
    },
  },
  {
    name: "a bank that blocks us",
    given: {
      ...shipped(3 * hour, invoice),
      alert: fires("PaymentsFail", "payments of shop fail"),
      series: [stepped("PaymentsFail", 5 * minute, 0.003, 0.5)],
      logs: logged(
        5 * minute,
        "403 Forbidden from https://gateway.bank.example: request blocked by firewall, your address 198.51.100.4 is not on the list",
      ),
    },
  },
  {
    name: "one customer who imports two million rows",
    given: {
      ...shipped(100 * minute, css, reviews),
      alert: fires("QueueGrows", "the queue of shop grows", "", { queue: "imports" }),
      series: [climbed("QueueGrows", 30 * minute, 10, 90_000), traffic(30 * minute, 2.2)],
      logs: logged(30 * minute, "import of tenant megacorp: row 1200000 of 2000000"),
    },
  },
  {
    name: "the login provider changes its keys",
    given: {
      ...shipped(4.5 * hour, wishlist, danish),
      alert: fires("LoginSuccessLow", "fewer than 50 % of the logins succeed"),
      series: [stepped("LoginSuccessLow", 5 * minute, 0.97, 0.1)],
      logs: logged(
        5 * minute,
        "401 from https://login.example-idp.com/userinfo: invalid_token, the signing key has been revoked",
      ),
    },
  },
  {
    name: "a quota of the cloud",
    given: {
      ...shipped(2 * hour, css, invoice),
      alert: fires("ShopSaturated", "the workers of shop are all busy"),
      series: [stepped("ShopSaturated", 15 * minute, 0.5, 1)],
      logs: logged(15 * minute, "QUOTA_EXCEEDED: Quota 'CPUS' exceeded. Limit: 72.0 in region europe-west3"),
    },
  },
  {
    name: "a cache that grew for weeks",
    given: {
      ...shipped(3 * hour, reviews, css),
      alert: errors,
      series: [fails(5 * minute)],
      logs: logged(5 * minute, "OOM command not allowed when used memory > 'maxmemory'"),
    },
  },
  {
    name: "a disk that fills for days",
    given: {
      ...shipped(20 * minute, css, danish),
      alert: fires("DiskAlmostFull", "the disk of shop is 90 % full", "", { mountpoint: "/data" }),
      series: [
        {
          ...{ service: "shop", metric: "DiskAlmostFull's value", alert: "DiskAlmostFull" },
          points: Array.from({ length: 361 }, (_, index) => [
            now - (360 - index) * minute,
            0.87 + (0.031 * index) / 360,
          ]),
        },
      ],
    },
  },
  {
    name: "an exporter that is not reached",
    given: {
      ...shipped(2 * day, invoice, css),
      alert: fires("TargetDown", "100% of the shop targets are down.", "", { job: "node-exporter" }),
      logs: logged(5 * minute, "kubelet stopped posting node status"),
    },
  },
  {
    name: "a short stumble that nobody explains",
    given: {
      ...shipped(9 * hour, wishlist, tests),
      alert: errors,
      series: [fails(3 * minute)],
    },
  },
];
