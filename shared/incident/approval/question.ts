import type { EpochMs, Sha } from "../../brands.ts";
import type { In, Incident } from "../model.ts";

/** A question as a button or a modal names it. Those of an older version named no `nonce`. */
export type Question = { round: number; head: Sha; nonce?: string };

/** Whether people may still answer: the question is about the pull request as proposed now, and its time is not over. */
export const isOpen = (
  incident: Incident,
  { round, head }: Question,
  at: EpochMs,
): incident is In<"proposed"> =>
  incident.status === "proposed" &&
  incident.held === undefined &&
  incident.round === round &&
  incident.pull.head === head &&
  at < incident.due;

/** Whether a no still counts: the question is open or held, or approved and not merged yet. */
export const isStoppable = (
  incident: Incident,
  { round, head }: Question,
  at: EpochMs,
): incident is In<"proposed" | "approved"> =>
  (incident.status === "approved" || (incident.status === "proposed" && at < incident.due)) &&
  incident.round === round &&
  incident.pull.head === head;
