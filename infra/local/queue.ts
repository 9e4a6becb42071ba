/** Which incidents wait for a look, and which of them is next. */
export type Queue = {
  add(id: string): void;
  /** The next one to look at while `looking` are looked at; undefined when none may be now. It does not wait any more. */
  next(looking: ReadonlySet<string>): string | undefined;
  /** Whether its loop is under way: something was proposed already. */
  known(id: string, isUnderWay: boolean): void;
  clear(): void;
};

/** Looks at the same time over all incidents, and how many of these only loops under way may take. */
export type Width = { lanes: number; reserve: number };

/**
 * Fair over services: the service with the fewest looks now, then the one that was looked at longest ago. So a storm of one service
 * delays no other, and new incidents never take the last lanes from those that are about to be merged or verified.
 */
export const createQueue = ({ lanes, reserve }: Width): Queue => {
  const waiting = new Set<string>();
  const underWay = new Set<string>();
  const served = new Map<string, number>();
  let turn = 0;
  const take = (id: string): string => {
    waiting.delete(id);
    turn += 1;
    served.delete(serviceOf(id));
    served.set(serviceOf(id), turn);
    return id;
  };
  return {
    add: (id) => void waiting.add(id),
    next: (looking) => {
      if (looking.size >= lanes) return undefined;
      const isReserved = lanes - looking.size <= reserve;
      const ready = [...waiting].filter((id) => !looking.has(id) && (!isReserved || underWay.has(id)));
      const busy = countsOf([...looking].map(serviceOf));
      const order = (id: string): [number, number] => [
        busy.get(serviceOf(id)) ?? 0,
        served.get(serviceOf(id)) ?? 0,
      ];
      const [first, ...rest] = ready;
      if (first === undefined) return undefined;
      return take(rest.reduce((best, id) => (isBefore(order(id), order(best)) ? id : best), first));
    },
    known: (id, isUnderWay) => void (isUnderWay ? underWay.add(id) : underWay.delete(id)),
    clear: () => waiting.clear(),
  };
};

const serviceOf = (id: string): string => id.slice(0, id.indexOf("/"));

const countsOf = (names: string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
};

const isBefore = (a: [number, number], b: [number, number]): boolean =>
  a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
