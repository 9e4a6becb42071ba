import type { Bar, Counts, Report, Tally, Times } from "../../../shared/incident/rounds/report.ts";
import { counted, percent, span } from "../../../shared/text/format.ts";

/** The report as lines to read. */
export const reportText = (report: Report): string => {
  const { since, until, all, services, bars, rejections } = report;
  const lines = [
    `${dayOf(since)} to ${dayOf(until)}: ${counted(all.rounds, "incident")}${all.open === 0 ? "" : `, ${all.open} open`}`,
    ...(all.rounds === 0 ? [] : [...endLines(all), ...proposalLines(all), ...deployLines(report)]),
    ...timeLines(all.times),
    ...barLines(bars),
    ...serviceLines(services),
    ...tallyLines("Asked:", report.asked),
    ...tallyLines("Approved by:", report.approvedBy),
    ...(rejections.length === 0 ? [] : ["", "Rejected by people:"]),
    ...rejections.map(({ incident, title, why }) => `  ${incident}  “${title}”: ${why}`),
  ];
  return `${lines.join("\n")}\n`;
};

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

const named = (name: string): string => name.replaceAll("_", " ");

const endLines = ({ ends, escalated, paged }: Counts): string[] => [
  ...Object.entries(ends)
    .sort(([one, a], [other, b]) => b - a || one.localeCompare(other))
    .map(([end, count]) => `${String(count).padStart(6)}  ${named(end)}`),
  `A person was needed in ${escalated === 0 ? "none" : escalated} of them, and ${paged === 0 ? "none" : paged} paged.`,
];

const proposalLines = ({ proposed, approved, merged, judged }: Counts): string[] => {
  if (proposed === 0) return ["Nothing was proposed."];
  const { verified, ineffective, ruled_out: ruledOut, rejected } = judged;
  return [
    "",
    `${counted(proposed, "proposal")}: ${approved} approved, ${merged} merged.`,
    `  right      ${verified} verified`,
    `  wrong      ${ineffective} did not help, ${ruledOut} ruled out, ${rejected} rejected`,
    `  not known  ${judged.unjudged}`,
  ];
};

const deployLines = ({ deploys }: Report): string[] =>
  deploys === undefined || deploys.count === 0
    ? []
    : [
        `${counted(deploys.count, "deploy")}, of which ${deploys.failed} brought a change that a verified revert took back: ${percent(deploys.failed / deploys.count)} change failure rate.`,
      ];

const timeNames: [keyof Times, string][] = [
  ["propose", "first alert to pull request"],
  ["decide", "pull request to approval"],
  ["live", "approval to live"],
  ["restore", "start of the trouble to its end"],
  ["restoreVerified", "  where a merged remedy did it"],
  ["restoreByPeople", "  where people put it right"],
];

const timeLines = (times: Times): string[] => {
  const lines = timeNames.flatMap(([name, text]) => {
    const ms = times[name];
    return ms === undefined ? [] : [`  ${text.padEnd(32)}${span(ms)}`];
  });
  return lines.length === 0 ? [] : ["", "Medians:", ...lines];
};

/** The bar for mode `auto`, by the team's own incidents. */
const barLines = (bars: Bar[]): string[] => {
  const known = bars.filter(({ judged }) => judged > 0);
  return known.length === 0
    ? []
    : [
        "",
        "Proposals with at least this probability, and how many of those that were judged were right:",
        ...known.map(
          ({ atLeast, judged, right }) => `  ${percent(atLeast).padStart(5)}  ${right} of ${judged}`,
        ),
        ...autoLine(known),
      ];
};

/** So few judged proposals say nothing about the next. */
const least = 20;
const autoLine = (bars: Bar[]): string[] => {
  const safe = bars.find(({ judged, right }) => judged >= least && right >= 0.95 * judged);
  return [
    safe === undefined
      ? `No bar for mode auto: at none of them were 95 of 100 right in ${least} or more.`
      : `Mode auto: autoConfidence ${safe.atLeast} would have been right in ${safe.right} of ${safe.judged}.`,
  ];
};

const tallyLines = (title: string, all: Tally): string[] =>
  all.length === 0
    ? []
    : ["", title, ...all.map(({ name, count }) => `${String(count).padStart(6)}  ${name}`)];

const serviceLines = (services: Record<string, Counts>): string[] => {
  const names = Object.keys(services);
  if (names.length < 2) return [];
  const width = Math.max(...names.map((name) => name.length), 7) + 2;
  return [
    "",
    `${"service".padEnd(width)}incidents  verified  wrong  needed a person`,
    ...Object.entries(services).map(([name, { rounds, judged, escalated }]) => {
      const wrong = judged.ineffective + judged.ruled_out + judged.rejected;
      return `${name.padEnd(width)}${String(rounds).padStart(9)}${String(judged.verified).padStart(10)}${String(wrong).padStart(7)}${String(escalated).padStart(17)}`;
    }),
  ];
};
