import { join } from "node:path";
import { archiveDir, readArchives } from "../../infra/host/adapters/archive.ts";
import { recordsOf } from "../../shared/adapters/sqlite/records.ts";
import { openReader } from "../../shared/adapters/sqlite/rows.ts";
import { openDatabase } from "../../shared/adapters/sqlite/schema.ts";

/** Something that the writer said to be done. */
export type Said = { incident: string; version: number } | { deploy: string } | { stopped: true };

/** Opens a data directory as the server does at its start, and tells which of the things that were said are not there. */
export const lostIn = (dataDir: string, said: Said[]): Said[] => {
  const path = join(dataDir, "countersteer.db");
  const { db, lock } = openDatabase(path);
  const { reader, rows } = openReader(path);
  try {
    const records = recordsOf(reader, path);
    const archived = new Set(
      [...readArchives(archiveDir(dataDir))]
        .map((line): { incident: string; version: number } => JSON.parse(line))
        .map(({ incident, version }) => `${incident} ${version}`),
    );
    const isThere = (one: Said): boolean => {
      if ("deploy" in one)
        return records.deploys("shop", "production", 0).some(({ sha }) => sha === one.deploy);
      if ("stopped" in one) return records.register("switch").value?.stopped === true;
      const isStored = records.record(one.incident).some(({ version }) => version === one.version);
      return isStored
        ? (rows.get(one.incident)?.version ?? 0) >= one.version
        : archived.has(`${one.incident} ${one.version}`);
    };
    return said.filter((one) => !isThere(one));
  } finally {
    reader.close();
    db.close();
    lock.close();
  }
};
