import { diagnosisOf } from "../incident/diagnosis/review.ts";
import type { Event } from "../incident/events.ts";
import type { Chart, Diagnosis, Incident } from "../incident/model.ts";
import { eventsOf } from "../text/story.ts";
import type { Mark } from "./layout.ts";

/** The course that is known of the incident: up to its end once it was verified. */
export const courseIn = (incident: Incident): Chart | undefined =>
  ("chart" in incident ? incident.chart : undefined) ?? diagnosisOf(incident)?.chart;

/** The instants that the diagnosis found: deploys, and the onset. */
export const foundMarks = (diagnosis: Diagnosis | undefined): Mark[] => {
  if (diagnosis === undefined) return [];
  const deploys = new Set(diagnosis.suspects.flatMap(({ change }) => change?.deploy?.at ?? []));
  return [
    ...[...deploys].map((at): Mark => ({ at, kind: "deploy", label: "deploy" })),
    { at: diagnosis.onsetAt, kind: "onset", label: "trouble" },
  ];
};

/** The instants that a chart of the incident marks. */
export const marksOf = (incident: Incident, log: Event[]): Mark[] => {
  const marks = foundMarks(diagnosisOf(incident));
  for (const event of eventsOf(log, incident.round)) {
    if (event.type === "RemedyMerged") marks.push({ at: event.at, kind: "merge", label: "merged" });
    if (event.type === "RemedyDeployed") marks.push({ at: event.at, kind: "live", label: "live" });
    if (event.type === "IncidentClosed" && event.outcome === "verified")
      marks.push({ at: event.at, kind: "verdict", label: "verified" });
  }
  return marks;
};
