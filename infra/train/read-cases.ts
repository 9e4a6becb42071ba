import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import type { Case } from "../../shared/diagnosis/model.ts";
import { messageOf } from "../../shared/errors.ts";
import { type Read, readForm } from "./case-format.ts";

/** One line of a file of cases: the case and the line as it is, or what is wrong with it. */
export type Line = { number: number } & ({ read: Read; raw: Record<string, unknown> } | { problem: string });

/** The lines of FILE or FILE.gz, one at a time; empty ones are left out. Throws when the file cannot be read. */
export async function* readCases(file: string): AsyncGenerator<Line> {
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
