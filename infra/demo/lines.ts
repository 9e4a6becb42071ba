import type { Event } from "../../shared/incident/events.ts";
import type { Diagnosis } from "../../shared/incident/model.ts";
import { percent, short } from "../../shared/text/format.ts";
import { timelineEntry } from "../../shared/text/timeline.ts";
import type { IncidentView } from "./follow.ts";

/** One entry of the story: a sentence, what belongs under it, and whether it ends well or badly or asks for something. */
export type Line = { sentence: string; details?: string[]; kind?: "good" | "bad" | "ask" };
/** Pages that a person opens. `yes`: nobody is asked. */
type Addresses = { page: string; slack: string; yes: boolean };

/** The event in words, with the addresses that matter at that moment; undefined when it is nobody's news. */
export const lineOf = (
  event: Event,
  incident: IncidentView,
  { page, slack, yes }: Addresses,
): Line | undefined => {
  const words = timelineEntry(event);
  if (!words) return undefined;
  const sentence = words.text === "" ? words.title : `${words.title}: ${words.text}`;
  switch (event.type) {
    case "IncidentOpened":
      return { sentence, details: [page], kind: "bad" };
    case "IncidentDiagnosed":
      return load(event.diagnosis) ?? diagnosed(incident);
    case "RemedyProposed":
      return { sentence, details: [event.pull.url] };
    case "ApprovalRequested":
      return yes
        ? { sentence }
        : { sentence: "It is your turn: press Approve in Slack.", details: [slack], kind: "ask" };
    case "IncidentClosed":
      return { sentence, kind: event.outcome === "verified" ? "good" : "bad" };
    case "IncidentEscalated":
      return { sentence, kind: "bad" };
    default:
      return { sentence };
  }
};

/** Load, where it is likelier than every change. */
const load = ({ remedies: [best] }: Diagnosis): Line | undefined =>
  best?.kind === "scale"
    ? { sentence: `Diagnosed: load with ${percent(best.score)}`, details: best.reasons }
    : undefined;

const diagnosed = ({ suspects: [first, ...others] }: IncidentView): Line => {
  if (!first) return { sentence: "Diagnosed: no change is suspected" };
  const rest = others
    .slice(0, 3)
    .map(({ sha, score, title }) => `${percent(score).padStart(5)}  ${short(sha)}  ${title}`);
  return {
    sentence: `Diagnosed: ${short(first.sha)} “${first.title}” with ${percent(first.score)}`,
    details: [...first.reasons, ...(rest.length > 0 ? ["others:", ...rest] : [])],
  };
};
