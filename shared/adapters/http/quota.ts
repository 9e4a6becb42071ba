import type { EpochMs } from "../../brands.ts";
import { ConflictError } from "../../errors.ts";

/** The quota of one credential: after a "retry after" nothing is sent until then, whichever incident and whichever process asks. */
export type Quota = {
  /** The instant until which nothing may be sent for `key`; undefined when it may be sent now. */
  blocked: (key: string) => Promise<EpochMs | undefined>;
  /** Nothing may be sent for `key` for so long. */
  block: (key: string, ms: number) => Promise<void>;
};

type Waits = Record<string, EpochMs>;
/** The document by which processes tell each other to wait. `credential` names the token, not its value. */
export type SharedWaits = {
  credential: string;
  read: () => Promise<{ version: number; value?: Waits }>;
  /** Throws ConflictError when another process wrote first. */
  write: (version: number, waits: Waits) => Promise<void>;
};

/** The age up to which the waits of other processes are used without reading them again. */
const freshMs = 1000;
/** The number of times that a write is tried again because another process wrote first. */
const attempts = 5;

export const quota = (clock: () => EpochMs, shared?: SharedWaits): Quota => {
  const known = new Map<string, EpochMs>();
  let readAt = Number.NEGATIVE_INFINITY;
  const nameOf = (key: string): string => (shared === undefined ? key : `${shared.credential} ${key}`);
  const learn = (waits: Waits): void => {
    readAt = clock();
    for (const [name, until] of Object.entries(waits)) known.set(name, Math.max(until, known.get(name) ?? 0));
  };
  /** Calls that are made at one time read the document once. */
  let reading: Promise<void> | undefined;
  const relearn = ({ read }: SharedWaits): Promise<void> => {
    reading ??= read()
      .then(({ value = {} }) => learn(value))
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };
  const wait = (key: string): EpochMs | undefined => {
    const until = known.get(nameOf(key)) ?? 0;
    return until > clock() ? until : undefined;
  };
  return {
    async blocked(key) {
      const until = wait(key);
      if (until !== undefined || shared === undefined || clock() - readAt < freshMs) return until;
      await relearn(shared);
      return wait(key);
    },
    async block(key, ms) {
      const until = Math.max(clock() + ms, known.get(nameOf(key)) ?? 0);
      known.set(nameOf(key), until);
      if (shared !== undefined) await addWait(shared, { [nameOf(key)]: until }, clock());
    },
  };
};

/** Adds a wait to those of the other processes, without those that are over. */
const addWait = async ({ read, write }: SharedWaits, wait: Waits, now: EpochMs): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    const { version, value = {} } = await read();
    const left = Object.entries(value).filter(([, until]) => until > now);
    try {
      return await write(version, { ...Object.fromEntries(left), ...wait });
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt >= attempts) throw error;
    }
  }
};
