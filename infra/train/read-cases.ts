import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import type { Case } from "../../shared/diagnosis/model.ts";
import { messageOf } from "../../shared/errors.ts";
import { type Read, readForm } from "./case-format.ts";

/** One line of a file of cases: the case and the line as it is, or what is wrong with it. */
export type Line = { number: number } & ({ read: Read; raw: Record<string, unknown> } | { problem: string });

/** Whether the beginning of a file that is not compressed holds a zero byte. */
const isBinary = async (file: string): Promise<boolean> => {
  if (file.endsWith(".gz")) return false;
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, 0);
    return buffer.subarray(0, bytesRead).includes(0);
  } finally {
    await handle.close();
  }
};

/** The lines of FILE or FILE.gz, one at a time; empty ones are left out. Throws when the file cannot be read. */
export async function* readCases(file: string): AsyncGenerator<Line> {
  if (await isBinary(file)) throw new Error("is not a text file: a case is a line of JSON");
  const bytes = createReadStream(file);
  const plain = file.endsWith(".gz") ? createGunzip() : undefined;
  if (plain !== undefined) pipeline(bytes, plain, () => {});
  let number = 0;
  for await (const line of createInterface({ input: plain ?? bytes, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (line.trim() !== "") yield { number, ...parse(line) };
  }
}

const parse = (line: string): { read: Read; raw: Record<string, unknown> } | { problem: string } => {
  try {
    const raw = JSON.parse(line);
    return { read: readForm(raw), raw };
  } catch (error) {
    return {
      problem: error instanceof SyntaxError ? `not valid JSON: ${error.message}` : messageOf(error),
    };
  }
};

/** One case whose culprit is known. */
export type Known = { group: string; kind: string; given: Case; culprit: string };
