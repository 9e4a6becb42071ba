import type { Remedy } from "../incident/model.ts";

type Answerable = { approvers: string[] };
/** An incident that waited for another one's pull request. Without a remedy of its own it never needed that. */
type Waiting = { service: Answerable; remedy: Remedy | undefined };

/**
 * Whether a change that the people of one service rejected is asked about again for another one: it has other people, who were not asked.
 * One cause has one pull request, which is closed only when none needs it.
 */
export const isStillNeeded = ({ service, remedy }: Waiting, rejectedBy: Answerable): boolean =>
  remedy !== undefined && service.approvers.some((one) => !rejectedBy.approvers.includes(one));
