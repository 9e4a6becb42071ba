import { sameTrouble } from "../../shared/diagnosis/evidence/recurrence.ts";
import type { Case } from "../../shared/diagnosis/model.ts";
import { UpstreamError } from "../../shared/errors.ts";
import { type OwnChange, ownChanges } from "../../shared/incident/diagnosis/own-changes.ts";
import type { Event } from "../../shared/incident/events.ts";
import { type Alert, incidentId } from "../../shared/incident/model.ts";
import { type Earlier, earlierRounds } from "../../shared/incident/rounds/earlier.ts";
import { repositoryOf, type Work } from "../step.ts";

/** Earlier rounds that are told of, and of how many of them the change that was taken back is looked at: two requests each. */
const limits = { rounds: 20, culprits: 2 };

type Reading = Pick<Work, "store" | "history" | "serviceOf">;
type Trouble = {
  id: string;
  service: string;
  environment: string;
  round: number;
  alerts: Alert[];
  onsetAt: number;
};
type Known = NonNullable<Case["earlier"]>[number];
type Past = {
  earlier: Known[];
  /** Merges of ours that ended the same alert: they cannot have brought it. */
  ours: string[];
  /** Every merge of ours. */
  own: OwnChange[];
  unread: string[];
};

/** Earlier rounds of the same alerts, and how each ended. A first round has no past, and asks for none. */
export const earlier = async (work: Reading, trouble: Trouble): Promise<Past> => {
  const { id, round, alerts } = trouble;
  const beside = ownChanges(await logOfFirst(work, trouble));
  if (round <= 1) return { earlier: [], ours: [], own: beside, unread: [] };
  const log = await work.store.log(id);
  const rounds = sameTrouble(earlierRounds(log, round), alerts).slice(0, limits.rounds);
  const ours = rounds.flatMap((one) => (one.ended === "reverted" ? [one.merge] : []));
  const asked = rounds.filter(({ ended }) => ended === "reverted").slice(0, limits.culprits);
  const unread: string[] = [];
  const read = await Promise.all(
    rounds.map((one) =>
      one.ended === "reverted" && asked.includes(one) ? withCulprit(work, trouble, one, unread) : one,
    ),
  );
  return { earlier: read, ours, own: [...ownChanges(log), ...beside], unread };
};

/** The facts of the service's first trouble, for one that is beside it: a fix of the first may have brought it. */
const logOfFirst = async ({ store }: Reading, { id, service, environment }: Trouble): Promise<Event[]> => {
  const first = incidentId(service, environment);
  return id === first ? [] : store.log(first);
};

const withCulprit = async (
  work: Reading,
  trouble: Trouble,
  round: Earlier & { ended: "reverted" },
  unread: string[],
): Promise<Known> => {
  const place = repositoryOf(work, trouble.service, round.remedy);
  try {
    const [culprit, without] = await Promise.all([
      work.history.commit(place, round.remedy.sha),
      runningWithout(work, trouble, round),
    ]);
    return { ...round, culprit, ...(without && { without }) };
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    unread.push(
      `${round.remedy.sha.slice(0, 12)}, whose revert ended this alert before, could not be looked at: ${error.message}`,
    );
    return round;
  }
};

/** The deploy that ran when the trouble began, when it does not hold the revert. */
const runningWithout = async (
  { store, history, serviceOf }: Reading,
  { service, environment, onsetAt }: Trouble,
  { remedy, merge }: Earlier & { ended: "reverted" },
): Promise<{ sha: string; at: number } | undefined> => {
  const deploys = await store.deploys(service, environment, 0);
  const ran = deploys.find(({ status, at }) => status === "succeeded" && at <= onsetAt);
  if (ran === undefined || ran.sha === merge) return undefined;
  const of = { ancestor: merge, descendant: ran.sha };
  const place = repositoryOf({ serviceOf }, service, remedy);
  const isHeld = await history.contains(place, of).catch(unlessFinal);
  return isHeld === false ? { sha: ran.sha, at: ran.at } : undefined;
};

/** A deploy of a commit of another repository says nothing of the revert. */
const unlessFinal = (error: unknown): undefined => {
  if (!(error instanceof UpstreamError) || error.retryable) throw error;
  return undefined;
};
