import { sqliteStore } from "../../shared/adapters/sqlite/store.ts";
import { archiveDir, writeArchive } from "../host/adapters/archive.ts";
import { runCommand, standardIo } from "../host/command.ts";
import { ConfigurationError } from "../host/errors.ts";
import { retentionOf } from "../host/settings/services.ts";
import { readConfig } from "../host/settings/settings.ts";
import { databaseIn } from "./facts.ts";

const help = `usage: npm run --silent cli -- archive [--config FILE]

Writes the facts of rounds that ended longer ago than \`retention\` to DATA_DIR/archive, compressed, a JSON line a fact, and takes them out of the
database. A running server does so itself once a day; this command is for one that is stopped. On AWS the table's time to live does it.
The configuration is FILE, or COUNTERSTEER_CONFIG. Exit codes: 0 done, 1 it cannot be done, 2 wrong usage.`;

/** `archive`: 0 when what is old has left the store. */
export const archive = (argv: string[], io = standardIo(), env = process.env): Promise<number> =>
  runCommand(
    { name: "archive", help, options: { config: { type: "string" } } },
    { argv, io },
    async ({ values }) => {
      if (env.TABLE_NAME) throw new ConfigurationError("the table of DynamoDB forgets by itself what is old");
      const { DATA_DIR: dataDir = ".data" } = env;
      const file = values.config ?? env.COUNTERSTEER_CONFIG;
      const retentionMs = retentionOf(file === undefined ? {} : readConfig(file));
      const store = await sqliteStore({ path: databaseIn(env) });
      try {
        const now = Date.now();
        const facts = await store.archive(now - retentionMs, async (old) => {
          io.out(`${writeArchive(archiveDir(dataDir), now, old)}: ${old.length} facts\n`);
        });
        await store.forget(now);
        io.out(`${facts} facts left the database\n`);
        return 0;
      } finally {
        await store.close();
      }
    },
  );
