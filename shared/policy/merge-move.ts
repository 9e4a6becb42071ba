import type { EpochMs } from "../brands.ts";
import type { Gates } from "../ports/merging.ts";

/** The next thing to do about an approved pull request. `unready`: checks that are waited for. */
export type Move =
  | { do: "merge" | "update" | "enqueue" | "follow" }
  | { do: "arm" }
  | { do: "wait"; unready: string[] };

/** Checks of a new head appear within this time; those that do not are for other paths. */
const appearMs = 2 * 60_000;

/** The checks that have not succeeded although they are required, or usual in this repository. */
export const unreadyChecks = ({ checks }: Gates, shownFor: EpochMs): string[] => {
  const { running, absent } = checks;
  const isAwaited = absent?.isBare || shownFor < appearMs;
  return [...running, ...(absent?.required ?? []), ...(isAwaited ? (absent?.usual ?? []) : [])];
};

/**
 * Decides by GitHub's conditions as they are now. `shownFor`: the time for which people have had this head before them. GitHub merges by
 * itself only what waits for its own conditions: it does not wait for a check that it does not require.
 */
export const mergeMove = (gates: Gates, shownFor: EpochMs): Move => {
  const { state, queue, autoMerge, checks } = gates;
  if (queue?.in) return { do: "follow" };
  if (checks.failing.length > 0) return { do: "wait", unready: [] };
  if (state === "behind" && queue === undefined) return { do: "update" };
  const unready = unreadyChecks(gates, shownFor);
  const isArmable = autoMerge.allowed && state === "blocked";
  if (unready.length > 0)
    return isArmable && unready.every((name) => gates.required.includes(name))
      ? { do: "arm" }
      : { do: "wait", unready };
  if (isArmable && gates.reviewMissing) return { do: "arm" };
  return queue === undefined ? { do: "merge" } : { do: "enqueue" };
};
