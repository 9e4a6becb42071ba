import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { makeFolder, syncFolder } from "../../../shared/adapters/sqlite/files.ts";
import type { EpochMs } from "../../../shared/brands.ts";
import { ConfigurationError, whyOf } from "../errors.ts";

/** The directory of the archives beside the database. */
export const archiveDir = (dataDir: string): string => join(dataDir, "archive");

/**
 * Writes facts to an archive of their own, a fact a line, compressed, and returns once it is durable. It has its name only when it is
 * whole, so that no archive is ever cut short.
 */
export const writeArchive = (dir: string, at: EpochMs, facts: object[]): string => {
  makeFolder(dir, 0o700);
  const known = new Set(readdirSync(dir));
  const time = new Date(at).toISOString().replaceAll(/[:.]/g, "-");
  let name = `${time}.jsonl.gz`;
  for (let number = 2; known.has(name); number++) name = `${time}-${number}.jsonl.gz`;
  const part = join(dir, `${name}.part`);
  durably(part, gzipSync(facts.map((fact) => `${JSON.stringify(fact)}\n`).join("")));
  renameSync(part, join(dir, name));
  syncFolder(dir);
  return join(dir, name);
};

const durably = (path: string, bytes: Uint8Array): void => {
  const file = openSync(path, "w", 0o600);
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};

/** Every line of every archive, the oldest archive first; none where nothing was archived. */
export function* readArchives(dir: string): Generator<string> {
  for (const name of archivesIn(dir)) {
    const lines = textOf(join(dir, name)).split("\n");
    yield* lines.filter((line) => line !== "");
  }
}

const textOf = (path: string): string => {
  try {
    return gunzipSync(readFileSync(path)).toString("utf8");
  } catch (error) {
    throw new ConfigurationError(`the archive ${path} cannot be read: ${whyOf(error)}`);
  }
};

const archivesIn = (dir: string): string[] => {
  try {
    return readdirSync(dir)
      .filter((name) => name.endsWith(".jsonl.gz"))
      .sort();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
};
