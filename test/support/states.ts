import type { Event } from "../../shared/incident/events.ts";
import type {
  Alert,
  Chart,
  Diagnosis,
  Incident,
  Remedy,
  Scale,
  Suspect,
} from "../../shared/incident/model.ts";
import type { Question } from "../../shared/incident/recovery.ts";
import { after } from "./facts.ts";
import { alert, sha } from "./incident.ts";

/** An incident in each state that people see, with the values of a real one: 28 Nov 2026. */
export type Seen = { incident: Incident; log: Event[]; now: number };

export const stateId = "payment-gateway/production";
const minute = 60_000;
const onsetAt = Date.UTC(2026, 10, 28, 11, 3, 40);
const deployedAt = onsetAt - 98_000;
const github = "https://github.com/acme/payment-gateway";
const message = { channel: "C024BE91L", ts: "1795867571.000100" };

const firing: Alert = alert({
  ...{ name: "PaymentErrorsHigh", startsAt: onsetAt + minute },
  labels: {
    alertname: "PaymentErrorsHigh",
    service: "payment-gateway",
    currency: "JPY",
    severity: "critical",
  },
  annotations: {
    summary: "22.4% of the JPY payments fail",
    runbook_url: "https://runbooks.acme.example/jpy",
  },
});

const course = (until: number, value: (seconds: number) => number): Chart => ({
  ...{ alert: firing.name, at: onsetAt - 18 * minute, threshold: 0.05, above: true, isShare: true },
  points: Array.from({ length: 60 }, (_, index): [number, number] => {
    const seconds = Math.round((index * (until - onsetAt + 18 * minute)) / 59_000);
    return [seconds, value(seconds)];
  }),
});
const wave = (seconds: number): number => 0.002 * ((seconds % 7) / 7);
const failing = (seconds: number): number =>
  seconds < 18 * 60 ? wave(seconds) : Math.min(0.22, (seconds - 18 * 60) / 500) + wave(seconds * 3);
const atFirst = course(onsetAt + 5 * minute, failing);
const whole = course(onsetAt + 20 * minute, (seconds) =>
  seconds < 31 * 60 ? failing(seconds) : wave(seconds),
);

const suspect = (letter: string, title: string, score: number, over: Partial<Suspect> = {}): Suspect => ({
  ...{ sha: sha(letter), title, score, author: "jonas-weber", at: deployedAt - 6 * minute },
  ...{ url: `${github}/commit/${sha(letter)}`, reasons: ["runs after a payment has succeeded"] },
  change: {
    ...{ kind: "pull", commits: [sha(letter)] },
    pull: { number: 400 + (letter.codePointAt(0) ?? 0) - 96, title, url: `${github}/pull/409`, labels: [] },
    deploy: { sha: sha("d"), from: sha("b"), at: deployedAt, status: "succeeded" },
  },
  ...over,
});

const revert: Remedy = {
  ...{ kind: "revert", sha: sha("c"), title: "fx: settle in whole numbers, halves to even", score: 0.73 },
  measured: true,
};
const rollback: Remedy = { ...revert, from: sha("b"), title: "the deploy of 11:02 (4 changes)", score: 0.91 };
const scale: Scale = {
  ...{ kind: "scale", title: "raise the maximum of payment-gateway from 50 to 87 for 4 h", score: 0.81 },
  ...{
    target: "HorizontalPodAutoscaler/payments/payment-gateway",
    field: "max",
    to: "87",
    forMs: 240 * minute,
  },
  reasons: ["50 of 50 pods run, all of them above 90 % CPU", "traffic is 1.7 times that of an hour ago"],
  edit: { file: "k8s/hpa.yaml", path: "spec.maxReplicas", before: "50", after: "87" },
};

