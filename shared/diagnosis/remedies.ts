import type { Remedy, Suspect } from "../incident/model.ts";

/** What may be done about the suspects, the best first. */
export const remedies = (suspects: Suspect[]): Remedy[] =>
  suspects.slice(0, 1).map(({ sha, title, score }) => ({ kind: "revert", sha, title, score }));
