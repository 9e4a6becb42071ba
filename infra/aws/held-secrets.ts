import type { EpochMs } from "../../shared/brands.ts";
import type { Log } from "../../shared/ports/log.ts";

/** The secrets of a function as they were read last. */
export type HeldSecrets = {
  value: (name: string) => string | undefined;
  /** Whether it was there once and is not any more, as when a parameter was deleted. */
  hasVanished: (name: string) => boolean;
  /** Reads them again when they are some minutes old. Returns whether one has changed. */
  refresh: () => Promise<boolean>;
  /** Reads them again now, because others may be wanted. Returns whether one has changed. */
  reload: () => Promise<boolean>;
  /** Reads them again because one was refused, but not all the time: strangers are refused too. Returns whether one has changed. */
  renew: () => Promise<boolean>;
};

const oldAfterMs = 5 * 60_000;
const renewedAfterMs = 15_000;

type Values = Partial<Record<string, string>>;
type Holding = {
  load: () => Promise<Values>;
  /** Values that are there already and never change. */
  given: Values;
  clock: () => EpochMs;
  log: Log;
};

/** Reads the secrets; throws when they cannot be read. Later, what was read before counts until they can be read again. */
export const holdSecrets = async ({ load, given, clock, log }: Holding): Promise<HeldSecrets> => {
  let values = await load();
  const seen = new Set(Object.keys(values));
  let readAt = clock();
  let reading: Promise<boolean> | undefined;
  const read = async (): Promise<boolean> => {
    readAt = clock();
    try {
      const next = await load();
      const names = [...new Set([...Object.keys(values), ...Object.keys(next)])];
      const changed = names.filter((name) => values[name] !== next[name]);
      values = next;
      for (const name of Object.keys(next)) seen.add(name);
      if (changed.length > 0) log.info("secrets have changed", { names: changed });
      return changed.length > 0;
    } catch (error) {
      log.error("secrets could not be read again, those read before still count", { error });
      return false;
    }
  };
  const readAfter = (ms: number): Promise<boolean> => {
    if (reading === undefined && clock() - readAt < ms) return Promise.resolve(false);
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  const value = (name: string) => given[name] ?? values[name];
  return {
    value,
    hasVanished: (name) => seen.has(name) && value(name) === undefined,
    refresh: () => readAfter(oldAfterMs),
    reload: () => readAfter(0),
    renew: () => readAfter(renewedAfterMs),
  };
};
