import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, statfsSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { platform } from "node:os";
import { dirname, resolve } from "node:path";

/** Bytes that must be free on the disk for the store to call itself ready. */
export const minFree = 16 * 1024 * 1024;

/**
 * Makes the folder, and those above it that are missing, so that a power cut does not take them away: a file that is synced is lost with a
 * folder whose name is not.
 */
export const makeFolder = (path: string, mode?: number): void => {
  const first = mkdirSync(path, { recursive: true, ...(mode !== undefined && { mode }) });
  if (first === undefined) return;
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    syncFolder(dirname(folder));
    if (folder === resolve(first)) return;
  }
};

/** Makes the names in the folder durable. Windows opens no folder for it, and keeps a journal of names itself. */
export const syncFolder = (path: string): void => {
  if (platform() === "win32") return;
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
};

/** Makes the file readable for its owner only. SQLite gives its companions (`-wal`, `-shm`) the same mode. */
export const makePrivate = (path: string): void => {
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
};

/**
 * Remembers which files are open now. The returned check throws once one of them was deleted or replaced under its name, as later writes
 * would go to a file that no other process will find.
 */
export const watchFiles = (paths: string[]): (() => void) => {
  const opened = paths.map((path) => ({ path, id: identity(path) }));
  return () => {
    for (const { path, id } of opened)
      if (identity(path) !== id)
        throw new Error(
          `${path} was deleted or replaced while it was open; nothing more is written: put it back or restart`,
        );
  };
};

const identity = (path: string): string | undefined => {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? undefined : `${stats.dev}:${stats.ino}`;
};

/** Throws when the disk that holds the file is nearly full. */
export const checkSpace = (path: string): void => {
  const { bavail, bsize } = statfsSync(dirname(path));
  if (bavail * bsize < minFree)
    throw new Error(`the disk of ${path} has ${bavail * bsize} bytes free, fewer than ${minFree}`);
};

/**
 * Claims the file for this process until `release`, also where somebody deletes its lock file: Linux keeps the name of an abstract
 * socket while the process lives. Undefined when another process of this network namespace has the file. Elsewhere the lock file decides alone.
 */
export const claimFile = async (path: string): Promise<{ release: () => void } | undefined> => {
  if (platform() !== "linux") return { release() {} };
  const server = createServer().unref();
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  server.once("listening", () => resolve(true));
  server.once("error", (error: NodeJS.ErrnoException) =>
    error.code === "EADDRINUSE" ? resolve(false) : reject(error),
  );
  server.listen(`\0countersteer-${identity(path)}`);
  return (await promise) ? { release: () => server.close() } : undefined;
};
