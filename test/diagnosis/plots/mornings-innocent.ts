import { alerting, deployed, incoming, log, moved } from "./nights.ts";
import { hour, minute, type Plot } from "./plot.ts";

type Change = [string, Record<string, string>];

const avatars: Change = ["Round avatars", { "web/src/Avatar.tsx": '+className="rounded-full"' }];
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

/** No change did it. */
export const morningsInnocent: Plot[] = [
  {
    name: "the transaction ids run out",
    given: {
      ...deployed([4 * hour, returnsPage], [35 * minute, gifts, filters]),
      alert: alerting("WritesFail", "nothing can be saved in shop"),
      series: [moved("WritesFail", { ago: 6 * minute, usual: 0, then: 1 })],
      logs: log(
        6 * minute,
        'ERROR: database is not accepting commands to avoid wraparound data loss in database "shop"',
      ),
    },
  },
  {
    name: "the CDN has an outage of its own",
    given: {
      ...deployed([26 * hour, sizes], [50 * minute, avatars, returnsPage]),
      alert: alerting("EdgeErrors", "503 at the edge for shop"),
      series: [moved("EdgeErrors", { ago: 7 * minute, usual: 0.002, then: 0.85 })],
    },
  },
  {
    name: "robots read the whole catalogue",
    given: {
      ...deployed([9 * hour, gifts], [22 * minute, sizes]),
      alert: alerting("LatencyHigh", "p95 of shop above 2 s"),
      series: [
        moved("LatencyHigh", { ago: 9 * minute, usual: 0.2, then: 4.1, overMs: 3 * minute }),
        incoming(10 * minute, 250, 1300),
      ],
    },
  },
  {
    name: "a column of numbers is full",
    given: {
      ...deployed([75 * minute, returnsPage, unit]),
      alert: alerting("OrdersFail", "no order can be placed"),
      series: [moved("OrdersFail", { ago: 5 * minute, usual: 0.002, then: 1 })],
      logs: log(
        5 * minute,
        'pq: nextval: reached maximum value of sequence "order_lines_id_seq" (2147483647)',
      ),
    },
  },
  {
    name: "a customer sends a file of four gigabytes",
    given: {
      ...deployed([6 * hour, filters], [55 * minute, gifts]),
      alert: alerting("UploadsFail", "uploads to shop fail", { pod: "shop-7d9f-x1" }),
      series: [moved("UploadsFail", { ago: 8 * minute, usual: 0.01, then: 0.45 })],
      logs: log(
        8 * minute,
        "upload of 4294967296 bytes by customer c-9913 read into memory, worker was killed by signal 9",
      ),
    },
  },
  {
    name: "a root certificate of others has ended",
    given: {
      ...deployed([3 * hour, avatars], [18 * minute, returnsPage]),
      alert: alerting("CallbacksFail", "callbacks of the payment provider fail"),
      series: [moved("CallbacksFail", { ago: 4 * minute, usual: 0.01, then: 0.92 })],
      logs: log(
        4 * minute,
        "SSL_connect returned=1 errno=0 state=error: certificate verify failed (certificate has expired) for hooks.payhub.example",
      ),
    },
  },
];
