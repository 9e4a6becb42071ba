import { channel } from "node:diagnostics_channel";
import { dirname } from "node:path";
import { UpstreamError } from "../../errors.ts";
import { claimFile, makeFolder, makePrivate } from "./files.ts";
import { inUse } from "./schema.ts";
import { closeOnThread, openOnThread } from "./threads.ts";
import type { Request, Response, Write } from "./writer.ts";

/** Published on `commits` after each durable transaction. */
export type Commit = { path: string; appends: number };
export const commits = channel("countersteer:sqlite.commit");

export type Batches = {
  /** Resolves once durable, to false for an append whose version was not the one stored. Throws UpstreamError when it could not be made durable. */
  write(entry: Write): Promise<boolean>;
  /** Written along with the next batch, or soon: a crash may lose it. */
  consume(id: string, version: number): void;
  close(): Promise<void>;
};

type Waiting = { entry: Write; resolve: (written: boolean) => void; reject: (error: Error) => void };

const maxBatch = 256;
const consumeMs = 1000;

/** The writes of one database: those that wait, those of the transaction that runs, and what was consumed since. */
type Group = {
  path: string;
  post: (batch: Write[]) => void;
  queue: Waiting[];
  running: Waiting[];
  consumed: Map<string, number>;
  state: "idle" | "scheduled" | "running";
  /** The reason why nothing can be written any more. */
  broken?: string;
  drained?: () => void;
  timer?: NodeJS.Timeout | undefined;
};

/**
 * Group commit: the writes that arrive while a transaction runs on the writer's thread make the next transaction.
 * Throws when the database cannot be opened.
 */
export const startBatches = async (path: string): Promise<Batches> => {
  makeFolder(dirname(path));
  makePrivate(path);
  const claim = await claimFile(path);
  if (claim === undefined) throw inUse(path);
  const thread = await openOnThread(path).catch((error: unknown) => {
    claim.release();
    throw error;
  });
  const group: Group = {
    ...{ path, queue: [], running: [], consumed: new Map(), state: "idle" },
    post: (batch) => thread.postMessage(batch satisfies Request),
  };
  const settled = (response: Response): void => settle(group, response);
  thread.on("message", settled);
  const broken = (error: Error): void => fail(group, error);
  thread.on("error", broken);
  const end = async (): Promise<void> => {
    thread.off("message", settled);
    await closeOnThread(thread);
    thread.off("error", broken);
    claim.release();
  };
  return batchesOf(group, end);
};

const batchesOf = (group: Group, end: () => Promise<void>): Batches => ({
  write(entry) {
    if (group.broken !== undefined) return Promise.reject(failed(group, group.broken));
    return new Promise((resolve, reject) => {
      group.queue.push({ entry, resolve, reject });
      schedule(group);
    });
  },
  consume(id, version) {
    group.consumed.set(id, Math.max(version, group.consumed.get(id) ?? 0));
    group.timer ??= setTimeout(() => schedule(group), consumeMs).unref();
  },
  async close() {
    if (group.broken !== undefined) return;
    group.broken = "the store is closed";
    await new Promise<void>((resolve) => {
      group.drained = resolve;
      schedule(group);
    });
    await end();
  },
});

const schedule = (group: Group): void => {
  if (group.state !== "idle") return;
  group.state = "scheduled";
  // Other writes of this turn of the event loop join the batch.
  setImmediate(flush, group);
};

const flush = (group: Group): void => {
  clearTimeout(group.timer);
  group.timer = undefined;
  const { queue, consumed } = group;
  if (queue.length === 0 && consumed.size === 0) {
    group.state = "idle";
    group.drained?.();
    return;
  }
  group.running = queue.splice(0, maxBatch);
  const batch = group.running.map(({ entry }) => entry);
  for (const [id, version] of consumed) batch.push(["consume", id, version]);
  consumed.clear();
  group.state = "running";
  group.post(batch);
};

const settle = (group: Group, response: Response): void => {
  const batch = group.running;
  group.running = [];
  if ("failure" in response) for (const { reject } of batch) reject(failed(group, response.failure));
  if ("conflicts" in response) {
    const late = new Set(response.conflicts);
    if (commits.hasSubscribers)
      commits.publish({ path: group.path, appends: countAppends(batch) - late.size } satisfies Commit);
    for (const [index, { resolve }] of batch.entries()) resolve(!late.has(index));
  }
  flush(group);
};

const fail = (group: Group, error: Error): void => {
  group.broken = error.message;
  for (const { reject } of [...group.running, ...group.queue]) reject(failed(group, error.message, error));
  group.running = [];
  group.queue = [];
  group.state = "idle";
  group.drained?.();
};

const failed = ({ path }: Group, detail: string, cause?: unknown): UpstreamError =>
  new UpstreamError("store", `write ${path}: ${detail}`, { retryable: true, cause });

const countAppends = (batch: Waiting[]): number => batch.filter(({ entry }) => entry[0] === "append").length;
