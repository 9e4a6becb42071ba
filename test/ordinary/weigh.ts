import type { Case, LogLine, Series } from "../../shared/diagnosis/model.ts";
import { rank } from "../../shared/diagnosis/rank.ts";
import { decide } from "../../shared/incident/decide.ts";
import { evolve } from "../../shared/incident/evolve.ts";
import { type Diagnosis, emptyIncident, type Remedy } from "../../shared/incident/model.ts";
import type { Commit } from "../../shared/ports/history.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import { policy } from "../support/incident.ts";

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;
/** The moment at which the alert arrives. */
export const now = Date.UTC(2026, 10, 24, 12);

/** A commit: its title, its changed lines by path, and how long ago it landed. */
export type Landing = [title: string, files: Record<string, string>, ago: number];
/** A deploy: the title of its newest commit, how long ago it was, and what else is known of it. */
export type Deploying = [title: string, ago: number, over?: Partial<DeployRecord>];

export type Ordinary = {
  /** The oldest first, behind the usual history. */
  commits: Landing[];
  deploys?: Deploying[];
  alert: {
    name: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ago?: number;
  };
  series?: Series[];
  logs?: LogLine[];
  over?: Partial<Case>;
  /** Without the deploys of the former weeks. */
  isNew?: boolean;
};

const usual: Landing[] = [
  ["start", { "README.md": "+shop" }, 40 * day],
  ["orders: paginate the list", { "src/orders.js": "+const PAGE = 50;" }, 12 * day],
  ["docs: how to page the database team", { "docs/runbook.md": "+Database: #team-db." }, 11 * day],
  ["search: boost exact titles", { "src/search.js": "-limit 20\n+order by rank limit 20" }, 9 * day],
  ["mailer: plain text part", { "src/mailer.js": "+html: undefined" }, 6 * day],
  ["payments: log the provider's request id", { "src/payments.js": "+const log = console;" }, 5 * day],
  ["web: footer links", { "web/footer.html": "+<a href=/imprint>imprint</a>" }, 3 * day],
  ["orders: export as CSV", { "src/csv.js": "+exports.row = (x) => x.join(',');" }, 2 * day],
];
const before: Deploying[] = [
  ["orders: paginate the list", 11.9 * day],
  ["search: boost exact titles", 8.9 * day],
  ["payments: log the provider's request id", 4.9 * day],
  ["orders: export as CSV", 1.4 * day],
];

const shaAt = (index: number): string => (index + 1).toString(16).padStart(8, "a").repeat(5);

const commitOf = ([title, files, ago]: Landing, index: number): Commit => ({
  ...{ sha: shaAt(index), parents: index === 0 ? [] : [shaAt(index - 1)], title, message: title },
  ...{ author: "Ann", at: now - ago, url: "", paths: Object.keys(files) },
  patch: Object.entries(files)
    .map(([path, lines]) => `+++ b/${path}\n${lines}`)
    .join("\n"),
});

export const caseOf = ({
  commits: today,
  deploys = [],
  alert,
  series,
  logs,
  over,
  isNew,
}: Ordinary): Case => {
  const commits = [...(isNew ? usual.slice(0, 1) : usual), ...today].map(commitOf);
  const shaOf = (title: string): string => {
    const commit = commits.find((one) => one.title === title);
    if (commit === undefined) throw new Error(`no commit is called ${title}`);
    return commit.sha;
  };
  const startsAt = now - (alert.ago ?? 30 * second);
  return {
    service: "shop",
    alerts: [
      {
        ...{ fingerprint: "f1", name: alert.name, status: "firing", startsAt },
        labels: { alertname: alert.name, service: "shop", environment: "production", ...alert.labels },
        annotations: alert.annotations ?? {},
      },
    ],
    onsetAt: startsAt,
    commits: commits.toReversed(),
    history: commits.map(({ sha }) => sha).toReversed(),
    deploys: [...(isNew ? [] : before), ...deploys].map(([title, ago, more]) => ({
      ...{
        service: "shop",
        environment: "production",
        sha: shaOf(title),
        status: "succeeded",
        at: now - ago,
      },
      ...more,
    })),
    ...(series === undefined ? {} : { series }),
    ...(logs === undefined ? {} : { logs }),
    ...over,
  };
};

/** The result: the diagnosis, the remedy that would be proposed, and the title of the first suspect. */
export type Told = { diagnosis: Diagnosis; proposed: Remedy | undefined; first: string | undefined };

export const told = (given: Ordinary, bar = 0.5): Told => {
  const diagnosis = rank(caseOf(given));
  const at = now;
  const opened = evolve(emptyIncident("shop/production"), {
    ...{ type: "IncidentOpened", at, round: 1, alerts: [], onsetAt: at, truncated: false, due: at + hour },
  });
  const events = decide(
    opened,
    { type: "RecordDiagnosis", at, round: 1, diagnosis },
    { ...policy, minConfidence: bar },
  );
  const [recorded] = events;
  const proposed =
    events.length === 1 && recorded?.type === "IncidentDiagnosed"
      ? recorded.diagnosis.remedies[0]
      : undefined;
  return { diagnosis, proposed, first: diagnosis.suspects[0]?.title };
};

/** The probability of a commit. */
export const chanceOf = (given: Ordinary, title: string): number =>
  rank(caseOf(given)).suspects.find((suspect) => suspect.title === title)?.score ?? 0;

/** A metric of the alert's own expression that steps `ago` ms before the alert arrives. */
export const step = (ago: number, usually: number, then: number, over: Partial<Series> = {}): Series => ({
  ...{ service: "shop", metric: "HighErrorRate's ratio", alert: "HighErrorRate" },
  points: Array.from({ length: 361 }, (_, index) => {
    const at = now - (360 - index) * minute;
    return [at, at >= now - ago ? then * (1 + (index % 5) / 50) : usually * (1 + (index % 5) / 20)];
  }),
  ...over,
});

/** Lines of the log every `everyMs` from `ago` on. */
export const lines = (
  ago: number,
  text: string,
  over: Partial<LogLine> = {},
  everyMs = 3 * second,
): LogLine[] =>
  Array.from({ length: Math.floor(ago / everyMs) }, (_, index) => ({
    ...{ at: now - ago + index * everyMs, service: "shop", level: "error", text },
    ...over,
  }));

/** The warnings that the shop logs on any day. */
export const noise: LogLine[] = Array.from({ length: 60 }, (_, index) => ({
  ...{ at: now - (60 - index) * minute, service: "shop", level: "warn" },
  text: `slow request took ${900 + index} ms`,
}));

export const highErrors = {
  name: "HighErrorRate",
  annotations: {
    summary: "High error rate on shop",
    description: "shop has more than 5% 5xx responses for 5 minutes",
  },
};
export const css: Landing = [
  "web: less space above the list",
  { "web/app.css": "+ul { margin-top: 4px }" },
  3 * hour,
];
export const docs: Landing = [
  "docs: link the dashboards",
  { "docs/runbook.md": "+Dashboards: grafana" },
  hour,
];
export const receipt: Landing = [
  "receipts: show the order number",
  { "src/receipts.js": "+exports.title = (o) => o.id;" },
  2 * hour,
];
