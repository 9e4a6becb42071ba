import type { Intent } from "../../shared/incident/commands.ts";
import type { Pull, Reported, Revert } from "../../shared/incident/model.ts";
import type { Landed } from "../../shared/ports/history.ts";
import type { Service } from "../../shared/ports/service.ts";
import { proposedByPeople, reverted } from "../people/people.ts";
import type { Work } from "../step.ts";

/** `after`: the merged rollback that a follow-up belongs to. */
type Asking = { work: Work; incident: Reported; service: Service; after?: Pull };
type Already = { by?: Landed; pull?: { number: number; url: string } };

/**
 * People's own revert or pull request, which is followed instead of proposing it twice. Undefined for one that was live before the
 * onset already: it did not help.
 */
export const doneByPeople = async (
  { work, incident, service, after }: Asking,
  { sha }: Revert,
  { by, pull }: Already,
): Promise<Intent | undefined> => {
  if (after !== undefined) return undefined;
  const at = work.clock();
  if (pull !== undefined) return { type: "RecordFix", fix: proposedByPeople({ sha }, pull, at) };
  if (by === undefined) return undefined;
  const { onsetAt } = incident.diagnosis;
  const deploys = await work.store.deploys(incident.service, incident.environment, 0);
  const live = deploys.find((deploy) => deploy.status === "succeeded" && deploy.at <= onsetAt);
  if (
    live !== undefined &&
    (await work.history.contains(service, { ancestor: by.sha, descendant: live.sha }))
  )
    return undefined;
  return { type: "RecordFix", fix: reverted({ sha }, by, at) };
};
