import { DatabaseSync } from "node:sqlite";
import { messageOf, UpstreamError } from "../../errors.ts";
import type { Recorded } from "../../incident/record.ts";
import { recordsOf } from "./records.ts";

/** The facts of one incident as they lie in the file, and the version that the incident is stored at. Also while a server has the file. */
export const readRecord = (path: string, id: string): { recorded: Recorded[]; version: number } => {
  const reader = openFile(path);
  try {
    const recorded = recordsOf(reader, path).record(id);
    const row = reader.prepare("SELECT version FROM incidents WHERE id = ?").get(id);
    return { recorded, version: Number(row?.version ?? 0) };
  } finally {
    reader.close();
  }
};

const openFile = (path: string): DatabaseSync => {
  try {
    return new DatabaseSync(path, { readOnly: true, timeout: 500 });
  } catch (error) {
    throw new UpstreamError("store", `open ${path}: ${messageOf(error)}`, { retryable: false, cause: error });
  }
};
