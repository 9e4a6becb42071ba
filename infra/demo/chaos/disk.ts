import { execFile } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { codeOf } from "../../host/errors.ts";

const run = promisify(execFile);

/** A small disk in memory, which can be filled. */
export type Disk = { fill(): void; free(): void; stop(): Promise<void> };

const size = "48m";
const filler = "filler";
const block = Buffer.alloc(64 * 1024);

/** Mounts a tmpfs on `dir`; a sentence when that is not allowed here. */
export const mountDisk = async (dir: string): Promise<Disk | { why: string }> => {
  mkdirSync(dir, { recursive: true });
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${size}`, "none", dir]);
  } catch {
    return { why: "no disk may be mounted here (that needs root)" };
  }
  const file = join(dir, filler);
  return {
    fill: () => writeUntilFull(file),
    free: () => rmSync(file, { force: true }),
    stop: async () => void (await run("umount", ["--lazy", dir])),
  };
};

/** The last bytes are written in small pieces, so that nothing of use is left. */
const writeUntilFull = (file: string): void => {
  const opened = openSync(file, "w");
  try {
    for (const piece of [block, block.subarray(0, 512)])
      try {
        for (;;) writeSync(opened, piece);
      } catch (error) {
        if (codeOf(error) !== "ENOSPC") throw error;
      }
  } finally {
    closeSync(opened);
  }
};
