import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Request } from "./writer.ts";

/** Threads whose database was closed. They keep no process alive. */
const idle: Worker[] = [];
const maxIdle = 4;

const writer = new URL("./writer.ts", import.meta.url).href;
/** A thread has its own compile cache: without one, each start would compile the sources of the writer anew. */
const cached = `require("node:module").enableCompileCache(); import(${JSON.stringify(writer)});`;

/**
 * Opens the database at `path` on a thread that writes no other one: an idle one, or a new one. The start of a thread takes longer than
 * many a test. Throws when the database cannot be opened.
 */
export const openOnThread = async (path: string): Promise<Worker> => {
  const thread = idle.pop() ?? new Worker(cached, { eval: true });
  thread.ref();
  thread.postMessage({ open: path } satisfies Request);
  await once(thread, "message");
  return thread;
};

/** Closes the thread's database. A thread that failed has closed it by its end. */
export const closeOnThread = async (thread: Worker): Promise<void> => {
  if (thread.threadId < 0) return;
  const { promise: isIdle, resolve } = Promise.withResolvers<boolean>();
  const hasEnded = (): void => resolve(false);
  thread.once("exit", hasEnded).once("message", () => resolve(true));
  thread.postMessage(null satisfies Request);
  if (!(await isIdle)) return;
  thread.off("exit", hasEnded);
  thread.unref();
  if (idle.length < maxIdle) idle.push(thread);
  else await thread.terminate();
};
