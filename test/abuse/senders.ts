import assert from "node:assert/strict";
import fc from "fast-check";
import { decide } from "../../shared/incident/decide.ts";
import { emptyIncident } from "../../shared/incident/model.ts";
import { parseMatcher } from "../../shared/policy/match.ts";
import { ownLabels } from "../../shared/promql/labels.ts";
import { narrowed } from "../../shared/promql/narrow.ts";
import { selectors, selectorText, sidesOf } from "../../shared/promql/selectors.ts";
import { anyText } from "../support/any-text.ts";
import { mustCostLater } from "../support/cost.ts";
import { doors } from "../support/doors.ts";
import { alert, id, notify, policy } from "../support/incident.ts";
import { webhook } from "../support/payloads.ts";
import { burning, culprit, service, world } from "../support/world.ts";

/** Writers of rules, who choose every label, annotation and time of an alert. */

const checkout = service({
  name: "checkout",
  repository: "acme/checkout",
  match: [parseMatcher('team="checkout"')!],
});
const both = () => world({ configured: service(), others: [checkout] });

/** Every repository that a port was called about. */
const repositoriesOf = (made: ReturnType<typeof world>): Set<string> => {
  const seen = new Set<string>();
  for (const port of [made.work.history, made.work.trees, made.work.pulls] as unknown as Record<
    string,
    unknown
  >[])
    for (const [name, call] of Object.entries(port)) {
      if (typeof call !== "function") continue;
      port[name] = (first: { repository?: string }, ...rest: unknown[]) => {
        seen.add(first?.repository ?? "");
        return call.call(port, first, ...rest);
      };
    }
  return seen;
};

export const anotherRepository = async (): Promise<void> => {
  const made = both();
  const seen = repositoriesOf(made);
  const at = doors(made);
  const forged = {
    repo: "acme/checkout",
    repository: "acme/checkout",
    branch: "release",
    channel: "C9",
    approvers: "UEVE",
  };
  const answer = await at.notify(
    webhook([{ labels: forged }, { labels: { ...forged, service: "elsewhere" }, fingerprint: "f2" }]),
  );
  const { receipts } = (await answer.json()) as { receipts: { outcome: string; incident?: string }[] };
  assert.deepEqual(
    receipts.map(({ outcome, incident }) => [outcome, incident]),
    [
      ["opened", id],
      ["unknown_service", undefined],
    ],
  );
  const incident = await made.settle();
  assert.deepEqual([...seen], ["acme/payments"]);
  assert.equal(incident.status === "proposed" && incident.message?.channel, "C1");
};

const spellings = [
  ..."Payments/Core payments/core.git ../payments/core payments%2Fcore payments\\core //payments/core payments/core/".split(
    " ",
  ),
  ..."PAYMENT-GATEWAY Payment-Gateway payment-gateway.git payment%2Dgateway payment_gateway payment-gateway/ /payment-gateway".split(
    " ",
  ),
  ..."payment-gateway\u0000 payment-gateway\u200b payment\u2010gateway p\u0430yment-gateway payment-gatew\u00e4y".split(
    " ",
  ),
  ...[
    "payment-gateway ",
    " payment-gateway",
    "payment-gateway\n",
    "payment-gateway|checkout",
    "payment-gateway.*",
    ".*",
    ".+",
    "*",
    "",
  ],
  ...[
    'payment-gateway"',
    "payment-gateway'",
    "payment-gateway,checkout",
    "{payment-gateway}",
    "{{ service }}",
    "payment-gateway#1",
  ],
  ...[
    "__proto__",
    "constructor",
    "toString",
    "payment-gateway/production",
    "payment-gateway/staging",
    "null",
    "undefined",
    "0",
  ],
];

export const aliases = async (): Promise<void> => {
  const at = doors(both());
  assert.ok(spellings.length >= 40);
  const answer = await at.notify(
    webhook(
      spellings.map((service, index) => ({ labels: { service }, fingerprint: `a${index.toString(16)}` })),
    ),
  );
  const { receipts } = (await answer.json()) as { receipts: { outcome: string }[] };
  assert.deepEqual(new Set(receipts.map(({ outcome }) => outcome)), new Set(["unknown_service"]));
  assert.deepEqual(await at.made.store.list(), []);
  for (const full_name of spellings) {
    const told = await at.github("push", {
      ref: "refs/heads/main",
      repository: { full_name: `acme/${full_name}` },
    });
    assert.deepEqual([told.status, await told.json()], [202, { outcome: "unknown_repository" }], full_name);
  }
  assert.deepEqual(at.woken, []);
};

