import type { Markdown } from "../../brands.ts";
import { alertsOfRound } from "../../incident/alerts/alerts.ts";
import { flagText, notesBeside } from "../../incident/diagnosis/flags.ts";
import type { Alert, Pull, Remedy, Replaced, Reported, Revert, Suspect } from "../../incident/model.ts";
import type { Guard } from "../../policy/guarded-paths.ts";
import type { Commit } from "../../ports/history.ts";
import type { Note } from "../../ports/pulls.ts";
import type { Service } from "../../ports/service.ts";
import { noneBeside, sharePercent } from "../../text/causes.ts";
import { percent, short } from "../../text/format.ts";
import { inUtc } from "../../text/instants.ts";
import { code, inline, joined, link, markdown, wholeStory } from "../../text/markdown.ts";
import { redeployNotes } from "../../text/redeploy.ts";
import { behindText, doing, type TimelineEntry, whereabouts } from "../../text/timeline.ts";

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

/**
 * The body of the pull request: the alert, the suspect and the reasons, the other suspects, and how to approve. Everything from outside is
 * encoded.
 */
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
    page: string | undefined;
    after?: Pull;
  },
): Markdown => {
  const { suspects } = incident.diagnosis;
  const notes = notesBeside(incident.diagnosis);
  const suspect = suspectOf(remedy, suspects);
  const rest = suspects.filter((one) => one !== suspect);
  const instead = incident.diagnosis.remedies.filter((one) => doing(one) !== doing(remedy));
  const parts = [
    markdown`Reverts ${what(remedy, commit)}, which Countersteer suspects of the trouble in **${inline(incident.service)}**, ${inline(incident.environment)}.`,
    markdown`### Alerts\n${alerts(alertsOfRound(incident))}`,
    markdown`### ${why(remedy, suspect)}\n${listed(suspect?.reasons ?? [], shownReasons)}`,
    markdown`### Other candidates\n${others(rest.slice(0, shownSuspects), suspect?.reasons)}${flagged(incident.diagnosis)}\n- none of these: ${inline(sharePercent(noneBeside(incident.diagnosis)))}`,
  ];
  if (notes.length > 0) parts.push(markdown`### Note\n${listed(notes, shownNotes)}`);
  const ahead = [...redeployNotes(remedy), ...(remedy.notes ?? []), ...behindText(remedy)];
  if (ahead.length > 0) parts.push(markdown`### About this pull request\n${listed(ahead, shownNotes)}`);
  if (after === undefined && instead.length > 0) parts.push(markdown`### Options\n${alternatives(instead)}`);
  if (guards.length > 0)
    parts.push(markdown`### Look twice\nNo machine may approve this revert:\n${guarded(guards)}`);
  parts.push(after === undefined ? howToApprove(service, page) : whatFor(after, page));
  return joined(parts, "\n\n");
};

/** The suspect that the remedy is about: of a rollback the commit behind it, of a whole deploy the likeliest of it. */
const suspectOf = ({ sha, from, behind }: Revert, suspects: Suspect[]): Suspect | undefined => {
  if (from !== undefined) return suspects[0];
  const named = suspects.find((one) => one.sha === sha) ?? suspects.find((one) => one.sha === behind?.sha);
  return named ?? (behind === undefined ? undefined : suspects[0]);
};

const flagged = (diagnosis: Reported["diagnosis"]): Markdown =>
  joined(
    (diagnosis.flags ?? []).map(
      (flag) =>
        markdown`\n- a flag: ${inline(percent(flag.score))}, ${inline(flagText(flag, diagnosis), maxSentence)}`,
    ),
    "",
  );

const alternatives = (remedies: Remedy[]): Markdown =>
  joined(
    remedies.map((one) => markdown`- ${inline(doing(one), maxSummary)}: ${inline(percent(one.score))}`),
    "\n",
  );

/** The ways in which people approve a pull request of ours. */
export const howToApprove = ({ channel }: Service, page: string | undefined): Markdown =>
  markdown`### How to approve\nPress **Approve** on the message in Slack (${inline(channel)}). Or decide here: approve it in a review, or comment \`/countersteer approve\`, \`/countersteer reject WHY\` or \`/countersteer hold\`. An approval holds for exactly this head commit; any push voids it. Merging by hand works too: Countersteer then watches it go live.${wholeStory(page)}`;

