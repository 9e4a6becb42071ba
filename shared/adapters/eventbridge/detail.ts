import { boolean, int, object, enum as oneOf, optional, string } from "zod";
import { BadRequest } from "../../errors.ts";
import type { WakeUp } from "../../ports/bus.ts";

/** The source of all our events. */
export const source = "countersteer";

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

/** Throws BadRequest for an event that is not ours; a retry cannot help. */
export const readNote = ({ id, detail }: BusEvent): WakeUp => {
  const parsed = note.safeParse(detail);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${path.join(".") || "detail"}: ${message}`,
    );
    throw new BadRequest(400, `the event ${id} is not one of ours: ${problems.join("; ")}`);
  }
  return parsed.data as WakeUp;
};
