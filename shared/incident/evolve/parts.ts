import type { Active, In, Incident } from "../model.ts";

export const hasEnded = (incident: Incident): incident is In<"closed" | "escalated"> =>
  incident.status === "closed" || incident.status === "escalated";

/** The incident without its delay. */
export const settled = <T extends Active>({ delay: _, ...incident }: T): Omit<T, "delay"> => incident;

/** The proposal, without its question, its votes and its approval. */
export const unasked = (incident: In<"proposed" | "approved">) => {
  if (incident.status === "approved") {
    const { approval: _, delay: __, terms: ___, ...rest } = incident;
    return rest;
  }
  const { asked: _, moved: __, delay: ___, terms: ____, votes: _____, ...more } = incident;
  const { overtaken: ______, snoozed: _______, ...rest } = more;
  return rest;
};

/** The incident with the comment on the pull request that a decision came from. */
export const withAnswered = <T extends Active | In<"closed" | "escalated">>(
  incident: T,
  { comment }: { comment?: number },
): T => (comment === undefined ? incident : { ...incident, answered: comment });
