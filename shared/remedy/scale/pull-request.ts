import type { Markdown } from "../../brands.ts";
import { alertsOfRound } from "../../incident/alerts/alerts.ts";
import type { Reported, Scale } from "../../incident/model.ts";
import type { Service } from "../../ports/service.ts";
import { percent, span } from "../../text/format.ts";
import { inline, joined, markdown, wholeStory } from "../../text/markdown.ts";
import { doing } from "../../text/timeline.ts";
import type { Edited } from "./model.ts";
import { scaleBody } from "./title.ts";

type About = {
  incident: Pick<Reported, "service" | "environment" | "alerts" | "diagnosis">;
  service: Service;
  remedy: Scale;
  page: string | undefined;
  isWayBack: boolean;
};
const shown = 5;
const maxSentence = 300;

/** The body of a scaling pull request: why load, the edit, how long it holds, the suspects, and how to approve. */
export const scaleProposalBody = (
  edited: Edited,
  { incident, service, remedy, page, isWayBack }: About,
): Markdown => {
  const { suspects, remedies } = incident.diagnosis;
  const names = [...new Set(alertsOfRound(incident).map(({ name }) => name))].slice(0, shown).join(", ");
  const changes = suspects.map(({ sha, title, score }) => `${sha.slice(0, 12)} ${title}: ${percent(score)}`);
  const instead = remedies
    .filter((one) => doing(one) !== doing(remedy))
    .map((one) => `${doing(one)}: ${percent(one.score)}`);
  if (isWayBack) return wayBack(edited, { incident, page });
  const parts = [
    markdown`Gives **${inline(incident.service)}** in ${inline(incident.environment)} more room, for ${inline(names)}.`,
    markdown`### Why load (${inline(percent(remedy.score))})\n${listed(remedy.reasons)}`,
    scaleBody(edited),
  ];
  if (remedy.forMs !== undefined)
    parts.push(
      markdown`### For how long\nThis is for ${inline(span(remedy.forMs))}, counted from when it is live. Then Countersteer opens the pull request that sets it back, unless someone has changed the value since or the load still needs it: then it asks.`,
    );
  if (changes.length > 0) parts.push(markdown`### If it is a change after all\n${listed(changes)}`);
  if (instead.length > 0) parts.push(markdown`### Options\n${listed(instead)}`);
  parts.push(
    markdown`### How to approve\nPress **Approve** on the message in Slack (${inline(service.channel)}). Or decide here: approve it in a review, or comment \`/countersteer approve\`, \`/countersteer reject WHY\` or \`/countersteer hold\`. An approval holds for exactly this head commit; any push voids it.${wholeStory(page)}`,
  );
  return joined(parts, "\n\n");
};

/** The body for the way back of a raise that was for a time: it lowers the value, and nobody is asked in Slack. */
const wayBack = (edited: Edited, { incident, page }: Pick<About, "incident" | "page">): Markdown =>
  joined(
    [
      markdown`The temporary raise of **${inline(incident.service)}** in ${inline(incident.environment)} has ended.`,
      scaleBody(edited),
      markdown`### What this is for\nIt sets the value back to what it was before the raise. Countersteer does not merge it: review and merge it as any other, or close it when the load still needs the raise.${wholeStory(page)}`,
    ],
    "\n\n",
  );

const listed = (sentences: string[]): Markdown =>
  joined(
    sentences.slice(0, shown).map((sentence) => markdown`- ${inline(sentence, maxSentence)}`),
    "\n",
  );
