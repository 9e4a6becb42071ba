import type { Work } from "../../step.ts";
import { changesOf } from "./changes.ts";
import { landedOnBranch } from "./landed.ts";
import { type ChangeQuery, type Found, lookBackMs } from "./query.ts";

type Asked = Omit<ChangeQuery, "until"> & { limit: number };

/** The changes that deploys brought live, or that landed; commit by commit where only a log of the past can be read. */
export const readChanges = async (work: Work, { limit, ...asked }: Asked): Promise<Found> =>
  work.changes === undefined
    ? readLog(work, { ...asked, limit })
    : changesOf(work.changes, { ...asked, until: work.clock() });

/** The changes that landed on the branch. */
export const readLanded = async (work: Work, { limit, ...asked }: Asked): Promise<Found> =>
  work.changes === undefined
    ? readLog(work, { ...asked, limit })
    : landedOnBranch(work.changes, { ...asked, until: work.clock() }, { most: limit });

const readLog = async ({ history, clock }: Work, { target, onsetAt, limit }: Asked): Promise<Found> => {
  const range = { since: onsetAt - lookBackMs, until: clock() };
  const [commits, shas] = await Promise.all([
    history.commits(target, { ...range, limit }),
    history.shas(target, range),
  ]);
  return { commits, history: shas, notes: [] };
};
