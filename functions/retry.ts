import type { Context } from "hono";
import { incidentId } from "../shared/incident/model.ts";
import { span } from "../shared/telemetry.ts";
import type { ReceiverContext } from "./http/context.ts";
import { checkOperator } from "./http/operator.ts";

/** `POST /incidents/SERVICE/ENVIRONMENT/retry`: an escalated incident goes on where it stood. Answers 202 with what became of it. */
export const retry =
  (receiver: ReceiverContext) =>
  async (context: Context): Promise<Response> => {
    checkOperator(receiver, context, "a retry needs the operator's bearer token of this server");
    const id = incidentId(context.req.param("service") ?? "", context.req.param("environment") ?? "");
    const { incident, version } = await receiver.store.load(id);
    if (version === 0) return context.json({ error: `there was never an incident of ${id}` }, 404);
    const command = {
      type: "Retry",
      at: receiver.clock(),
      round: incident.round,
      by: "an operator",
    } as const;
    const handled = await span("retry", {}, () => receiver.process.handle(id, command));
    if (handled.events.length > 0) receiver.wake([id]);
    const outcome = handled.events.length > 0 ? "resumed" : "not_escalated";
    return context.json({ outcome, incident: id, status: handled.incident.status }, 202);
  };