const shipped = "shipped in the deploy of 11:02:02, 98 s before the trouble began, with 3 other changes";
const diagnosis = (over: Partial<Diagnosis> = {}): Diagnosis => ({
  suspects: [
    suspect("c", "fx: settle in whole numbers, halves to even", 0.73, {
      reasons: [
        shipped,
        'the alert says currency="JPY", and so do its changed lines',
        "shares “JPY”, “conversion” with the alert (in its changed lines)",
        "PaymentErrorsHigh's ratio 0.2 % → 22 % at 11:03:40, 98 s after it went live",
        "touches src/fx/rates.js and test/fx/rates.test.js",
      ],
      kinds: ["measured", "text", "text", "measured", "text"],
    }),
    suspect("e", "card: accept the 2-series of Mastercard", 0.09, {
      ...{ author: "priya-nair", reasons: [shipped, "touches src/card.js"] },
    }),
    suspect("f", "receipts: show the fee on a line of its own", 0.06, {
      ...{ author: "zoe-lindqvist", reasons: [shipped, "touches src/receipts.js"] },
    }),
    suspect("a", "k8s: more memory for the sale", 0.06, {
      ...{ author: "mateo-ruiz", reasons: [shipped, "touches k8s/deployment.yaml"] },
    }),
  ],
  ...{ none: 0.06, onsetAt, remedies: [revert, rollback], chart: atFirst },
  notes: ["no logs are connected"],
  ...over,
});

const questions: Question[] = [
  {
    ...{ alert: firing.name, at: onsetAt + minute },
    rules: [
      {
        ...{
          expr: 'sum(rate(payments_failed_total{currency="JPY"}[2m])) / sum(rate(payments_total{currency="JPY"}[2m])) > 0.05',
        },
        ...{ labels: {}, forMs: minute, keepFiringMs: 0, everyMs: minute },
        annotations: {
          runbook_url: "https://runbooks.acme.example/payments/jpy",
          dashboard_url: "https://grafana.acme.example/d/payments",
          summary: "{{ $value | humanizePercentage }} of the {{ $labels.currency }} payments fail",
        },
      },
    ],
  },
];

const at = (minutes: number): number => onsetAt + minutes * minute;
const pull = {
  ...{ number: 412, url: `${github}/pull/412`, branch: "countersteer/revert-cccccccccccc", head: sha("9") },
  ...{ base: "main", baseSha: sha("8"), diff: "77ce03d1" },
};
const terms = {
  ...{
    nonce: "n",
    policy: "p",
    at: at(2.5),
    ground: { paths: ["src/fx/rates.js"], authors: [], isComplete: true },
  },
  ...{
    size: { added: 9, removed: 14, files: 2 },
    silence: { oncall: ["@payments-oncall"], page: { at: at(45), to: "PagerDuty" } },
  },
};

const opened: Event = {
  ...{
    type: "IncidentOpened",
    at: at(1.2),
    round: 1,
    alerts: [firing],
    onsetAt,
    truncated: false,
    due: at(20),
  },
};
const found = (over: Partial<Diagnosis> = {}): Event => ({
  ...{ type: "IncidentDiagnosed", at: at(2.3), diagnosis: diagnosis(over), due: at(20), questions },
});
const proposed = (remedy: Remedy = revert): Event => ({
  ...{ type: "RemedyProposed", at: at(2.4), remedy, pull, due: at(41) },
});
const asked: Event = {
  ...{ type: "ApprovalRequested", at: at(2.5), message, asked: ["@payments-approvers"], terms },
  link: "https://acme.slack.com/archives/C024BE91L/p1795867571000100",
};
const approved: Event = {
  ...{
    type: "RemedyApproved",
    at: at(5),
    by: "Ann Okafor (U024BE7LH)",
    head: pull.head,
    diff: pull.diff,
    due: at(20),
  },
};
const merged: Event = {
  type: "RemedyMerged",
  at: at(6.4),
  sha: sha("7"),
  by: "countersteer[bot]",
  due: at(35),
};
const live: Event = { type: "RemedyDeployed", at: at(12.1), sha: sha("7"), due: at(40) };
const verified: Event = {
  ...{ type: "IncidentClosed", at: at(18.2), outcome: "verified", verdict: "fixed", chart: whole },
  detail: "PaymentErrorsHigh was quiet for 5 min with the revert live; 22 % → 0.1 %, threshold 5 %",
};
const question = [opened, found(), proposed(), asked];
const fixed = [...question, approved, merged, live];

const ended = (outcome: "rejected" | "recovered" | "observed", detail: string, by?: string): Event => ({
  ...{ type: "IncidentClosed", at: at(14), outcome, detail },
  ...(by !== undefined && { by }),
});

const again = (events: Event[]): Event[] => {
  const later = events.map((event): Event => ({ ...event, at: event.at + 24 * 60 * minute }));
  return later.map((event) => (event.type === "IncidentOpened" ? { ...event, round: 2 } : event));
};

