import { isReviewDue, type Known, tick } from "../../functions/tick.ts";
import type { Look } from "../../shared/adapters/dynamodb/item.ts";
import type { EpochMs } from "../../shared/brands.ts";
import { processOf, storeOf } from "./adapters/store.ts";
import type { Definition } from "./host.ts";

/** Every minute: has everything that waits, or has news that nobody was told, looked at, and escalates what is overdue. */
export const ticker: Definition<unknown, void> = {
  name: "tick",
  make: (host) => {
    const store = storeOf(host);
    const { clock, log } = host;
    const onTick = tick({
      ...{ store, process: processOf(host, store), clock, log },
      isBusy: store.isClaimed,
      wake: ({ looks, untold }) =>
        store.putLooks([
          ...looks.flatMap((one) => looksAt(one, clock())),
          ...untold.map(({ id, version }) => ({ id, version, step: "announce" })),
        ]),
    });
    return async () => log.info("ticked", await onTick());
  },
};

/** The looks that an incident wants; each is for one step. */
const looksAt = ({ id, version, wait }: Known, now: EpochMs): Look[] => {
  const steps = [
    ...(wait.look === undefined ? [] : [wait.look.step]),
    ...(isReviewDue(wait, now) ? ["diagnose"] : []),
    ...(wait.follows ? ["propose"] : []),
  ];
  return [...new Set(steps)].map((step) => ({ id, version, step }));
};
