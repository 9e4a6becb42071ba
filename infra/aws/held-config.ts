import type { EpochMs } from "../../shared/brands.ts";
import type { Config } from "../../shared/config.ts";
import { messageOf } from "../../shared/errors.ts";
import type { Log } from "../../shared/ports/log.ts";
import { type ReadMatcher, readCompiled } from "./compiled.ts";
import type { ConfigObject } from "./config-object.ts";

/** The configuration of a function as it was read last. */
export type HeldConfig = {
  current: () => Config;
  /** Reads it again when it is nearly a minute old. Returns whether it has changed. */
  refresh: () => Promise<boolean>;
};

const oldAfterMs = 45_000;

type Holding = {
  load: (etag: string | undefined) => Promise<ConfigObject | undefined>;
  matcher: ReadMatcher | undefined;
  clock: () => EpochMs;
  log: Log;
};

/** Reads the configuration; throws when it cannot be read. Later, the one that was read before counts until another can be read. */
export const holdConfig = async ({ load, matcher, clock, log }: Holding): Promise<HeldConfig> => {
  const read = async (etag: string | undefined) => {
    const object = await load(etag);
    if (object === undefined) return undefined;
    const { text, ...known } = object;
    return { ...known, config: parsed(text, matcher) };
  };
  const first = await read(undefined);
  if (first === undefined) throw new Error("the configuration is not there");
  let held = first;
  let readAt = clock();
  let reading: Promise<boolean> | undefined;
  const again = async (): Promise<boolean> => {
    readAt = clock();
    try {
      const next = await read(held.etag);
      if (next === undefined) return false;
      held = next;
      log.info("the configuration has changed", { version: next.version ?? next.etag });
      return true;
    } catch (error) {
      log.error("the configuration could not be read again, the one before still counts", { error });
      return false;
    }
  };
  return {
    current: () => held.config,
    refresh: () => {
      if (reading === undefined && clock() - readAt < oldAfterMs) return Promise.resolve(false);
      reading ??= again().finally(() => {
        reading = undefined;
      });
      return reading;
    },
  };
};

const parsed = (text: string, matcher: ReadMatcher | undefined): Config => {
  try {
    return readCompiled(text, matcher);
  } catch (error) {
    throw new Error(`the configuration is not one that npm run config compiled: ${messageOf(error)}`, {
      cause: error,
    });
  }
};