const hostile = `${"<script>alert(1)</script> ‮ “quoted” & 'sharp' ".repeat(6)}${"averylongwordwithoutanyspace".repeat(8)}`;
const hostileSuspect = suspect("c", hostile, 0.73, { author: "x".repeat(39), reasons: [hostile, hostile] });
const flagFirst = {
  ...{
    suspects: [suspect("c", "fx: settle in whole numbers, halves to even", 0.2)],
    none: 0.8,
    remedies: [],
  },
  flags: [
    {
      ...{ flag: "jpy-whole-numbers", score: 0.62, url: "https://flags.acme.example/jpy-whole-numbers" },
      reason: "was turned on for everybody at 11:03:12, 28 s before the trouble began",
    },
  ],
};
const withdrawal: Remedy = {
  ...{
    kind: "withdraw",
    of: { ...revert, kind: "revert" },
    merge: sha("7"),
    pull: 412,
    title: "fx: settle in whole numbers, halves to even",
    score: 0.8,
  },
};
const ineffective: Event = {
  ...{ type: "RemedyIneffective", at: at(17), due: at(30) },
  detail:
    "PaymentErrorsHigh still fires 5 min after the revert went live; 22 % → 23 %, threshold 5 %, as before",
};

const logs: Record<string, Event[]> = {
  looking: [opened],
  waiting: question,
  "load first": [
    opened,
    found({
      remedies: [scale, { ...revert, score: 0.19 }],
      none: 0.81,
      suspects: [suspect("c", "fx: settle in whole numbers", 0.19)],
    }),
    proposed(scale),
    asked,
  ],
  "flag first": [
    opened,
    found(flagFirst),
    {
      ...{ type: "IncidentEscalated", at: at(2.4), reason: "low_confidence" },
      detail: "a flag is likelier than every change (62 %): turn jpy-whole-numbers back where it was changed",
    },
  ],
  held: [
    ...question,
    {
      type: "IncidentHeld",
      at: at(4),
      by: "github",
      who: "mei-chen",
      due: at(60),
      detail: "the label countersteer/hold is set on the pull request; remove it to go on",
    },
  ],
  merging: [...question, approved],
  deploying: [...question, approved, merged],
  verifying: fixed,
  verified: [...fixed, verified],
  recovered: [opened, found(), ended("recovered", "every alert resolved before anything was merged")],
  rejected: [...question, ended("rejected", "the node pool was full", "Mei Chen (U024BE7LI)")],
  observed: [opened, found(), ended("observed", "")],
  "put back?": [
    ...fixed,
    ineffective,
    { ...found({ remedies: [withdrawal, rollback] }), at: at(17.1) },
    { ...proposed(withdrawal), at: at(17.2) },
    { ...asked, at: at(17.3) },
  ],
  withdrawn: [
    ...question,
    {
      type: "IncidentClosed",
      at: at(14),
      outcome: "withdrawn",
      by: "mei-chen",
      detail: "pull request #412 was closed on GitHub",
    },
  ],
  unanswered: [
    ...question,
    {
      type: "IncidentEscalated",
      at: at(41),
      reason: "unanswered",
      detail: "nobody decided in time",
      verdict: "still_firing",
    },
    { type: "PageRequested", at: at(45), detail: "no verified end after 45 min" },
  ],
  "round 2": [...fixed, verified, ...again(question)],
  "40 alerts": [
    {
      ...opened,
      alerts: Array.from({ length: 40 }, (_, index) =>
        alert({
          ...firing,
          fingerprint: `f${index}`,
          name: index === 0 ? firing.name : `QueueDepthHigh${index}`,
        }),
      ),
    },
    found(),
    proposed(),
    asked,
  ],
  hostile: [
    { ...opened, alerts: [{ ...firing, name: hostile, annotations: { summary: hostile } }] },
    found({
      suspects: [hostileSuspect, suspect("e", hostile, 0.2)],
      remedies: [{ ...revert, title: hostile }],
      notes: [hostile],
    }),
    proposed({ ...revert, title: hostile }),
    asked,
  ],
};

export const stateNames = Object.keys(logs);
export const stateOf = (name: string): Seen => {
  const log = logs[name] ?? [];
  return { incident: after(stateId, ...log), log, now: (log.at(-1)?.at ?? 0) + minute };
};
