import { UpstreamError } from "../../errors.ts";

/** A number of bytes that several readers may hold together. */
export type MemoryBudget = { share(): { take(bytes: number): void; release(): void } };

/** `take` throws UpstreamError where `limit` bytes would be passed; `release` gives back everything that its share took. */
export const memoryBudget = (limit: number): MemoryBudget => {
  let used = 0;
  return {
    share() {
      let own = 0;
      return {
        take(bytes) {
          if (used + bytes > limit) throw busy(limit);
          used += bytes;
          own += bytes;
        },
        release() {
          used -= own;
          own = 0;
        },
      };
    },
  };
};

const busy = (limit: number) =>
  new UpstreamError("memory", `unverified bodies hold the ${limit} bytes that they may hold together`, {
    retryable: true,
  });
