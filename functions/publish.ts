import { messageOf } from "../shared/errors.ts";
import type { Bus, Notice } from "../shared/ports/bus.ts";
import type { Log } from "../shared/ports/log.ts";

/** One record of the table's change feed. `place` is where it stands there, `at` when it was made; `read` tells what the change is to be published as, and throws for a record that makes no sense. */
export type Change = { place: string; at: number; incident: string; read: () => Notice[] };

type Waiting = { change: Change; notice: Notice };

/** The refusals in a row after which a notice is left for later. */
const attempts = 4;
const backoffMs = 100;

/**
 * Puts what the changes tell on the bus, in their order, and returns the places of those that could not be put wholly. A notice that
 * is refused is sent again, and with it whatever of the same incident was accepted after it, so that of each incident the later news
 * never comes last before the earlier. A record that cannot be read is told as `RecordUnreadable` and keeps nobody waiting.
 */
export const publish =
  ({ bus, wait, log }: { bus: Bus; wait: (ms: number) => Promise<void>; log: Log }) =>
  async (changes: Change[]): Promise<string[]> => {
    let queue = changes.flatMap((change) => readOf(change, log).map((notice) => ({ change, notice })));
    const refused = new Map<Notice, number>();
    const left = new Set<string>();
    while (queue.length > 0) {
      const batch = queue.slice(0, bus.takes(queue.map(({ notice }) => notice)));
      const again = await put(bus, batch, log);
      const lost = new Set<string>();
      for (const { change, notice } of again.refused) {
        const times = (refused.get(notice) ?? 0) + 1;
        refused.set(notice, times);
        if (times >= attempts) lost.add(change.incident);
      }
      queue = [...again.again, ...queue.slice(batch.length)];
      for (const { change } of queue) if (lost.has(change.incident)) left.add(change.place);
      queue = queue.filter(({ change }) => !lost.has(change.incident));
      const most = Math.max(0, ...again.refused.map(({ notice }) => refused.get(notice)!));
      if (most > 0 && queue.length > 0) await wait(backoffMs * 2 ** (most - 1));
    }
    return changes.map(({ place }) => place).filter((place) => left.has(place));
  };

const readOf = (change: Change, log: Log): Notice[] => {
  try {
    return change.read();
  } catch (error) {
    const problem = messageOf(error);
    const { place, at, incident } = change;
    log.error("record unreadable, it is put aside", { place, incident, error });
    return [{ type: "RecordUnreadable", at, detail: { place, incident, problem } }];
  }
};

/** The records to send again: the refused, and everything after them of the same incidents. */
const put = async (
  bus: Bus,
  batch: Waiting[],
  log: Log,
): Promise<{ refused: Waiting[]; again: Waiting[] }> => {
  const results = await bus.put(batch.map(({ notice }) => notice)).catch((error: unknown) => {
    log.warn("nothing was put on the bus", { notices: batch.length, error });
    return batch.map(() => ({ accepted: false as const, problem: messageOf(error) }));
  });
  const refused = batch.filter((_, place) => !results[place]?.accepted);
  const behind = new Set<string>();
  const again = batch.filter(({ change }, place) => {
    if (!results[place]?.accepted) behind.add(change.incident);
    return behind.has(change.incident);
  });
  if (refused.length > 0)
    log.warn("notices were refused", {
      refused: refused.length,
      of: batch.length,
      problems: [...new Set(results.flatMap((result) => (result.accepted ? [] : [result.problem])))],
    });
  return { refused, again };
};
