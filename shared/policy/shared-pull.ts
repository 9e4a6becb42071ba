import type { Remedy } from "../incident/model.ts";

type Answerable = { approvers: string[] };
/** An incident that waited for another one's pull request. Without a remedy of its own it never needed that. */
type Waiting = { service: Answerable; remedy: Remedy | undefined };

/** The no to a shared question: the approvers of the service that it was asked for, and the person. */
type Rejection = Answerable & { by: string };

/**
 * Whether a change that was rejected for one service is asked about again for another one: it has other people, and none of them said no.
 * One cause has one pull request, which is closed only when none needs it.
 */
export const isStillNeeded = ({ service, remedy }: Waiting, { approvers, by }: Rejection): boolean =>
  remedy !== undefined &&
  service.approvers.some((one) => !approvers.includes(one)) &&
  !service.approvers.some((one) => by.includes(one));
