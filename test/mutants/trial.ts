import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Mutant } from "./mutant.ts";

export type Run = { result: "passed" | "failed" | "timed out"; ms: number; output: string };

/** Runs one test file in `dir`. A file that is not done after `limitMs` is killed together with the processes that it started. */
export const runFile = (dir: string, file: string, limitMs: number): Promise<Run> =>
  new Promise((resolve) => {
    const begun = performance.now();
    const flags = ["--import", "./test/support/seed.ts", file];
    const child = spawn(process.execPath, flags, {
      cwd: dir,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let isLate = false;
    const read = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-20_000);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    const end = (): void => {
      isLate = true;
      killGroup(child.pid);
    };
    const timer = setTimeout(end, limitMs);
    child.once("close", (code) => {
      clearTimeout(timer);
      const ended = code === 0 ? "passed" : "failed";
      resolve({ result: isLate ? "timed out" : ended, ms: performance.now() - begun, output });
    });
  });

const killGroup = (pid: number | undefined): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
};

/** `stale`: the place that the bug would change is not there any more, or there twice. */
export type Verdict = { result: "killed" | "survived" | "timed out" | "stale"; by?: string; ms: number };

export const isStale = (dir: string, { file, search }: Mutant): boolean =>
  readFileSync(join(dir, file), "utf8").split(search).length !== 2;

/** Seeds the bug in `dir`, runs its tests one after the other until one of them fails or hangs, and takes the bug out again. */
export const tryMutant = async (
  dir: string,
  mutant: Mutant,
  limitOf: (file: string) => number,
): Promise<Verdict> => {
  if (isStale(dir, mutant)) return { result: "stale", ms: 0 };
  const path = join(dir, mutant.file);
  const text = readFileSync(path, "utf8");
  const begun = performance.now();
  writeFileSync(
    path,
    text.replace(mutant.search, () => mutant.replace),
  );
  try {
    for (const file of filesOf(mutant)) {
      const { result } = await runFile(dir, file, limitOf(file));
      const ms = performance.now() - begun;
      if (result === "failed") return { result: "killed", by: file, ms };
      if (result === "timed out") return { result, by: file, ms };
    }
    return { result: "survived", ms: performance.now() - begun };
  } finally {
    writeFileSync(path, text);
  }
};

export const filesOf = ({ tests }: Mutant): string[] => tests.map((name) => `test/${name}.test.ts`);
