import assert from "node:assert/strict";
import { test } from "node:test";
import { viewContent } from "../../shared/adapters/slack/blocks.ts";
import type { Alert, Diagnosis, In, Remedy, Suspect } from "../../shared/incident/model.ts";
import { view } from "../../shared/text/chat-message.ts";
import { linksOf, liveMsOf } from "../../shared/text/question.ts";
import { wordsIn } from "../../shared/text/words.ts";
import { alert, sha, suspect } from "../support/incident.ts";

const minute = 60_000;
const at = Date.UTC(2026, 10, 28, 12, 3, 40);
const url = "https://github.com/acme/payment-gateway/pull/412";

const deployed = (letter: string, title: string, score: number): Suspect =>
  suspect({
    ...{
      sha: sha(letter),
      title,
      score,
      author: "Jonas Weber",
      at: at - 8 * minute,
      url: `https://x.test/${letter}`,
    },
    change: {
      ...{ kind: "pull", commits: [sha(letter)] },
      pull: { number: 409, title, url: "https://github.com/acme/payment-gateway/pull/409", labels: [] },
      deploy: { sha: sha("d"), from: sha("b"), at: at - 98_000, status: "succeeded" },
    },
    reasons: [
      "shipped in the deploy of 12:02:02, 98 s before the trouble began, together with 3 other changes",
      "shares “JPY”, “conversion” with the alert (in its changed lines)",
      'the alert says currency="JPY", and so do its changed lines',
      "PaymentErrorsHigh's ratio 0 % → 22 % at 12:03:40, 98 s after it went live",
      "touches src/fx/rates.js and test/fx/rates.test.js",
    ],
  });

const firing: Alert = {
  ...alert(),
  name: "PaymentErrorsHigh",
  labels: { alertname: "PaymentErrorsHigh", currency: "JPY" },
  annotations: {
    summary: "31.4 % of the JPY payments fail",
  },
};

const one: Remedy = { kind: "revert", sha: sha("c"), title: "fx: settle in whole numbers", score: 0.73 };
const whole: Remedy = { ...one, from: sha("b"), title: "the deploy of 12:02 (4 changes)", score: 0.91 };
const other: Remedy = { ...one, sha: sha("e"), title: "card: accept the 2-series", score: 0.09 };

const diagnosis = (over: Partial<Diagnosis> = {}): Diagnosis => ({
  suspects: [deployed("c", one.title, 0.73), deployed("e", other.title, 0.09)],
  ...{ none: 0.06, onsetAt: at, remedies: [one, whole, other] },
  chart: {
    alert: firing.name,
    at,
    points: [
      [0, 0.001],
      [60, 0.314],
      [90, 0.2241],
    ],
    isShare: true,
  },
  ...over,
});

const asked = (over: Partial<In<"proposed">> = {}): In<"proposed"> =>
  ({
    ...{ id: "payment-gateway/production", service: "payment-gateway", environment: "production", round: 3 },
    ...{ status: "proposed", asked: true, alerts: [firing], onsetAt: at, openedAt: at + minute },
    ...{ due: Date.UTC(2026, 10, 28, 12, 45), truncated: false, remedy: one, diagnosis: diagnosis() },
    pull: {
      number: 412,
      url,
      branch: "countersteer/revert-c",
      head: sha("a"),
      base: "main",
      baseSha: sha("b"),
      diff: "d",
    },
    questions: [
      {
        ...{ alert: firing.name, at },
        rules: [
          {
            ...{ expr: "failed / all > 0.05", labels: {}, forMs: 0, keepFiringMs: 0, everyMs: minute },
            annotations: {
              runbook_url: "https://runbooks.acme.test/jpy",
              dashboard: "https://grafana.acme.test/d/payments",
              summary: "{{ $value | humanizePercentage }} of the {{ $labels.currency }} payments fail",
            },
          },
        ],
      },
    ],
    terms: {
      ...{ nonce: "n", policy: "p", ground: { paths: ["a"], authors: [], isComplete: true }, at },
      size: { added: 9, removed: 14, files: 2 },
      silence: { oncall: ["@payments-oncall"], page: { at: at + 60 * minute, to: "PagerDuty" } },
    },
    ...over,
  }) as In<"proposed">;