const value = fc.oneof(
  anyText(12),
  fc
    .array(fc.constantFrom('"', "\\", "}", "{", ",", "=", "\n", "`", "'", "or", " ", "\u2028", "x"), {
      maxLength: 12,
    })
    .map((parts) => parts.join("")),
);
const labels = fc.dictionary(fc.stringMatching(/^[a-z_]{1,5}$/), value, { maxKeys: 3 });

/** The matchers that the parser of Prometheus' own grammar reads back are those that were meant, and none beside. */
export const promqlInjection = (): void => {
  const expr = 'sum(rate(errors_total{job="api"}[5m])) / rate(requests_total[5m]) > 0.1';
  fc.assert(
    fc.property(labels, (own) => {
      const wanted = ownLabels(own, {});
      const parts = selectors(expr);
      const text = narrowed(expr, new Map(parts.map((part) => [part, wanted])));
      assert.ok(text !== undefined);
      const added = Object.entries(wanted).map(([label, value]) => ({ label, op: "=", value }));
      assert.deepEqual(
        sidesOf(text).map(({ metric, matchers }) => [metric, matchers]),
        [
          ["errors_total", [...added, { label: "job", op: "=", value: "api" }]],
          ["requests_total", added],
        ],
      );
      const again = selectorText({ metric: "up", matchers: added });
      assert.deepEqual(sidesOf(again ?? "")[0]?.matchers, added);
    }),
    { numRuns: 2000 },
  );
};

export const forgedResolved = async (): Promise<void> => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  await made.approve();
  await made.settle();
  made.state.reading = { result: "quiet", since: Number.POSITIVE_INFINITY };
  await made.alerts([{ ...burning, status: "resolved", endsAt: 21_000 }]);
  made.state.now = 30_000;
  assert.equal((await made.settle()).status, "merged");
  await made.deploy();
  made.state.now = 60_000;
  // Live and resolved, and Prometheus still sees the trouble.
  assert.equal((await made.settle()).status, "deployed");
};

export const forgedTimes = (): void => {
  const day = 86_400_000;
  const received = 10 * day;
  const times: [number, number][] = [
    [-62_135_596_800_000, 9 * day],
    [0, 9 * day],
    [9 * day - 1, 9 * day],
    [9 * day, 9 * day],
    [received, received],
    [received + 1, received],
    [253_402_300_799_000, received],
  ];
  for (const [startsAt, onsetAt] of times) {
    const command = notify([alert({ startsAt })], { at: received });
    const [event] = decide(emptyIncident(id), command, policy);
    assert.ok(event?.type === "IncidentOpened");
    assert.equal(event.onsetAt, onsetAt, String(startsAt));
  }
  const odd = decide(
    emptyIncident(id),
    notify([alert({ startsAt: 50, endsAt: 10, status: "resolved" })], { at: 60 }),
    policy,
  );
  assert.deepEqual(
    odd.map(({ type }) => type).filter((type) => type === "IncidentOpened"),
    [],
  );
};

/** The longest texts that are let in, of pieces that make careless expressions try again and again. */
export const longTexts = async (): Promise<void> => {
  for (const piece of ["x", "a.", "/a", "502 "]) {
    const long = piece.repeat(4096 / piece.length);
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`l${index}`, long]));
    const text = piece.repeat(60_000 / piece.length);
    const commit = { ...culprit, title: text.slice(0, 5000), message: text, patch: text };
    const alerts = Array.from({ length: 5 }, (_, index) => ({
      ...burning,
      fingerprint: `f${index}`,
      labels: many,
      annotations: many,
    }));
    const diagnose = async (): Promise<void> => {
      const made = world();
      made.state.commits = [commit];
      made.state.snapshot.commit = commit;
      await made.alerts(alerts);
      await made.settle();
    };
    await mustCostLater(2000, diagnose, JSON.stringify(piece));
  }
};
