import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Batches } from "../../shared/adapters/sqlite/batches.ts";
import { openDatabase } from "../../shared/adapters/sqlite/schema.ts";
import { type SqliteStore, sqliteStore } from "../../shared/adapters/sqlite/store.ts";
import { createWriter, type Write } from "../../shared/adapters/sqlite/writer.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { Ledger } from "./ledger.ts";

/** Syncing takes no time in memory, and power cuts are tried elsewhere. */
const folder = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** One database in a file, opened anew by each process. */
export const sqliteDisk = ({ incidents, violate }: Pick<Ledger, "incidents" | "violate">) => {
  const dir = mkdtempSync(join(folder, "countersteer-simulation-"));
  let opened: SqliteStore | undefined;
  return {
    /** Marks that the process before held in memory are lost, as in a crash. */
    open: async (): Promise<SqliteStore> => {
      await opened?.close();
      opened = await sqliteStore({ path: join(dir, "countersteer.db"), start: startWriting });
      for (const [id, written] of incidents) {
        const { incident } = await opened.load(id);
        if (!isDeepStrictEqual(incident, JSON.parse(JSON.stringify(written))))
          violate("what was stored is read as it was", id);
      }
      return opened;
    },
    pending: async () => (await opened?.pending()) ?? [],
    remove: async (): Promise<void> => {
      await opened?.close();
      rmSync(dir, { recursive: true });
    },
  };
};

/** Each write is a transaction in the instant in which it is asked for: a thread would bring real time into the history. */
export const startWriting = async (path: string): Promise<Batches> => {
  const { db, lock, checkFiles } = openDatabase(path);
  const write = createWriter(db, path, checkFiles);
  const consumed = new Map<string, number>();
  return {
    write: async (entry) => {
      const told = [...consumed].map(([id, version]): Write => ["consume", id, version]);
      consumed.clear();
      const answer = write([entry, ...told]);
      if ("failure" in answer)
        throw new UpstreamError("store", `write ${path}: ${answer.failure}`, { retryable: true });
      return "conflicts" in answer && !answer.conflicts.includes(0);
    },
    consume: (id, version) => void consumed.set(id, Math.max(version, consumed.get(id) ?? 0)),
    close: async () => {
      db.close();
      lock.close();
    },
  };
};
