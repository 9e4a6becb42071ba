import type { Event, Remedy } from "./model.ts";

/** A person's no: who said it, when, and why. */
export type No = { by: string; at: number; detail: string };

/** What the log tells of earlier proposals of one revert. */
export type Declined = { no?: No /** Pull requests that Countersteer closed itself. */; closed: Set<number> };

/** A rejection or a pull request closed by a person is a no to its culprit; an approval or a merge afterwards takes it back. */
export const declined = (log: Event[], sha: string): Declined => {
  const told: Declined = { closed: new Set() };
  let proposed: { remedy: Remedy; number: number } | undefined;
  for (const event of log) {
    if (event.type === "IncidentOpened") proposed = undefined;
    if (event.type === "RemedyProposed") proposed = { remedy: event.remedy, number: event.pull.number };
    if (proposed?.remedy.kind !== "revert" || proposed.remedy.sha !== sha) continue;
    if (event.type === "RemedyApproved" || event.type === "RemedyMerged") delete told.no;
    if (event.type !== "IncidentClosed") continue;
    if (event.outcome !== "withdrawn") told.closed.add(proposed.number);
    const { by, at, detail = "" } = event;
    if (by !== undefined && (event.outcome === "rejected" || event.outcome === "withdrawn"))
      told.no = { by, at, detail };
  }
  return told;
};
