import { existsSync } from "node:fs";
import { join } from "node:path";
import { dynamodbClient, dynamodbStore } from "../../shared/adapters/dynamodb/store.ts";
import { readAllRecords } from "../../shared/adapters/sqlite/record.ts";
import type { IncidentId } from "../../shared/brands.ts";
import type { Event } from "../../shared/incident/events.ts";
import { completed } from "../../shared/incident/stored.ts";
import { isRecord } from "../../shared/records.ts";
import { archiveDir, readArchives } from "../host/adapters/archive.ts";
import { ConfigurationError } from "../host/errors.ts";

export type Env = Record<string, string | undefined>;

/**
 * Every fact once as a JSON line, `{"incident", "version", "fact"}`: those of the archives, then those of the store, which is the database in
 * DATA_DIR or the DynamoDB table TABLE_NAME. Throws ConfigurationError or UpstreamError when it cannot be read.
 */
export async function* factLines(env: Env, wanted?: string): AsyncGenerator<string> {
  const seen = new Set<string>();
  for await (const line of linesOf(env, wanted)) {
    // A crash between archiving and dropping leaves facts in both.
    if (!seen.has(line)) yield line;
    seen.add(line);
  }
}

/** Every fact that can be read, by its incident, the oldest first. A fact that cannot be read is told by `audit`. */
export const factsByIncident = async (env: Env, wanted?: string): Promise<Map<IncidentId, Event[]>> => {
  const facts = new Map<IncidentId, Event[]>();
  for await (const line of factLines(env, wanted)) {
    const { incident, fact } = JSON.parse(line);
    if (!isFact(fact)) continue;
    const known = facts.get(incident);
    if (known === undefined) facts.set(incident, [completed(fact)]);
    else known.push(completed(fact));
  }
  return facts;
};

const isFact = (fact: unknown): fact is Event =>
  isRecord(fact) && typeof fact.type === "string" && typeof fact.at === "number";

export const databaseIn = ({ DATA_DIR: dataDir = ".data" }: Env): string => {
  const path = join(dataDir, "countersteer.db");
  if (!existsSync(path))
    throw new ConfigurationError(
      `${path} is not there: set DATA_DIR to the data of the server, or TABLE_NAME to its table`,
    );
  return path;
};

async function* linesOf(env: Env, wanted: string | undefined): AsyncGenerator<string> {
  const isWanted = (incident: string): boolean => wanted === undefined || incident === wanted;
  if (env.TABLE_NAME) return yield* fromTable(env, env.TABLE_NAME, isWanted);
  const path = databaseIn(env);
  const { DATA_DIR: dataDir = ".data" } = env;
  for (const line of readArchives(archiveDir(dataDir))) if (isWanted(JSON.parse(line).incident)) yield line;
  for (const one of readAllRecords(path)) if (isWanted(one.incident)) yield JSON.stringify(one);
}

async function* fromTable(
  env: Env,
  table: string,
  isWanted: (incident: string) => boolean,
): AsyncGenerator<string> {
  const endpoint = env.DYNAMODB_ENDPOINT;
  const client = dynamodbClient(endpoint === undefined ? {} : { endpoint });
  const store = dynamodbStore({ client, table, clock: Date.now });
  try {
    for (const incident of (await store.list()).filter(isWanted))
      for (const one of await store.record(incident)) yield JSON.stringify({ incident, ...one });
  } finally {
    await store.close();
  }
}
