import type { Diagnosis, In, Incident, Pull, Remedy, Revert, Scale, Suspect } from "../model.ts";

/** An incident that a follow-up may belong to. */
type Followed = In<"merged" | "deployed" | "closed" | "escalated">;
/** The follow-up that the merged pull request `after` needs. */
export type Due = { incident: Followed & { diagnosis: Diagnosis }; remedy: Revert | Scale; after: Pull };

/**
 * The follow-up that the merged remedy asks for and that was not taken up yet: the revert of the application commit behind a rollback,
 * or the way back of a scale whose time is over.
 */
export const followUpDue = (incident: Incident): Due | undefined => {
  if (!isFollowed(incident)) return undefined;
  const { diagnosis, remedy, merge, pull, followUp } = incident;
  if (merge === undefined || followUp !== undefined) return undefined;
  if (remedy === undefined || pull === undefined || diagnosis === undefined) return undefined;
  if (remedy.kind === "withdraw") return undefined;
  const next = remedy.kind === "scale" ? wayBack(incident, remedy) : behind(remedy, diagnosis.suspects);
  return next === undefined ? undefined : { incident: { ...incident, diagnosis }, remedy: next, after: pull };
};

const isFollowed = (incident: Incident): incident is Followed =>
  incident.status === "merged" ||
  incident.status === "deployed" ||
  incident.status === "closed" ||
  incident.status === "escalated";

const wayBack = (incident: Followed, { until: _, forMs: __, edit, ...rest }: Scale): Scale | undefined => {
  if (edit === undefined || incident.status !== "closed" || !incident.over) return undefined;
  const title = `set ${edit.path} back from ${edit.after} to ${edit.before}`;
  return { ...rest, to: edit.before, edit, title };
};

const behind = ({ behind, score }: Revert, suspects: Suspect[]) => {
  if (behind === undefined) return undefined;
  const { sha, title } = behind;
  const suspect = suspects.find((one) => one.sha === sha);
  return { kind: "revert" as const, sha, title, score: suspect?.score ?? score };
};

/** Whether `remedy` is the follow-up that is due. */
export const isDue = (incident: Incident, remedy: Remedy): incident is Followed => {
  const due = followUpDue(incident)?.remedy;
  if (due?.kind === "revert") return remedy.kind === "revert" && remedy.sha === due.sha;
  return due !== undefined && remedy.kind === "scale" && remedy.to === due.to && remedy.target === due.target;
};
