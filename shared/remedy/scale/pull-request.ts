import type { In, Scale } from "../../incident/model.ts";
import type { Service } from "../../ports/service.ts";
import { percent } from "../../text/format.ts";
import { inline, link } from "../../text/markdown.ts";
import { doing } from "../../text/timeline.ts";
import type { Edited } from "./model.ts";
import { scaleBody } from "./title.ts";

type About = {
  incident: Pick<In<"diagnosed">, "service" | "environment" | "alerts" | "diagnosis">;
  service: Service;
  remedy: Scale;
  page: string;
};
const shown = 5;
const maxSentence = 300;

/** What the pull request of a scaling remedy says: why load, what changes, until when, what else it may be, and how to approve. */
export const scaleProposalBody = (edited: Edited, { incident, service, remedy, page }: About): string => {
  const { suspects, remedies } = incident.diagnosis;
  const names = [...new Set(incident.alerts.map(({ name }) => name))]
    .slice(0, shown)
    .map((name) => inline(name));
  const instead = remedies.filter((one) => doing(one) !== doing(remedy));
  const list = (sentences: string[]) =>
    sentences
      .slice(0, shown)
      .map((sentence) => `- ${inline(sentence, maxSentence)}`)
      .join("\n");
  const parts = [
    `Gives **${inline(incident.service)}** in ${inline(incident.environment)} more room, for ${names.join(", ")}.`,
    `### Why load (${percent(remedy.score)})\n${list(remedy.reasons)}`,
    scaleBody(edited),
  ];
  if (remedy.until !== undefined)
    parts.push(
      `### Until when\nThis is for a time. At ${new Date(remedy.until).toISOString()} Countersteer opens the pull request that sets it back, unless someone has changed the value since or the load still needs it: then it asks.`,
    );
  if (suspects.length > 0)
    parts.push(
      `### If it is a change after all\n${list(suspects.map(({ sha, title, score }) => `${sha.slice(0, 12)} ${title}: ${percent(score)}`))}`,
    );
  if (instead.length > 0)
    parts.push(
      `### What may be done instead\n${list(instead.map((one) => `${doing(one)}: ${percent(one.score)}`))}`,
    );
  parts.push(
    `### How to approve\nPress **Approve** on the message in Slack (${inline(service.channel)}). The approval holds for exactly this head commit; any push voids it. ${link("The incident", page)} has the whole story.`,
  );
  return parts.join("\n\n");
};
