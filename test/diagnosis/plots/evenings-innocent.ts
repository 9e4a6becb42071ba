import { alerting, deployed, incoming, log, moved } from "./nights.ts";
import { hour, minute, type Plot } from "./plot.ts";

type Change = [string, Record<string, string>];
const heading: Change = [
  "Heading of the login page",
  { "web/pages/login.tsx": "-<h1>Login</h1>\n+<h1>Welcome back</h1>" },
];
const carrier: Change = [
  "Carriers in alphabetical order",
  { "pkg/shipping/carriers.go": "+\tslices.Sort(carriers)" },
];
const gift: Change = [
  "Gift cards show their balance",
  { "pkg/giftcards/view.go": "+\tview.Balance = card.Balance" },
];
const grid: Change = [
  "A grid of four on wide screens",
  { "web/styles/grid.css": "+@media (min-width: 1200px) { .grid { columns: 4 } }" },
];
const readme: Change = ["How to start the shop locally", { "README.md": "+make dev" }];

/** No change did it; written and played once before anything was mended after it. */
export const eveningsInnocent: Plot[] = [
  {
    name: "the answers about revoked certificates are late",
    given: {
      ...deployed([5 * hour, gift], [21 * minute, carrier]),
      alert: alerting("HandshakesFail", "clients cannot shake hands with shop"),
      series: [moved("HandshakesFail", { ago: 4 * minute, usual: 0.002, then: 0.3 })],
      logs: log(4 * minute, "OCSP_basic_verify failed: OCSP responder of the CA says: try later"),
    },
  },
  {
    name: "the provider has no machines left",
    given: {
      ...deployed([48 * minute, gift, heading]),
      alert: alerting("PodsPending", "pods of shop wait for a node"),
      series: [moved("PodsPending", { ago: 9 * minute, usual: 0, then: 7 })],
      logs: log(
        9 * minute,
        "cluster-autoscaler: scale-up of group eu-west-1a failed: Could not launch On-Demand Instances. We currently do not have sufficient m6i.large capacity",
        { service: "autoscaler" },
      ),
    },
  },
  {
    name: "thieves try passwords",
    given: {
      ...deployed([8 * hour, carrier], [14 * minute, heading]),
      alert: alerting("LoginFailures", "ten times as many logins fail"),
      series: [
        moved("LoginFailures", { ago: 6 * minute, usual: 0.04, then: 0.7 }),
        incoming(7 * minute, 60, 420),
      ],
      logs: log(6 * minute, "login failed: unknown user", { level: "warn" }),
    },
  },
  {
    name: "a marketplace tells everything twice",
    given: {
      ...deployed([26 * hour, grid], [70 * minute, gift]),
      alert: alerting("DuplicateOrders", "orders of the marketplace come twice", { partner: "bigmarket" }),
      series: [moved("DuplicateOrders", { ago: 12 * minute, usual: 0, then: 25 })],
      logs: log(12 * minute, "order bm-551 of partner bigmarket was sent before", { level: "warn" }),
    },
  },
  {
    name: "a step that nobody explains",
    given: {
      ...deployed([6 * hour, grid], [27 * minute, carrier, gift]),
      alert: alerting("SearchErrors", "search fails for one of ten"),
      series: [moved("SearchErrors", { ago: 4 * minute, usual: 0.003, then: 0.1 })],
    },
  },
  {
    name: "a disk dies",
    given: {
      ...deployed([4 * hour, gift], [9 * minute, grid, readme]),
      alert: alerting("DbSlow", "statements of shop take ten times as long"),
      series: [moved("DbSlow", { ago: 7 * minute, usual: 0.02, then: 0.4 })],
      logs: log(7 * minute, "blk_update_request: I/O error, dev nvme1n1, sector 88123", { service: "db-1" }),
    },
  },
];
