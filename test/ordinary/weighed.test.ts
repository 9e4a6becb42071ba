import assert from "node:assert/strict";
import { test } from "node:test";
import { played } from "./played.ts";
import { pages, weighed } from "./rows/weighed.ts";
import {
  highErrors,
  hour,
  type Landing,
  lines,
  minute,
  noise,
  type Ordinary,
  receipt,
  second,
  step,
  told,
} from "./weigh.ts";

type Least = { score?: number | undefined; none?: number | undefined; onlyFirst?: boolean | undefined };

/** Whole incidents, and the change that comes first and is proposed, by itself or with its deploy; undefined: nothing is proposed. */
const ranks = (
  name: string,
  culprit: string | undefined,
  given: Ordinary,
  { score = 0.5, none = 1, onlyFirst = false }: Least = {},
): void => {
  test(name, () => {
    const { diagnosis, proposed, first } = told(given);
    const shown = diagnosis.suspects
      .slice(0, 3)
      .map(({ title, score, reasons }) => ({ title, score, reasons }));
    const seen = JSON.stringify({ shown, none: diagnosis.none, notes: diagnosis.notes }, null, 1);
    if (culprit === undefined) return assert.equal(proposed, undefined, seen);
    assert.equal(first, culprit, seen);
    if (onlyFirst) return;
    assert.ok((diagnosis.suspects[0]?.score ?? 0) >= score, seen);
    assert.ok(proposed !== undefined && proposed.score >= score, seen);
    assert.ok(diagnosis.none <= none, seen);
  });
};

/** The loop comes to the same; the rows of the table are played on both hosts instead. */
const expect = (name: string, culprit: string, given: Ordinary, score?: number): void => {
  ranks(name, culprit, given, { score });
  test(`the loop comes to the same: ${name}`, async () => {
    const { diagnosis, isProposed } = await played(given);
    const seen = JSON.stringify(diagnosis, null, 1).slice(0, 3000);
    assert.equal(isProposed, true, seen);
    assert.equal(diagnosis.suspects[0]?.title, culprit, seen);
  });
};

for (const { sibling, culprit, given, score, none, onlyFirst } of Object.values(weighed).flat())
  ranks(sibling, culprit, given, { score, none, onlyFirst });

for (const [title, ago, annotations] of [
  [
    "orders: write status as a number",
    5 * minute,
    { summary: "GET /orders fails with 500", description: "invalid status 1" },
  ],
  ["sessions: new format", 3 * minute, { summary: "Users are logged out" }],
  ["carts: store cents", 9 * minute, { description: "cannot parse 1050" }],
] as const)
  test(`a rollback ${ago / minute} min ago is the suspect, and “${title}”, which runs no longer, is not proposed`, () => {
    const { diagnosis, proposed } = told({
      commits: [[title, { "src/x.js": "+exports.x = 1;" }, 6 * hour]],
      deploys: [
        [title, 4 * hour],
        ["orders: export as CSV", ago],
      ],
      alert: { name: "ShopBroken", annotations, ago: minute },
    });
    assert.equal(proposed, undefined);
    assert.equal(
      diagnosis.suspects.some((suspect) => suspect.title === title),
      false,
    );
    assert.match(
      diagnosis.notes?.join("\n") ?? "",
      /a rollback from \w{12} to \w{12} went live at 11:5\d:00/,
    );
  });

for (const [from, to] of [
  ["> 2", "> 0.2"],
  ["> 0.10", "> 0.01"],
  ["< 99", "< 99.95"],
])
  test(`the alert's own rule was changed from ${from} to ${to} just before: that comes first, with both limits`, () => {
    const title = "alerts: tell us earlier";
    const expr = (limit: string) => `        expr: histogram_quantile(0.99, x) ${limit}`;
    const { diagnosis, first } = told({
      commits: [
        pages,
        [
          title,
          { "monitoring/rules.yaml": `       - alert: ShopLatencyHigh\n-${expr(from!)}\n+${expr(to!)}` },
          20 * minute,
        ],
      ],
      deploys: [[pages[0], hour]],
      alert: { name: "ShopLatencyHigh", annotations: { summary: "p99 latency of shop" }, ago: minute },
      over: {},
    });
    assert.equal(first, title);
    assert.ok(
      diagnosis.suspects[0]!.reasons.includes(`it changed the alert's own rule, from ${from} to ${to}`),
    );
  });

test("the bar looks at the best remedy: the whole deploy, when nothing tells its changes apart", () => {
  const twins: Landing[] = [
    ["parser: one", { "src/one.js": "+1" }, 3 * hour],
    ["parser: two", { "src/two.js": "+1" }, 2 * hour],
  ];
  const { proposed } = told({
    commits: twins,
    deploys: [["parser: two", 90 * second]],
    alert: { name: "ShopBroken", annotations: { summary: "it is broken" } },
  });
  assert.ok(proposed?.kind === "revert" && proposed.from !== undefined);
  assert.equal(proposed.title, "the deploy of 11:58:30 (2 changes)");
});

for (const [line, culprit] of [
  [
    "connect EADDRNOTAVAIL 10.0.0.9:443",
    ["http: reuse nothing", { "src/http.js": "+new Agent({ keepAlive: false })" }],
  ],
  [
    "dial tcp 10.2.0.9:5432: i/o timeout",
    ["policy for the namespace", { "k8s/netpol.yaml": "+kind: NetworkPolicy\n+egress: []" }],
  ],
  ["connection reset by peer", ["mesh: strict", { "k8s/peer.yaml": "-mode: PERMISSIVE\n+mtls: STRICT" }]],
  ["socket hang up", ["gateway: other sidecar", { "k8s/gateway.yaml": "+sidecar: v2" }]],
] as const)
  expect(`“${line}” points at the change of how connections are made: ${culprit[0]}`, culprit[0], {
    commits: [
      receipt,
      [culprit[0], culprit[1], 1.5 * hour],
      ["search: synonyms", { "src/search.js": "+1" }, hour],
    ],
    deploys: [["search: synonyms", 8 * minute]],
    alert: { ...highErrors, ago: minute },
    series: [step(7 * minute, 0.002, 0.3)],
    logs: [...noise, ...lines(7 * minute, line)],
  });

for (const [summary, name] of [
  ["CPU of the database above 90 %", "DbCpu"],
  ["postgres is slow, queries wait", "DbSlow"],
  ["load of mysql at 40", "DbLoad"],
] as const)
  expect(
    `“${summary}” points at the change of what is asked of the database`,
    "titles: other match",
    {
      commits: [
        receipt,
        ["titles: other match", { "src/titles.js": "+where title ilike $1" }, 1.5 * hour],
        ["cart: synonyms", { "src/cart.js": "+1" }, hour],
      ],
      deploys: [["cart: synonyms", 8 * minute]],
      alert: { name, annotations: { summary }, ago: minute },
    },
    0.45,
  );
