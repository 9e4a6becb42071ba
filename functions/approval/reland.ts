import type { Incident } from "../../shared/incident/model.ts";
import { isRelandable, type Relandable } from "../../shared/incident/remedies/reland.ts";
import type { Stored } from "../../shared/ports/store.ts";
import type { ReceiverContext } from "../http/context.ts";
import type { Refusal } from "./groups.ts";
import { approverOf } from "./look-up.ts";
import { ask, type Somebody } from "./retry.ts";

/** An approver, or the author of the change, asks for the draft that brings it back. `late`: there is none to be asked for. */
export const relandedBy = async (
  receiver: ReceiverContext,
  seen: Stored,
  person: Somebody,
): Promise<Refusal | { late: Incident } | { done: true }> => {
  const { incident } = seen;
  if (!isRelandable(incident)) return { late: incident };
  if (!isAuthor(receiver, incident, person)) {
    const found = await approverOf(receiver, incident, person);
    if ("refused" in found) return found;
  }
  return ask(receiver, seen, { type: "RequestReland", person });
};

/** Whether `people` has the account of the change's author as this person's. A draft merges nothing. */
const isAuthor = (
  { config }: ReceiverContext,
  { remedy, diagnosis }: Relandable,
  { user }: Somebody,
): boolean => {
  const login = config.people?.[user]?.github?.toLowerCase();
  const author = diagnosis?.suspects.find(({ sha }) => sha === remedy.sha)?.author;
  return login !== undefined && author?.toLowerCase() === login;
};

/** The sentence on a request that came to nothing, as there is no draft to open. */
export const noReland = (incident: Incident): string => {
  const reland = "reland" in incident ? incident.reland : undefined;
  if (reland === undefined)
    return "a draft brings back only a revert of ours that is merged and verified; nothing was changed";
  const { pull } = "pull" in reland ? reland : {};
  return pull === undefined
    ? "the draft was asked for already, and is opened now"
    : `the draft is open already: ${pull.url}`;
};

export const relandAsked = "the draft that brings the change back is opened; the thread has its address";
