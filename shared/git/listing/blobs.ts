import type { ReadBlob } from "../merge-entry.ts";
import type { ListedChange, Tree } from "../model.ts";
import { blobId } from "../object-ids.ts";

/** A text file with hunks applied. The caller checks the result's id, since the hunks may be of another file. */
export const patched = (content: Uint8Array, hunks: string): Uint8Array => {
  const lines = Buffer.from(content)
    .toString("utf8")
    .split(/(?<=\n)/);
  const made: string[] = [];
  let at = 0;
  let last = "";
  for (const line of hunks.split("\n")) {
    const hunk = last === "" || line.startsWith("@@ ") ? /^@@ -(\d+)(?:,(\d+))? /.exec(line) : undefined;
    const start = hunk ? Number(hunk[1]) - (hunk[2] === "0" ? 0 : 1) : at;
    made.push(...lines.slice(at, start));
    at = Math.max(at, start);
    if (line.startsWith(" ")) made.push(...lines.slice(at, at + 1));
    if (line.startsWith(" ") || line.startsWith("-")) at++;
    if (line.startsWith("+")) made.push(`${line.slice(1)}\n`);
    if (line.startsWith("\\") && last === "+") made.push((made.pop() ?? "").slice(0, -1));
    last = line.slice(0, 1);
  }
  return Buffer.from([...made, ...lines.slice(at)].join(""));
};

type Listed = { before: Tree; files: ListedChange[] | undefined };

/** Reads blobs, without asking for those that a listed patch makes of another. The lists follow one another. */
export const deriving = (lists: Listed[], read: ReadBlob): ReadBlob => {
  const made = new Map<string, { from: string; patch: string }>();
  const comesFrom = (sha: string | undefined, other: string): boolean =>
    sha !== undefined && (sha === other || comesFrom(made.get(sha)?.from, other));
  for (const { before, files = [] } of lists)
    for (const { path, previous = path, sha, patch } of files) {
      const from = before.get(previous)?.sha;
      if (from === undefined || sha === undefined || patch === undefined || made.has(sha)) continue;
      if (!comesFrom(from, sha)) made.set(sha, { from, patch });
    }
  const known = new Map<string, Promise<Uint8Array>>();
  const make = async (sha: string): Promise<Uint8Array> => {
    const how = made.get(sha);
    if (!how) return read(sha);
    const content = patched(await once(how.from), how.patch);
    return blobId(content) === sha ? content : read(sha);
  };
  const once = (sha: string): Promise<Uint8Array> => {
    const reading = known.get(sha) ?? make(sha);
    known.set(sha, reading);
    return reading;
  };
  return once;
};
