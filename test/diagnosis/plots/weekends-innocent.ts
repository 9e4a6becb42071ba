import { alerting, also, deployed, incoming, log, moved } from "./nights.ts";
import { hour, minute, type Plot } from "./plot.ts";

type Change = [string, Record<string, string>];
const badge: Change = [
  "Badge for organic food",
  { "resources/views/badge.blade.php": "+<span>organic</span>" },
];
const export_: Change = [
  "Export has a column for the brand",
  { "app/Export.php": "+$row[] = $article->brand;" },
];
const street: Change = [
  "Street and number in one line",
  { "app/Address.php": '-return [$street, $number];\n+return ["$street $number"];' },
];
const colours: Change = [
  "Darker links",
  { "resources/css/app.css": "-a { color: #33f }\n+a { color: #11a }" },
];
const helper: Change = ["Helper for dates in tests", { "tests/DateHelper.php": "+function tomorrow() {}" }];

/** No change did it; written and played once before anything was mended after it. */
export const weekendsInnocent: Plot[] = [
  {
    name: "the bank's test of its fraud rules",
    given: {
      ...deployed([4 * hour, badge], [26 * minute, street]),
      alert: alerting("CardsDeclined", "half of the cards are declined"),
      series: [moved("CardsDeclined", { ago: 6 * minute, usual: 0.05, then: 0.5 })],
      logs: log(6 * minute, "card declined: suspected fraud (code 59, by issuer)", { level: "warn" }),
    },
  },
  {
    name: "a backup reads the database",
    given: {
      ...deployed([38 * minute, export_, badge]),
      alert: alerting("LatencyHigh", "p95 of shop above 2 s"),
      series: [moved("LatencyHigh", { ago: 5 * minute, usual: 0.3, then: 2.9 })],
      logs: log(5 * minute, "pg_dump: dumping contents of table public.order_lines", {
        level: "info",
        service: "db",
      }),
    },
  },
  {
    name: "a link in the news",
    given: {
      ...deployed([7 * hour, street], [30 * minute, badge]),
      alert: alerting("Errors5xx", "5xx of shop above 5 %"),
      series: [
        moved("Errors5xx", { ago: 8 * minute, usual: 0.001, then: 0.15 }),
        incoming(9 * minute, 90, 900),
      ],
    },
  },
  {
    name: "the switch in the rack",
    given: {
      ...deployed([52 * minute, street, export_]),
      alert: alerting("TargetDown", "half of the instances of shop cannot be scraped"),
      series: [moved("TargetDown", { ago: 4 * minute, usual: 1, then: 0.5 })],
      logs: [
        ...log(4 * minute, "connect to redis-2:6379 failed: No route to host"),
        ...also(4 * minute, "cart", "connect to redis-2:6379 failed: No route to host"),
      ],
    },
  },
  {
    name: "only styles and tests were deployed",
    given: {
      ...deployed([9 * hour, export_], [4 * minute, colours, helper]),
      alert: alerting("Errors5xx", "5xx of shop above 5 %"),
      series: [moved("Errors5xx", { ago: 3 * minute, usual: 0.002, then: 0.2 })],
    },
  },
  {
    name: "a step without a reason, in a shop that is deployed often",
    given: {
      ...deployed([5 * hour, helper], [3 * hour, colours], [100 * minute, street], [44 * minute, export_]),
      alert: alerting("CartErrors", "carts cannot be saved for one of seven"),
      series: [moved("CartErrors", { ago: 5 * minute, usual: 0.002, then: 0.14 })],
    },
  },
];
