import { readFileSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";

const inMemory = "/dev/shm";
const wantedBytes = 1024 ** 3;

/**
 * The folder for temporary files: memory, unless TMPDIR names another, or less than 1 GB is free, or programs cannot run from there.
 * The tests make and remove thousands of small files, and ext4 without a journal looks at all that were removed of late for each new one.
 */
export const temporary = (): string => {
  if (process.env.TMPDIR !== undefined) return tmpdir();
  try {
    const isTmpfs = / \/dev\/shm tmpfs (?!\S*noexec)rw/.test(readFileSync("/proc/mounts", "utf8"));
    const { bavail, bsize } = statfsSync(inMemory);
    return isTmpfs && bavail * bsize >= wantedBytes ? inMemory : tmpdir();
  } catch {
    return tmpdir();
  }
};