type Block = { type: string; text?: { text: string }; elements?: { text?: string | { text: string } }[] };
/** The words that a reader sees before the buttons. */
const before = (incident: In<"proposed">): string[] => {
  const { blocks } = viewContent(view(incident, "https://countersteer.test/i", ["S0ONCALL"]));
  const read = (blocks as Block[]).slice(
    0,
    blocks.findIndex(({ type }) => type === "actions"),
  );
  return read.flatMap(({ text, elements = [] }) => [
    ...(text === undefined ? [] : [shown(text.text)]),
    ...elements.map((one) => shown(typeof one.text === "string" ? one.text : "")),
  ]);
};
const shown = (text: string): string =>
  text
    .replace(/<[^<>|]*\|([^<>]*?)(?: UTC)?>/g, "$1")
    .replace(/<[@!][^<>]*>/g, "@somebody")
    .replaceAll("*", "");

test("the time to live is that of each deploy's newest change: a change that had waited two days for its deploy does not make it two days", () => {
  const change = (at: number, live: number) => ({
    ...deployed("c", one.title, 0.4),
    at,
    change: {
      kind: "commit" as const,
      commits: [sha("c")],
      deploy: { sha: sha("d"), at: live, status: "succeeded" as const },
    },
  });
  const day = 24 * 60 * minute;
  const takes = (...suspects: Suspect[]) => liveMsOf({ remedy: one, diagnosis: diagnosis({ suspects }) });
  const waited = change(at - 5 * day, at - 3 * day);
  assert.equal(takes(waited, change(at - 40 * minute, at - 12 * minute)), 28 * minute);
  const train = [change(at - day, at - 5 * minute), change(at - 12 * minute, at - 5 * minute)];
  assert.equal(takes(...train), 7 * minute);
  assert.equal(takes(...train, waited, change(at - 3 * day, at - 3 * day + 9 * minute)), 9 * minute);
  assert.equal(takes(waited), undefined);
});

test("the question of a revert is at most 60 words long: damage, since when, culprit, three reasons, size, time, silence", () => {
  const lines = before(asked());
  assert.deepEqual(lines, [
    "payment-gateway: 22 % of the JPY payments fail since 12:03. Revert “fx: settle in whole numbers” by Jonas Weber? @somebody",
    "• Live 98 s before the trouble\n• Shares “JPY”, “conversion” with the alert",
    "+9 −14 in 2 files · live in about 6 min · Runbook · Dashboard",
    "No answer by 12:45: @payments-oncall is mentioned, PagerDuty pages at 13:03; nothing is merged.",
  ]);
  assert.ok(wordsIn(lines.join(" ")) <= 60, `${wordsIn(lines.join(" "))} words`);
});

test("the reasons are facts for the change, short: no moment twice, no word that is not shared", () => {
  const reasons = [
    "the 2 deploys on record are 44 h apart at this time of day, so one 40 s before the trouble (12:03:40) is rarely chance",
    "failed requests of pricing 0.001 → 0.396 at 12:03:57, 57 s after it went live",
    "shares no word with the alert",
    "touches pricing/engine.py",
  ];
  const [first, second] = diagnosis().suspects;
  const suspects = [{ ...first!, reasons }, second!];
  const lines = before(asked({ diagnosis: diagnosis({ suspects }) })).join("\n");
  assert.ok(lines.includes("• Failed requests of pricing 0.001 → 0.396"), lines);
  for (const said of ["Shares no word", "rarely chance", "after it went live"])
    assert.ok(!lines.includes(said), said);
});

test("a rollback is at most 75 words long, and says what else its pull request does", () => {
  const remedy: Remedy = {
    ...{ kind: "revert", sha: sha("c"), title: "gateway: main-dcbf1a1", score: 0.95, in: "gitops" },
    behind: { sha: sha("e"), title: "fx: settle in whole numbers" },
    notes: [
      "this also tells Image Updater to ignore every tag of acme/gateway (in argocd/gateway.yaml, as Image Updater would write the version again; known by its commit message); take that out after the fix",
    ],
  };
  const lines = before(asked({ remedy, diagnosis: diagnosis({ remedies: [remedy] }) }));
  assert.match(lines[0]!, /since 12:03\. Roll back “gateway: main-dcbf1a1” by Jonas Weber\? @somebody$/);
  assert.deepEqual(lines.slice(1, 3), [
    "• Live 98 s before the trouble\n• The commit behind it gets its own revert",
    "Good to know  This also tells Image Updater to ignore every tag of acme/gateway; take that out after the fix",
  ]);
  assert.ok(wordsIn(lines.join(" ")) <= 75, `${wordsIn(lines.join(" "))} words`);
});

