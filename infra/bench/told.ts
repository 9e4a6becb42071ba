import type { ChildProcess } from "node:child_process";
import { type EventEmitter, once } from "node:events";

/**
 * The first `event` of a child process, or of `from`, which reads one of its streams. Throws where the child ends, or cannot be started,
 * before it: nothing would ever come.
 */
export const told = async (
  child: ChildProcess,
  event: string,
  from: EventEmitter = child,
): Promise<unknown> => {
  const over = new AbortController();
  const { signal } = over;
  const ended = async (): Promise<never> => {
    // Messages that came before the end are told before the channel closes.
    if (child.connected) await once(child, "disconnect", { signal });
    const isOver = child.exitCode !== null || child.signalCode !== null;
    if (!isOver || child.stdout?.closed === false) await once(child, "close", { signal });
    throw new Error(`${child.spawnargs.join(" ")} ended with ${child.exitCode ?? child.signalCode}`);
  };
  try {
    const [value] = await Promise.race([once(from, event, { signal }), ended()]);
    return value;
  } finally {
    over.abort();
  }
};
