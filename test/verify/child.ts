import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Revert, Trees } from "../../shared/git/revert-tree.ts";
import type { FromEngine, ToEngine } from "./engine.ts";

/** The limit of its heap; past it the process dies, and the comparison with it. */
const heapMiB = 128;
const youngMiB = 4;

/** Starts the engine. `blob` reads what it asks for. */
export function startEngine(blob: (sha: string) => Promise<Uint8Array>) {
  const child = fork(join(import.meta.dirname, "engine.ts"), {
    serialization: "advanced",
    execArgv: [`--max-old-space-size=${heapMiB}`, `--max-semi-space-size=${youngMiB}`],
  });
  const tell = (message: ToEngine) => void child.send(message);
  let answer = (_: FromEngine) => {};
  let fail = (_: Error) => {};
  child.on("message", async (message: FromEngine) => {
    if (!("want" in message)) return answer(message);
    try {
      tell({ sha: message.want, content: await blob(message.want) });
    } catch (error) {
      fail(error as Error);
    }
  });
  child.on("exit", (code) => fail(new Error(`the engine ended with ${code}`)));
  const asked = (message: ToEngine): Promise<FromEngine> =>
    new Promise((resolve, reject) => {
      [answer, fail] = [resolve, reject];
      tell(message);
    });
  return {
    async revert(trees: Trees): Promise<{ result: Revert; ms: number }> {
      const made = await asked({ trees });
      if ("result" in made) return made;
      throw new Error("the engine answered something else");
    },
    /** The most memory that the process ever held, its runtime included. */
    async end(): Promise<number> {
      const told = await asked({ end: true });
      if (child.connected) await once(child, "disconnect");
      return "peakMiB" in told ? told.peakMiB : 0;
    },
    kill: () => void child.kill(),
  };
}
