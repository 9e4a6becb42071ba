import { flagText, notesBeside } from "../../incident/flags.ts";
import type { Pull, Reported, Revert, Suspect } from "../../incident/model.ts";
import type { Commit } from "../../ports/history.ts";
import type { Note } from "../../ports/pulls.ts";
import type { Service } from "../../ports/service.ts";
import { percent, short } from "../../text/format.ts";
import { code, inline, link } from "../../text/markdown.ts";
import { behindText, doing, type Told, whereabouts } from "../../text/timeline.ts";
import type { Guard } from "./guarded-files.ts";

// Encoding makes a character up to six; together these keep the body below GitHub's 65,536.
const shownAlerts = 5;
const shownLabels = 8;
const shownSuspects = 5;
const shownGuards = 10;
const shownReasons = 7;
const shownNotes = 5;
const maxName = 80;
const maxSummary = 200;
const maxSentence = 300;
const instant = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, "Z");

/** What the pull request says: the alert, the suspect and why, who else it might be, and how to approve. Everything from outside is encoded. */
export const pullBody = (
  incident: Reported,
  {
    service,
    remedy,
    commit,
    guards,
    page,
    after,
  }: {
    service: Service;
    remedy: Revert;
    commit: Pick<Commit, "sha" | "title">;
    guards: Guard[];
    page: string;
    after?: Pull;
  },
): string => {
  const { suspects, none, flags = [] } = incident.diagnosis;
  const notes = notesBeside(incident.diagnosis);
  const suspect = remedy.from === undefined ? suspects.find(({ sha }) => sha === remedy.sha) : suspects[0];
  const rest = suspects.filter((one) => one !== suspect);
  const instead = incident.diagnosis.remedies.filter((one) => doing(one) !== doing(remedy));
  const parts = [
    `Takes back ${what(remedy, commit)}, which Countersteer suspects of the trouble in **${inline(incident.service)}**, ${inline(incident.environment)}.`,
    `### Alerts\n${alerts(incident)}`,
    `### ${why(remedy, suspect)}\n${listed(suspect?.reasons ?? [], shownReasons)}`,
    `### Other candidates\n${others(rest.slice(0, shownSuspects))}\n- none of these: ${percent(none)}${flags.map((flag) => `\n- a flag: ${percent(flag.score)} of them, ${inline(flagText(flag, incident.diagnosis), maxSentence)}`).join("")}`,
  ];
  if (notes.length > 0) parts.push(`### To be known\n${listed(notes, shownNotes)}`);
  const ahead = [...(remedy.notes ?? []), ...behindText(remedy)];
  if (ahead.length > 0) parts.push(`### About this pull request\n${listed(ahead, shownNotes)}`);
  if (after === undefined && instead.length > 0)
    parts.push(
      `### What may be done instead\n${instead.map((one) => `- ${inline(doing(one), maxSummary)}: ${percent(one.score)}`).join("\n")}`,
    );
  if (guards.length > 0)
    parts.push(`### Look twice\nNo machine may approve this revert:\n${guarded(guards)}`);
  parts.push(after === undefined ? howToApprove(service, page) : whatFor(after, page));
  return parts.join("\n\n");
};

const howToApprove = ({ channel }: Service, page: string): string =>
  `### How to approve\nPress **Approve** on the message in Slack (${inline(channel)}). The approval holds for exactly this head commit; any push voids it. Merging by hand works too: Countersteer then watches it go live. ${link("The incident", page)} has the whole story.`;

/** What a follow-up is, for those who review it. */
const whatFor = (after: Pull, page: string): string =>
  `### What this is for\nThe former version runs again: ${link("a rollback", after.url)} put it back. This takes the commit behind it back, so that the next version is good. Countersteer does not merge it: review and merge it as any other, or close it when the fix is another. ${link("The incident", page)} has the whole story.`;

/** A deploy is taken back for the likeliest of what it brought. */
const why = ({ from, score }: Revert, suspect: Suspect | undefined): string => {
  if (suspect === undefined) return "Why this change";
  if (from === undefined) return `Why this change (${percent(suspect.score)})`;
  return `Why this deploy (${percent(score)}): ${short(suspect.sha)} ${inline(suspect.title, maxName)} is the likeliest of it (${percent(suspect.score)})`;
};

const listed = (sentences: string[], most: number): string =>
  sentences
    .slice(0, most)
    .map((sentence) => `- ${inline(sentence, maxSentence)}`)
    .join("\n");

const what = ({ from }: Revert, { sha, title }: Pick<Commit, "sha" | "title">): string =>
  from === undefined
    ? `${sha} (${inline(title, maxSummary)})`
    : `everything that came after ${from} up to ${sha} (${inline(title, maxSummary)}), what one deploy brought`;

const alerts = ({ alerts }: Pick<Reported, "alerts">): string => {
  const all = alerts;
  const lines = all.slice(0, shownAlerts).map(({ name, startsAt, labels, annotations }) => {
    const shown = Object.entries(labels)
      .filter(([label]) => label !== "alertname")
      .map(([label, value]) => code(`${label}="${value}"`, maxName));
    const summary = annotations.summary ?? annotations.description;
    return `- **${inline(name, maxName)}** since ${instant(startsAt)}${summary === undefined ? "" : `: ${inline(summary, maxSummary)}`} ${shown.slice(0, shownLabels).join(" ")}`;
  });
  return [...lines, ...(all.length > shownAlerts ? [`- and ${all.length - shownAlerts} more`] : [])].join(
    "\n",
  );
};

const guarded = (guards: Guard[]): string =>
  [
    ...guards
      .slice(0, shownGuards)
      .map(
        ({ path, reason }) =>
          `- ${path === undefined ? "" : `${code(path, maxSummary)}: `}${inline(reason, maxSentence)}`,
      ),
    ...(guards.length > shownGuards ? [`- and ${guards.length - shownGuards} more`] : []),
  ].join("\n");

const others = (suspects: Suspect[]): string =>
  suspects
    .map(
      ({ sha, title, score, reasons, ...place }) =>
        `- ${short(sha)} ${inline(title, maxName)}${inline(whereabouts(place), maxName)}: ${percent(score)}${reasons[0] === undefined ? "" : `, ${inline(reasons[0], maxSummary)}`}`,
    )
    .join("\n");

/** What is said on the pull request of a remedy that another took the place of. */
export const noteOfChoice = ({ id, round, by }: { id: string; round: number; by: string }): Note => ({
  marker: `${id}#${round}:replaced`,
  markdown: `**Another remedy was chosen instead**\n\nby ${inline(by)}; this pull request is closed`,
});

/** One comment of the story. */
export const note = (marker: string, at: number, { title, text }: Told): Note => ({
  marker,
  markdown: `**${inline(title)}** ${instant(at)}\n\n${inline(text)}`,
});
