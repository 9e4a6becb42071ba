import { alerting, also, deployed, incoming, log, moved } from "./nights.ts";
import { hour, minute, type Plot } from "./plot.ts";

type Change = [string, Record<string, string>];
const synonyms: Change = [
  "Search: trousers are pants",
  { "app/search/synonyms.yml": "+- [trousers, pants]" },
];
const teaser: Change = [
  "Teaser for the spring",
  { "app/views/home/_teaser.html.erb": "+<h2>Spring is here</h2>" },
];
const invoices: Change = [
  "Invoices: the customer's own number",
  { "app/models/invoice.rb": "+  def reference = customer.reference" },
];
const stars: Change = [
  "Reviews: half stars",
  { "app/helpers/stars_helper.rb": "-  value.round\n+  (value * 2).round / 2.0" },
];
const spacing: Change = [
  "More room between tiles",
  { "app/assets/stylesheets/tiles.css": "+.tile { gap: 12px }" },
];

/** No change did it; written after the evidence weighed how late a step comes, and before it was tried. */
export const afternoonsInnocent: Plot[] = [
  {
    name: "a zone loses packets",
    given: {
      ...deployed([7 * hour, invoices], [28 * minute, stars, teaser]),
      alert: alerting("LatencyHigh", "p95 of shop above 3 s"),
      series: [moved("LatencyHigh", { ago: 6 * minute, usual: 0.25, then: 5 })],
      logs: [
        ...log(6 * minute, "read tcp 10.1.3.4:5432: i/o timeout"),
        ...also(6 * minute, "cart", "read tcp 10.1.3.9:5432: i/o timeout"),
        ...also(6 * minute, "search", "context deadline exceeded"),
      ],
    },
  },
  {
    name: "the payment provider is slow",
    given: {
      ...deployed([17 * minute, invoices]),
      alert: alerting("PaymentsSlow", "payments take longer than 20 s"),
      series: [moved("PaymentsSlow", { ago: 5 * minute, usual: 0.8, then: 29 })],
      logs: log(5 * minute, "Net::ReadTimeout with #<TCPSocket:(closed)> for api.payhub.example after 30 s"),
    },
  },
  {
    name: "names are not resolved",
    given: {
      ...deployed([65 * minute, stars, spacing]),
      alert: alerting("Errors5xx", "5xx of shop above 5 %"),
      series: [moved("Errors5xx", { ago: 7 * minute, usual: 0.001, then: 0.22 })],
      logs: log(
        7 * minute,
        "lookup redis.shop.svc on 10.96.0.10:53: read udp 10.2.0.7:41213->10.96.0.10:53: i/o timeout",
      ),
    },
  },
  {
    name: "the provider of the login is down",
    given: {
      ...deployed([5 * hour, teaser], [40 * minute, invoices]),
      alert: alerting("LoginsFail", "staff cannot sign in"),
      series: [moved("LoginsFail", { ago: 9 * minute, usual: 0.02, then: 1 })],
      logs: log(
        9 * minute,
        "OIDC discovery at https://id.okto.example/.well-known/openid-configuration answered 503 Service Unavailable",
      ),
    },
  },
  {
    name: "nothing is known",
    given: {
      ...deployed([33 * minute, synonyms, stars]),
      alert: alerting("CheckoutErrors", "checkout fails for one of five"),
      series: [moved("CheckoutErrors", { ago: 5 * minute, usual: 0.002, then: 0.2 })],
    },
  },
  {
    name: "an advertisement on television",
    given: {
      ...deployed([8 * hour, invoices], [12 * minute, spacing, stars]),
      alert: alerting("Saturated", "all workers of shop are busy"),
      series: [
        moved("Saturated", { ago: 6 * minute, usual: 0.4, then: 1, overMs: 2 * minute }),
        incoming(7 * minute, 200, 900),
      ],
    },
  },
];
