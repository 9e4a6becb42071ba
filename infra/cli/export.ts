import { existsSync } from "node:fs";
import { join } from "node:path";
import { dynamodbClient, dynamodbStore } from "../../shared/adapters/dynamodb/store.ts";
import { readAllRecords } from "../../shared/adapters/sqlite/record.ts";
import { UpstreamError } from "../../shared/errors.ts";
import { archiveDir, readArchives } from "../host/archive.ts";
import { runCommand, standardIo } from "../host/command.ts";
import { ConfigurationError } from "../host/errors.ts";

const help = `usage: npm run --silent cli -- export [--incident ID]

Writes every fact as a JSON line: {"incident", "version", "fact"}. First those of the archives, then those of the store: the database in
DATA_DIR, or the DynamoDB table TABLE_NAME. It writes nothing else, and a server may run meanwhile.
  --incident ID  only of this SERVICE/ENVIRONMENT
Exit codes: 0 done, 1 the store cannot be read, 2 wrong usage.`;

type Env = Record<string, string | undefined>;

/** `export`: 0 when all was written. */
export const exportFacts = (argv: string[], io = standardIo(), env: Env = process.env): Promise<number> =>
  runCommand(
    { name: "export", help, options: { incident: { type: "string" } } },
    { argv, io },
    async ({ values: { incident } }) => {
      const write = io.data ?? io.out;
      const seen = new Set<string>();
      for await (const line of linesOf(env, incident)) {
        // A crash between archiving and dropping leaves facts in both.
        if (!seen.has(line)) write(`${line}\n`);
        seen.add(line);
      }
      return 0;
    },
  ).catch((error: unknown) => {
    if (!(error instanceof UpstreamError)) throw error;
    io.err(`${error.message}\n`);
    return 1;
  });

async function* linesOf(env: Env, wanted: string | undefined): AsyncGenerator<string> {
  const isWanted = (incident: string): boolean => wanted === undefined || incident === wanted;
  if (env.TABLE_NAME) return yield* fromTable(env, env.TABLE_NAME, isWanted);
  const { DATA_DIR: dataDir = ".data" } = env;
  const path = join(dataDir, "countersteer.db");
  if (!existsSync(path)) throw new ConfigurationError(`${path} is not there`);
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
