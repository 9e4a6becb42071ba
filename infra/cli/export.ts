import { runCommand, standardIo } from "../host/command.ts";
import { type Env, factLines } from "./facts.ts";

const help = `usage: npm run --silent cli -- export [--incident ID]

Writes every fact as a JSON line: {"incident", "version", "fact"}. First those of the archives, then those of the store: the database in
DATA_DIR, or the DynamoDB table TABLE_NAME. It writes nothing else, and a server may run meanwhile.
  --incident ID  only of this SERVICE/ENVIRONMENT
Exit codes: 0 done, 1 the store cannot be read, 2 wrong usage.`;

/** `export`: 0 when all was written. */
export const exportFacts = (argv: string[], io = standardIo(), env: Env = process.env): Promise<number> =>
  runCommand(
    { name: "export", help, options: { incident: { type: "string" } } },
    { argv, io },
    async ({ values: { incident } }) => {
      const write = io.data ?? io.out;
      for await (const line of factLines(env, incident)) write(`${line}\n`);
      return 0;
    },
  );
