import { within } from "../../shared/adapters/http/within.ts";
import type { Configured } from "../../shared/config.ts";
import { messageOf } from "../../shared/errors.ts";
import type { Ground, Terms } from "../../shared/incident/approval/votes.ts";
import type { Incident, Remedy } from "../../shared/incident/model.ts";
import { clip } from "../../shared/text/format.ts";
import { type ReceiverContext, serviceNamed } from "../http/context.ts";
import type { Refusal } from "./groups.ts";
import { patienceOf } from "./patience.ts";
import { type Approver, approverInSlack } from "./person.ts";

/** The part of an incident that tells its approvers. */
type Answerable = Pick<Incident, "id" | "service" | "environment"> & { terms?: Terms; remedy?: Remedy };

/** The person as an approver, or a sentence why not: a look-up that fails refuses. */
export const approverOf = async (
  { chat, accounts, config, log }: ReceiverContext,
  incident: Answerable,
  { user, team }: { user: string; team?: string },
): Promise<Approver | Refusal> => {
  const service = serviceNamed(config, incident.service);
  if (service === undefined)
    return { refused: "this service is no longer configured; nothing was changed", code: "not_configured" };
  const place = { ...groundOf(incident), repository: repositoryNamed(service, incident.remedy) };
  const slackUser = { id: user, ...(team !== undefined && { team }) };
  try {
    const looking = approverInSlack({ chat, accounts }, config, {
      ...{ incident, user: slackUser, ground: place },
    });
    const found = await within("slack", patienceOf(chat).lookUpMs, looking);
    if (!("refused" in found)) return found;
    log.warn("decision refused", { incident: incident.id, user, because: found.refused });
    return { ...found, refused: `${found.refused}; nothing was changed` };
  } catch (error) {
    log.warn("approver look-up failed", { incident: incident.id, user, error });
    return {
      refused: "it could not be checked whether you may decide this; nothing was changed, please try again",
      code: "lookup_failed",
      because: clip(messageOf(error), 300),
    };
  }
};

const nothing: Ground = { paths: [], authors: [], isComplete: false };
export const groundOf = ({ terms }: { terms?: Terms }): Ground => terms?.ground ?? nothing;

const repositoryNamed = (
  { repository, gitops = [] }: Configured,
  remedy: Pick<Remedy, "in" | "repository"> | undefined,
): string =>
  remedy?.in === undefined ? repository : (remedy.repository ?? gitops[0]?.repository ?? repository);
