import type { In, Incident, Remedy } from "./model.ts";

/**
 * What is to follow the merged remedy and was not taken up yet: the revert of the application commit behind a rollback, or the way back
 * of a scale whose time is over.
 */
export const followUpDue = (incident: Incident): Remedy | undefined => {
  const { diagnosis, remedy, merge, followUp } = incident as Partial<In<"deployed">>;
  if (merge === undefined || followUp !== undefined || remedy === undefined) return undefined;
  if (remedy.kind === "scale") {
    const { until: _, forMs: __, edit, ...rest } = remedy;
    if (edit === undefined || incident.status !== "closed" || !incident.over) return undefined;
    return {
      ...rest,
      to: edit.before,
      edit,
      title: `set ${edit.path} back from ${edit.after} to ${edit.before}`,
    };
  }
  if (remedy.behind === undefined) return undefined;
  const { sha, title } = remedy.behind;
  const suspect = diagnosis?.suspects.find((one) => one.sha === sha);
  return { kind: "revert", sha, title, score: suspect?.score ?? remedy.score };
};

/** Whether it is the follow-up that is due. */
export const isDue = (incident: Incident, remedy: Remedy): boolean => {
  const due = followUpDue(incident);
  if (due?.kind === "revert") return remedy.kind === "revert" && remedy.sha === due.sha;
  return due !== undefined && remedy.kind === "scale" && remedy.to === due.to && remedy.target === due.target;
};
