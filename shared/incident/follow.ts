import type { In, Incident, Pull, Revert } from "./model.ts";

/** What became of the follow-up: its pull request, or why there is none. */
export type FollowUp = { remedy: Revert } & ({ pull: Pull } | { detail: string });

/** The revert that is to follow a merged rollback and was not taken up yet: that of the application commit behind it. */
export const followUpDue = (incident: Incident): Revert | undefined => {
  const { diagnosis, remedy, merge, followUp } = incident as Partial<In<"deployed">>;
  if (merge === undefined || followUp !== undefined || remedy?.kind !== "revert") return undefined;
  if (remedy.behind === undefined) return undefined;
  const { sha, title } = remedy.behind;
  const suspect = diagnosis?.suspects.find((one) => one.sha === sha);
  return { kind: "revert", sha, title, score: suspect?.score ?? remedy.score };
};
