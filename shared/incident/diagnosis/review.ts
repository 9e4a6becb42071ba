import type { EpochMs } from "../../brands.ts";
import type { Diagnosis, In, Incident, Suspect } from "../model.ts";
import { percent } from "../percent.ts";
import type { Policy } from "../policy.ts";

/** An incident that is diagnosed again when more is known: nothing is approved yet. */
export type Reviewable = In<"opened" | "proposed">;

/** Whether the incident is to be diagnosed: for the first time, at the time set, or because something new is known. */
export const isLookDue = (incident: Reviewable, at: EpochMs, basis: string | undefined): boolean => {
  if (incident.status === "opened" && incident.thin === undefined) return true;
  // The time to answer is over: people take over, and nothing is asked anew.
  if (incident.status === "proposed" && at >= incident.due) return false;
  if (incident.lookAt !== undefined && at >= incident.lookAt) return true;
  return basis !== undefined && incident.basis !== undefined && basis !== incident.basis;
};

/** The time of the next look, by the incident's age; undefined after the last one. */
export const nextLook = (
  { openedAt }: Pick<Reviewable, "openedAt">,
  at: EpochMs,
  { lookAgainMs }: Policy,
): EpochMs | undefined => lookAgainMs.map((age) => openedAt + age).find((due) => due > at);

/** A probability that moved less than this is the same to people. */
const least = 0.05;
const name = ({ sha, title, score }: Suspect): string => `${sha.slice(0, 12)} “${title}” (${percent(score)})`;

/** The differences between two diagnoses, as sentences. */
export const changesBetween = (before: Diagnosis, now: Diagnosis): string[] => {
  const [former] = before.suspects;
  const [first] = now.suspects;
  if (first === undefined)
    return former === undefined ? [] : [`no change is suspected any more, before it was ${name(former)}`];
  if (former?.sha !== first.sha)
    return [
      `${name(first)} is the first suspect now${former === undefined ? "" : `, before it was ${name(former)}`}`,
    ];
  if (Math.abs(former.score - first.score) < least) return [];
  return [
    `${first.sha.slice(0, 12)} “${first.title}” is at ${percent(first.score)} now, after ${percent(former.score)}`,
  ];
};

/** The latest diagnosis, a first thin look included. */
export const diagnosisOf = (incident: Incident): Diagnosis | undefined => {
  if (incident.status === "opened") return incident.thin?.diagnosis;
  return "diagnosis" in incident ? incident.diagnosis : undefined;
};