test("every button that acts has its percentage, and an alternative below 20 % is none", () => {
  const { buttons } = view(asked(), "https://countersteer.test/i");
  assert.deepEqual(
    [buttons?.approve?.text, buttons?.others.map(({ choice, text }) => [choice, text])],
    ["Approve · 73 %", [[1, "Revert the deploy of 12:02 (4 changes) · 91 %"]]],
  );
  assert.deepEqual(buttons?.approve?.confirm, {
    title: "Merge into production?",
    text: "Merges exactly #412 (head aaaaaaa) into main of acme/payment-gateway: +9 −14 in 2 files. Live about 6 min later. A push to its branch voids the approval.",
    yes: "Merge #412",
  });
  assert.deepEqual(buttons?.reject?.confirm?.isDanger, true);
});

test("the damage has the value of the alert's expression, never the one of an annotation", () => {
  const said = (over: Partial<In<"proposed">>) => view(asked(over), "").headline.replace(/ since .*/, "");
  assert.equal(said({}), "payment-gateway: 22 % of the JPY payments fail");
  assert.equal(said({ questions: [] }), "payment-gateway: PaymentErrorsHigh is at 22 %");
  const { chart: _, ...unread } = diagnosis();
  assert.equal(said({ diagnosis: unread }), "payment-gateway: PaymentErrorsHigh fires");
  assert.equal(
    said({ environment: "staging", id: "payment-gateway/staging/2" as never, diagnosis: unread }),
    "payment-gateway in staging (trouble 2): PaymentErrorsHigh fires",
  );
});

test("a small share keeps one decimal, and a value that is no share stays as it is", () => {
  const at = (value: number, isShare?: true) => {
    const chart = {
      alert: firing.name,
      at: 0,
      points: [[0, value]] as [number, number][],
      ...(isShare && { isShare }),
    };
    return view(asked({ questions: [], diagnosis: diagnosis({ chart }) }), "").headline.replace(
      / since .*/,
      "",
    );
  };
  assert.deepEqual(
    [at(0.0044, true), at(0.5, true), at(1234.5)].map((text) => text.replace(/^.* is at /, "")),
    ["0.4 %", "50 %", "1230"],
  );
});

test("pages that the diagnosis found in configured systems are links, and the rule's own dashboard comes first", () => {
  const small = (incident: In<"proposed">) => before(incident).find((line) => line.includes(" in 2 files"));
  const one = asked();
  const links = [
    { text: "Dashboard", url: "https://grafana.test/d/abc" },
    { text: "Logs", url: "https://kibana.test/app/discover#/" },
  ];
  const found = { ...one, diagnosis: { ...one.diagnosis, links } };
  assert.equal(small(found), "+9 −14 in 2 files · live in about 6 min · Runbook · Dashboard · Logs");
  assert.deepEqual(
    linksOf(found)
      .filter(({ text }) => text === "Dashboard")
      .map(({ url }) => new URL(url).host),
    [new URL(linksOf(one).find(({ text }) => text === "Dashboard")!.url).host],
  );
});

test("an address that an alert carries is no link, nor is a template or anything but http", () => {
  const small = (incident: In<"proposed">) => before(incident).find((line) => line.includes(" in 2 files"));
  const bare = "+9 −14 in 2 files · live in about 6 min";
  const annotations = { runbook_url: "https://evil.test/" };
  assert.equal(small(asked({ alerts: [{ ...firing, annotations }], questions: [] })), bare);
  for (const runbook_url of ["javascript:alert(1)", "https://{{ $labels.host }}/"]) {
    const [question] = asked().questions!;
    const rules = question!.rules.map((rule) => ({ ...rule, annotations: { runbook_url } }));
    assert.equal(small(asked({ questions: [{ ...question!, rules }] })), bare);
  }
});
