import type { Context } from "hono";
import { visibleServices } from "../shared/policy/visibility.ts";
import { span } from "../shared/telemetry.ts";
import type { ReceiverContext } from "./http/context.ts";
import { checkOperator } from "./http/operator.ts";
import { addressOf, personOf } from "./login/access.ts";
import { checkOrigin } from "./login/address.ts";

/**
 * `POST /incidents/SERVICE/ENVIRONMENT/retry`: an escalated incident goes on where it stood. The operator is answered 202 with what became
 * of it, and a person who is signed in to the pages is sent back to its page.
 */
export const retry =
  (receiver: ReceiverContext) =>
  async (context: Context): Promise<Response> => {
    const { service = "", environment, trouble } = context.req.param();
    const { by, isPerson, isAllowed } = await asking(receiver, context, service);
    const id = [service, environment, trouble].filter((part) => part !== undefined).join("/");
    const { incident, version } = await receiver.store.load(id);
    if (version === 0 || !isAllowed)
      return context.json({ error: `there was never an incident of ${id}` }, 404);
    const command = { type: "Retry", at: receiver.clock(), round: incident.round, by } as const;
    const handled = await span("retry", {}, () => receiver.process.handle(id, command));
    if (handled.events.length > 0) receiver.wake([id]);
    if (isPerson) return context.redirect(`/incidents/${id}`, 303);
    const outcome = handled.events.length > 0 ? "resumed" : "not_escalated";
    return context.json({ outcome, incident: id, status: handled.incident.status }, 202);
  };

type Asking = { by: string; isPerson: boolean; isAllowed: boolean };

/** A person who is signed in, or else the operator. A person may retry what the pages show to them. */
const asking = async (receiver: ReceiverContext, context: Context, service: string): Promise<Asking> => {
  const person = await personOf(receiver, context);
  if (person === undefined) {
    checkOperator(receiver, context, "a retry needs the operator's bearer token of this server");
    return { by: "an operator", isPerson: false, isAllowed: true };
  }
  checkOrigin(context, addressOf(receiver), { cookies: true });
  const isAllowed = visibleServices(receiver.config, person)(service);
  return { by: `${person.name}, signed in to the pages`, isPerson: true, isAllowed };
};
