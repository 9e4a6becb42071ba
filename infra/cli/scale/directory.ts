import { randomUUID } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { isManifest, maxBytes, skipped } from "../../../shared/remedy/scale/manifests/wanted-files.ts";

/**
 * Every file below the folder that may be a manifest, by its path there. Links are not followed, and a file that is not UTF-8 is left out.
 */
export const readDirectory = (root: string): { files: Map<string, string>; large: string[] } => {
  const files = new Map<string, string>();
  const large: string[] = [];
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const read = (path: string) => {
    const bytes = readFileSync(join(root, path));
    if (bytes.length > maxBytes) return large.push(path);
    try {
      files.set(path, utf8.decode(bytes));
    } catch {
      return undefined;
    }
  };
  const walk = (folder: string) => {
    const entries = readdirSync(join(root, folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !skipped(entry.name)) walk(path);
      if (entry.isFile() && isManifest(path)) read(path);
    }
  };
  walk("");
  return { files, large };
};

export class ChangedMeanwhile extends Error {}

/** Puts the new text in the place of the old one whole, with its mode, or leaves everything as it was. */
export const replace = (
  root: string,
  path: string,
  { before, after }: { before: string; after: string },
): void => {
  const file = join(root, path);
  if (readFileSync(file, "utf8") !== before.replace(/^\uFEFF/, "\uFEFF")) throw new ChangedMeanwhile(path);
  const beside = `${file}.${randomUUID()}.tmp`;
  const { mode } = statSync(file);
  try {
    const handle = openSync(beside, "wx", mode);
    try {
      writeSync(handle, after);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
};
