import type { Event } from "./events.ts";
import type { Diagnosis, Incident, Remedy } from "./model.ts";

/** A diagnosis as the first version stored it: its only remedy was the revert of the first suspect. */
type Early = Omit<Diagnosis, "remedies"> & { remedies?: Remedy[] };

/** The incident that a store holds as JSON, with what an earlier version left out. */
export const readIncident = (json: string): Incident => completed(JSON.parse(json));

/** The event that a store holds as JSON, with what an earlier version left out. */
export const readEvent = (json: string): Event => completed(JSON.parse(json));

export const completed = <T extends object>(
  stored: T & { diagnosis?: Early; remedy?: Partial<Remedy> },
): T => {
  const { diagnosis, remedy } = stored;
  const isComplete = diagnosis?.remedies !== undefined || diagnosis === undefined;
  if (isComplete && (remedy === undefined || remedy.score !== undefined)) return stored;
  const score = diagnosis?.suspects[0]?.score ?? 0;
  return {
    ...stored,
    ...(!isComplete && { diagnosis: { ...diagnosis, remedies: revertOfFirst(diagnosis) } }),
    ...(remedy !== undefined && { remedy: { score, ...remedy } }),
  };
};

const revertOfFirst = ({ suspects: [first] }: Early): Remedy[] =>
  first === undefined ? [] : [{ kind: "revert", sha: first.sha, title: first.title, score: first.score }];
