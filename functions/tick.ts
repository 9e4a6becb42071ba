import type { EpochMs, IncidentId } from "../shared/brands.ts";
import { emptyIncident } from "../shared/incident/model.ts";
import { isRemindDue } from "../shared/incident/schedule/deadline.ts";
import { intervalMs, type Wait } from "../shared/incident/schedule/wait.ts";
import type { Log } from "../shared/ports/log.ts";
import type { Store, Waiting } from "../shared/ports/store.ts";
import type { Process } from "../shared/process.ts";
import { inLanes } from "./lanes.ts";

/** An incident whose entry in the index can be read. */
export type Known = Extract<Waiting, { wait: Wait }>;
/** The count of one tick. `overdue`: incidents that are past their due time and were not ended; `unreadable`: those that could not be read. */
export type Ticked = { waiting: number; untold: number; overdue: number; unreadable: number };

const isOverdue = ({ due = Number.POSITIVE_INFINITY }: Wait, now: EpochMs): boolean => now >= due;

/** Whether the time set for another diagnosis has come. */
export const isReviewDue = ({ reviewAt = Number.POSITIVE_INFINITY }: Wait, now: EpochMs): boolean =>
  now >= reviewAt;

type Ticking = {
  store: Pick<Store, "waiting">;
  process: Pick<Process, "handle" | "policyOf">;
  clock: () => EpochMs;
  log: Log;
  /** Has these incidents looked at, or their news told. */
  wake: (wanted: { looks: Known[]; untold: Waiting[] }) => void | Promise<void>;
  /** Whether a step works on the incident now: a deadline must not end it under a write. */
  isBusy?: (id: IncidentId) => boolean | Promise<boolean>;
};

/** Deadlines that are handled side by side, and how long a tick may begin with others: the next one goes on. */
const lanes = 16;
const lastsMs = 40_000;

/**
 * Has everything that waits looked at, then turns silence into reminders and escalations. No incident is read before the looks are asked
 * for, and a failure of one incident keeps no other waiting. Throws when the looks could not be asked for, after all else is done.
 */
export const tick = (ticking: Ticking): (() => Promise<Ticked>) => {
  const { store, clock, log } = ticking;
  const looksDue = looksOf();
  return async () => {
    const now = clock();
    const waiting = await store.waiting();
    const known = waiting.filter((one): one is Known => "wait" in one);
    const looks = looksDue(known, now);
    const untold = waiting.filter(({ hasNews }) => hasNews);
    const first = await attempt(ticking, {
      looks: looks.filter(({ wait }) => !isOverdue(wait, now)),
      untold,
    });
    const { ended, failed } = await handleDeadlines(ticking, known, now);
    const stayed = known.filter(({ id, wait }) => isOverdue(wait, now) && !ended.has(id));
    const second = await attempt(ticking, { looks: stayed.filter(hasStep), untold: [] });
    for (const one of waiting)
      if ("unreadable" in one) log.error("an incident's entry in the index cannot be read", { ...one });
    if (first ?? second) throw first ?? second;
    const unreadable = waiting.length - known.length + failed;
    return { waiting: known.length, untold: untold.length, overdue: stayed.length, unreadable };
  };
};

const attempt = async (
  { wake }: Ticking,
  wanted: { looks: Known[]; untold: Waiting[] },
): Promise<unknown> => {
  if (wanted.looks.length === 0 && wanted.untold.length === 0) return undefined;
  try {
    await wake(wanted);
    return undefined;
  } catch (error) {
    return error;
  }
};

const hasStep = ({ wait }: Known): boolean => wait.look !== undefined;

/** The incidents that want another look now, by when each was looked at last. */
const looksOf = () => {
  const looked = new Map<IncidentId, EpochMs>();
  const isDue = ({ id, wait }: Known, now: EpochMs): boolean =>
    wait.look !== undefined && now - (looked.get(id) ?? 0) >= intervalMs(wait.look.pace, now);
  return (known: Known[], now: EpochMs): Known[] => {
    const wanted = known.filter(
      (one) => isOverdue(one.wait, now) || isReviewDue(one.wait, now) || isDue(one, now),
    );
    const ids = new Set(known.map(({ id }) => id));
    for (const id of looked.keys()) if (!ids.has(id)) looked.delete(id);
    for (const { id } of wanted) looked.set(id, now);
    return wanted;
  };
};

/** Reminds of deadlines that come near and ends what is overdue, the longest overdue first. Returns what was ended, and how many failed. */
const handleDeadlines = async (
  ticking: Ticking,
  known: Known[],
  now: EpochMs,
): Promise<{ ended: Set<IncidentId>; failed: number }> => {
  const { process, clock, log } = ticking;
  const ended = new Set<IncidentId>();
  const due = known
    .filter(({ id, wait }) => isOverdue(wait, now) || isReminded(process, id, wait, now))
    .toSorted((a, b) => (a.wait.due ?? 0) - (b.wait.due ?? 0));
  let failed = 0;
  const { left } = await inLanes(due, {
    lanes,
    isOver: () => clock() - now >= lastsMs,
    work: async (one) => {
      try {
        if (await handleDeadline(ticking, one, now)) ended.add(one.id);
      } catch (error) {
        failed += 1;
        log.error("a deadline failed, the next tick tries again", { incident: one.id, error });
      }
    },
  });
  if (left > 0) log.warn("deadlines are left for the next tick", { left });
  return { ended, failed };
};

const isReminded = (
  { policyOf }: Pick<Process, "policyOf">,
  id: IncidentId,
  { due, remind }: Wait,
  now: EpochMs,
): boolean =>
  due !== undefined && remind !== undefined && isRemindDue(remind, now, policyOf(emptyIncident(id).service));

/** An incident that is overdue for longer was not looked at meanwhile: there is a tick every minute. */
const unwatchedMs = 5 * 60_000;

/** Returns whether the incident was ended. */
const handleDeadline = async (
  { process, isBusy = () => false }: Ticking,
  { id, wait }: Known,
  now: EpochMs,
): Promise<boolean> => {
  if (isReminded(process, id, wait, now)) await process.handle(id, { type: "Remind", at: now });
  if (!isOverdue(wait, now)) return false;
  if (wait.holds && (await isBusy(id))) return false;
  const isUnwatched = now - (wait.due ?? now) >= unwatchedMs;
  const { events } = await process.handle(id, {
    ...{ type: "Expire", at: now },
    ...(isUnwatched && { unwatched: true }),
  });
  return events.some(({ type }) => type !== "IncidentReleased" && type !== "ApprovalVoided");
};
