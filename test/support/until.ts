import { setTimeout as delay } from "node:timers/promises";
import { inspect } from "node:util";

/** Only a test that hangs waits for so long, on however slow a machine: no test expects anything of this time. */
export const hangMs = 120_000;

type More = {
  everyMs?: number;
  /** More of what was there, for the failure. */
  more?: () => string | Promise<string>;
};

/** Reads until the value fits, and returns it. The failure says what was waited for and what was read last. */
export const until = async <T>(
  what: string,
  read: () => T | Promise<T>,
  fits: (value: T) => boolean,
  { everyMs = 50, more = () => "" }: More = {},
): Promise<T> => {
  for (const end = Date.now() + hangMs; ; await delay(everyMs)) {
    const value = await read();
    if (fits(value)) return value;
    if (Date.now() > end)
      throw new Error(`${what} did not come within ${hangMs / 1000} s: ${inspect(value)}\n${await more()}`);
  }
};
