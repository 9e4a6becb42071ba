import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Event } from "../../shared/incident/events.ts";
import type { Incident } from "../../shared/incident/model.ts";

/** An incident as an earlier version stored it. */
export type Stored = { version: number; incident: Incident; log: Event[] };
/** Incidents of one earlier version, each up to another point of its course. */
export type EarlierVersion = { version: string; incidents: Record<string, Stored> };

export const earlierVersion = (number: 1 | 2 | 3): EarlierVersion =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../fixtures/stored/version-${number}.json`), "utf8"));
