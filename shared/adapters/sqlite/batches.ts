import { channel } from "node:diagnostics_channel";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Worker } from "node:worker_threads";
import { UpstreamError } from "../../errors.ts";
import { claimFile, makePrivate } from "./files.ts";
import { inUse } from "./schema.ts";
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
const writer = new URL("./writer.ts", import.meta.url).href;
/** A thread has its own compile cache: without one, each start would compile the sources of the writer anew. */
const cached = `require("node:module").enableCompileCache(); import(${JSON.stringify(writer)});`;

/**
 * Group commit: the writes that arrive while a transaction runs on the writer's thread make the next transaction.
 * Throws when the database cannot be opened.
 */
export const startBatches = async (path: string): Promise<Batches> => {
  mkdirSync(dirname(path), { recursive: true });
  makePrivate(path);
  const claim = await claimFile(path);
  if (claim === undefined) throw inUse(path);
  const worker = new Worker(cached, { eval: true, workerData: { path } });
  try {
    await once(worker, "message");
  } catch (error) {
    claim.release();
    throw error;
  }

  const consumed = new Map<string, number>();
  let queue: Waiting[] = [];
  let running: Waiting[] = [];
  let state: "idle" | "scheduled" | "running" = "idle";
  let broken: string | undefined;
  let drained: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;

  const post = (request: Request): void => worker.postMessage(request);
  const failed = (detail: string, cause?: unknown): UpstreamError =>
    new UpstreamError("store", `write ${path}: ${detail}`, { retryable: true, cause });

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (queue.length === 0 && consumed.size === 0) {
      state = "idle";
      drained?.();
      return;
    }
    running = queue.splice(0, maxBatch);
    const batch = running.map(({ entry }) => entry);
    for (const [id, version] of consumed) batch.push(["consume", id, version]);
    consumed.clear();
    state = "running";
    post(batch);
  };

  const schedule = (): void => {
    if (state !== "idle") return;
    state = "scheduled";
    // Other writes of this turn of the event loop join the batch.
    setImmediate(flush);
  };

  const settle = (response: Response): void => {
    const batch = running;
    running = [];
    if ("failure" in response) for (const { reject } of batch) reject(failed(response.failure));
    if ("conflicts" in response) {
      const late = new Set(response.conflicts);
      if (commits.hasSubscribers)
        commits.publish({ path, appends: countAppends(batch) - late.size } satisfies Commit);
      for (const [place, { resolve }] of batch.entries()) resolve(!late.has(place));
    }
    flush();
  };

  const fail = (error: Error): void => {
    broken = error.message;
    for (const { reject } of [...running, ...queue]) reject(failed(broken, error));
    running = [];
    queue = [];
    state = "idle";
    drained?.();
  };

  worker.on("message", settle);
  worker.on("error", fail);

  return {
    write(entry) {
      if (broken !== undefined) return Promise.reject(failed(broken));
      return new Promise((resolve, reject) => {
        queue.push({ entry, resolve, reject });
        schedule();
      });
    },
    consume(id, version) {
      consumed.set(id, Math.max(version, consumed.get(id) ?? 0));
      timer ??= setTimeout(schedule, consumeMs).unref();
    },
    async close() {
      if (broken !== undefined) return;
      broken = "the store is closed";
      await new Promise<void>((resolve) => {
        drained = resolve;
        schedule();
      });
      worker.off("message", settle);
      const exit = once(worker, "exit");
      post(null);
      await exit;
      claim.release();
    },
  };
};

const countAppends = (batch: Waiting[]): number => batch.filter(({ entry }) => entry[0] === "append").length;