/** The explanation of a follow-up for its reviewers. */
const whatFor = (after: Pull, page: string | undefined): Markdown =>
  markdown`### What this is for\nThe former version runs again: ${link("a rollback", after.url)} put it back. This takes the commit behind it back, so that the next version is good. Countersteer does not merge it: review and merge it as any other, or close it when the fix is another.${wholeStory(page)}`;

/** The heading above the reasons. A whole deploy, or two, are taken back for the likeliest change of them. */
const why = ({ from, title, score, behind }: Revert, suspect: Suspect | undefined): Markdown => {
  if (suspect === undefined) return markdown`Why this change`;
  const likely = inline(percent(suspect.score));
  if (behind !== undefined)
    return markdown`Why this rollback (${inline(percent(score))}): ${inline(short(suspect.sha))} ${inline(suspect.title, maxName)} is the likeliest change of it (${likely})`;
  if (from === undefined) return markdown`Why this change (${likely})`;
  return markdown`Why ${inline(title, maxName)}: ${inline(percent(score))}, and ${inline(short(suspect.sha))} ${inline(suspect.title, maxName)} is the likeliest change (${likely})`;
};

const listed = (sentences: string[], most: number): Markdown =>
  joined(
    sentences.slice(0, most).map((sentence) => markdown`- ${inline(inUtc(sentence), maxSentence)}`),
    "\n",
  );

const what = ({ from, title: deploys }: Revert, { sha, title }: Pick<Commit, "sha" | "title">): Markdown =>
  from === undefined
    ? markdown`${inline(sha)} (${inline(title, maxSummary)})`
    : markdown`everything that came after ${inline(from)} up to ${inline(sha)} (${inline(title, maxSummary)}), as brought by ${inline(deploys, maxSummary)}`;

const alerts = (all: Alert[]): Markdown => {
  const lines = all.slice(0, shownAlerts).map(alertLine);
  const more = all.length > shownAlerts ? [markdown`- and ${all.length - shownAlerts} more`] : [];
  return joined([...lines, ...more], "\n");
};

const alertLine = ({ name, startsAt, labels, annotations }: Alert): Markdown => {
  const shown = Object.entries(labels)
    .filter(([label]) => label !== "alertname")
    .map(([label, value]) => code(`${label}="${value}"`, maxName));
  const summary = annotations.summary ?? annotations.description;
  const told = summary === undefined ? "" : markdown`: ${inline(summary, maxSummary)}`;
  return markdown`- **${inline(name, maxName)}** since ${inline(instant(startsAt))}${told} ${joined(shown.slice(0, shownLabels), " ")}`;
};

const guarded = (guards: Guard[]): Markdown => {
  const lines = guards.slice(0, shownGuards).map(({ path, reason, url }) => {
    const file = path === undefined ? "" : markdown`${code(path, maxSummary)}: `;
    return markdown`- ${file}${url === undefined ? inline(reason, maxSentence) : link(reason, url)}`;
  });
  const more = guards.length > shownGuards ? [markdown`- and ${guards.length - shownGuards} more`] : [];
  return joined([...lines, ...more], "\n");
};

/** Each with the first fact that does not stand above already. */
const others = (suspects: Suspect[], told: string[] = []): Markdown =>
  joined(
    suspects.map(({ sha, title, score, reasons, ...repository }) => {
      const reason = reasons.find((one) => !told.includes(one));
      const because = reason === undefined ? "" : markdown`, ${inline(inUtc(reason), maxSummary)}`;
      return markdown`- ${inline(short(sha))} ${inline(title, maxName)}${inline(whereabouts(repository), maxName)}: ${inline(percent(score))}${because}`;
    }),
    "\n",
  );

/** The comment on a pull request that another takes the place of. */
export const noteOfReplacement = ({
  id,
  round,
  replaced: { pull, by, why },
}: {
  id: string;
  round: number;
  replaced: Replaced;
}): Note => ({
  marker: why === undefined ? `${id}#${round}:replaced` : `${id}#${round}:outdated:${pull.number}`,
  markdown:
    why === undefined
      ? markdown`**Another remedy was chosen instead**\n\nby ${inline(by)}; this pull request is closed`
      : markdown`**Opened anew**\n\n${inline(why)}; this pull request is closed, and another one is opened where the change can be reverted on the branch as it is now`,
});

/** One comment of the story. */
export const note = (marker: string, at: number, { title, text, links = [] }: TimelineEntry): Note => ({
  marker,
  markdown: joined(
    [
      markdown`**${inline(title)}** ${inline(instant(at))}`,
      inline(inUtc(text)),
      ...links.map(({ text, url }) => link(text, url)),
    ],
    "\n\n",
  ),
});
