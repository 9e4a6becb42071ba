import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Ran, RunGit } from "../../infra/sandbox/git.ts";

type Answer = { id: number; ran?: Ran; error?: Error };
type Waiting = { resolve: (ran: Ran) => void; reject: (error: Error) => void };

const waiting = new Map<number, Waiting>();
let asked = 0;
let child: ChildProcess | undefined;

/**
 * Runs git as the child of a small process. A process starts another by copying its page tables: 7 ms from the 200 MB of
 * many tests, half a millisecond from a small one.
 */
export const runGit: RunGit = (args, env, input) =>
  new Promise((resolve, reject) => {
    child ??= start();
    const id = ++asked;
    waiting.set(id, { resolve, reject });
    child.channel?.ref();
    child.send({ id, args, env, input });
  });

const start = (): ChildProcess => {
  const started = fork(join(import.meta.dirname, "git-child.ts"), {
    ...{
      execArgv: ["--max-semi-space-size=1"],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    },
  });
  started.on("message", ({ id, ran, error }: Answer) => {
    const one = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) started.channel?.unref();
    if (ran === undefined) one?.reject(error ?? new Error("git was not run"));
    if (ran !== undefined) one?.resolve(ran);
  });
  started.once("exit", () => {
    child = undefined;
    for (const { reject } of waiting.values()) reject(new Error("the process that runs git ended"));
    waiting.clear();
  });
  started.unref();
  return started;
};
