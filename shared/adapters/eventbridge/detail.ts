import { boolean, int, object, enum as oneOf, optional, string } from "zod";
import { BadRequest } from "../../errors.ts";

/** What every event of ours is from. */
export const source = "countersteer";

/**
 * The `detail` of an event: which incident, as of which version, and what that asks for. It holds nothing that a consumer could act
 * on by itself: that is read from the store. `step` is there when a step is due, `tell` when there may be news to tell.
 * The `detail-type` is the fact's type; `DeployRecorded` and `LookAsked` are no facts of an incident but ask for a look at it.
 */
export type Note = {
  incidentId: string;
  /** 0 where no version is meant. */
  version: number;
  /** Epoch ms. */
  at: number;
  round?: number;
  /** The status that the version led to. */
  status?: string;
  step?: "diagnose" | "propose" | "ask" | "merge" | "watch" | "verify" | "announce";
  tell?: boolean;
  /** W3C; the trace that the incident began in. */
  traceparent?: string;
};

const note = object({
  incidentId: string().min(3).max(300),
  version: int().min(0),
  at: int(),
  round: optional(int().min(0)),
  status: optional(string().max(50)),
  step: optional(oneOf(["diagnose", "propose", "ask", "merge", "watch", "verify", "announce"])),
  tell: optional(boolean()),
  traceparent: optional(string().max(100)),
});

/** An event as EventBridge hands it to a function. */
export type BusEvent = { id: string; source: string; "detail-type": string; detail: unknown };

/** Throws BadRequest for an event that is not ours: trying it again is in vain. */
export const readNote = ({ id, detail }: BusEvent): Note => {
  const parsed = note.safeParse(detail);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${path.join(".") || "detail"}: ${message}`,
    );
    throw new BadRequest(400, `the event ${id} is not one of ours: ${problems.join("; ")}`);
  }
  return parsed.data as Note;
};
