import type { EpochMs, Sha } from "../../brands.ts";
import type { Event } from "../events.ts";
import type { Remedy } from "../model.ts";

/** A person's no to a revert. */
export type No = { by: string; at: EpochMs; detail: string };

/** The latest no to the revert of `sha`, and the numbers of the pull requests that Countersteer closed itself. */
type Declined = { no?: No; closedByUs: Set<number> };

/** A rejection, or a pull request closed by a person, is a no to its culprit. An approval or a merge afterwards takes it back. */
export const declined = (log: Event[], sha: Sha): Declined => {
  const result: Declined = { closedByUs: new Set() };
  let proposed: { remedy: Remedy; number: number } | undefined;
  for (const event of log) {
    if (event.type === "IncidentOpened") proposed = undefined;
    if (event.type === "RemedyProposed") proposed = { remedy: event.remedy, number: event.pull.number };
    if (proposed?.remedy.kind !== "revert" || proposed.remedy.sha !== sha) continue;
    if (event.type === "RemedyApproved" || event.type === "RemedyMerged") delete result.no;
    if (event.type !== "IncidentClosed") continue;
    const { by, at, outcome, detail = "" } = event;
    if (outcome !== "withdrawn") result.closedByUs.add(proposed.number);
    if (by !== undefined && (outcome === "rejected" || outcome === "withdrawn"))
      result.no = { by, at, detail };
  }
  return result;
};
