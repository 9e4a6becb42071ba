import type { Incident } from "../../shared/incident/model.ts";
import type { Stored } from "../../shared/ports/store.ts";
import type { ReceiverContext } from "../http/context.ts";
import type { Refusal } from "./groups.ts";
import { approverOf } from "./look-up.ts";

export type Somebody = { user: string; userName?: string; team?: string };

/** Whether somebody may have the incident go on. */
export const isRetriable = (incident: Incident): boolean =>
  incident.status === "escalated" || ("held" in incident && incident.held?.by === "cause");

/** An approver has an incident that needs a person go on where it stood. `late`: it does not need one any more. */
export const retriedBy = async (
  receiver: ReceiverContext,
  seen: Stored,
  person: Somebody,
): Promise<Refusal | { late: Incident } | { done: true }> => {
  const { incident } = seen;
  if (!isRetriable(incident)) return { late: incident };
  const found = await approverOf(receiver, incident, person);
  if ("refused" in found) return found;
  return ask(receiver, seen, { type: "Retry", person });
};

/** Hands what a person asks for to the incident. `late`: it came to nothing. */
export const ask = async (
  receiver: ReceiverContext,
  seen: Stored,
  { type, person }: { type: "Retry" | "RequestReland"; person: Somebody },
): Promise<{ late: Incident } | { done: true }> => {
  const { id, round } = seen.incident;
  const command = { type, at: receiver.clock(), round, by: mention(person) };
  const handled = await receiver.process.handle(id, command, seen);
  if (handled.events.length === 0) return { late: handled.incident };
  receiver.wake([id]);
  return { done: true };
};

/** The name and the id of a person in Slack. */
export const mention = ({ user, userName }: Somebody): string =>
  userName === undefined ? user : `${userName} (${user})`;
