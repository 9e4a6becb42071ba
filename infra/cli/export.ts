import { counted } from "../../shared/text/format.ts";
import { runCommand, standardIo } from "../host/command.ts";
import { UsageError } from "../host/errors.ts";
import { casesOf, type OwnCase } from "./diagnosis/own-cases.ts";
import { type Env, factLines, factsByIncident } from "./facts.ts";

const help = `usage: npm run --silent cli -- export [--incident ID] [--cases --repo DIR [--service NAME]]

Writes every fact as a JSON line: {"incident", "version", "fact"}. First those of the archives, then those of the store: the database in
DATA_DIR, or the DynamoDB table TABLE_NAME. It writes nothing else, and a server may run meanwhile.
  --incident ID  only of this SERVICE/ENVIRONMENT
  --cases        writes the incidents whose culprit is known as cases for backtest --cases: those that a revert ended, as verified
  --repo DIR     a clone of their repository, which knows the commits; incidents of others are left out
  --service NAME only of this service
Exit codes: 0 done, 1 the store or the clone cannot be read, 2 wrong usage.`;

const options = {
  incident: { type: "string" },
  cases: { type: "boolean" },
  repo: { type: "string" },
  service: { type: "string" },
} as const;

/** `export`: 0 when all was written. */
export const exportFacts = (argv: string[], io = standardIo(), env: Env = process.env): Promise<number> =>
  runCommand({ name: "export", help, options }, { argv, io }, async ({ values }) => {
    const { incident, cases = false, repo, service } = values;
    const write = io.data ?? io.out;
    if (!cases) {
      if (repo !== undefined || service !== undefined)
        throw new UsageError("--repo and --service go with --cases");
      for await (const line of factLines(env, incident)) write(`${line}\n`);
      return 0;
    }
    if (repo === undefined) throw new UsageError("give a clone of the repository with --repo");
    const facts = [...(await factsByIncident(env, incident))].filter(
      ([id]) => service === undefined || id.startsWith(`${service}/`),
    );
    io.err(await writeCases(casesOf(facts, repo), write));
    return 0;
  });

const writeCases = async (
  cases: AsyncIterable<OwnCase | undefined>,
  write: (text: string) => void,
): Promise<string> => {
  const count = { written: 0, elsewhere: 0 };
  for await (const one of cases) {
    count[one === undefined ? "elsewhere" : "written"] += 1;
    if (one !== undefined) write(`${JSON.stringify(one)}\n`);
  }
  const left = count.elsewhere === 0 ? "" : `; of ${count.elsewhere} more the clone lacks the culprit`;
  return `${counted(count.written, "case")}${left}\n`;
};
