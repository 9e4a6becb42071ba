import { runCommand, standardIo } from "../../host/command.ts";
import { UsageError } from "../../host/errors.ts";
import { verifyClone } from "./clone.ts";
import { factList, leftList } from "./list.ts";
import { verifyPull } from "./pull.ts";
import { asJson, asText, differences, type Source } from "./report.ts";
import { verifyStore } from "./store.ts";

const help = `usage: npm run --silent cli -- audit verify [--pull URL] [--incident ID] [--dir CLONE] [--json]
       npm run --silent cli -- audit show --incident ID [--json]
       npm run --silent cli -- audit left [--json]

Walks the record of an incident, in which each fact carries the hash of the one before it, and names the first thing that is not as it
was written. With more than one source it also compares them. show lists the facts of an incident in the store, each with its reason code; left lists
reports, calls and attempts that were left alone or refused and that no incident lists, with the times that were counted.

  --pull URL       a pull request's body and comments, from GitHub alone; only the account that opened it counts
  --account LOGIN  with --pull: the account must be this one
  --incident ID    SERVICE/ENVIRONMENT in the store: the database in DATA_DIR, or the DynamoDB table TABLE_NAME
  --dir CLONE      the commits of a clone that name an incident
  --json           one JSON object

GITHUB_TOKEN authenticates, GITHUB_API_URL is where (default: https://api.github.com). It writes nothing, and a server may run meanwhile.
Exit codes: 0 the record holds, 1 it does not or cannot be read, 2 wrong usage.`;

const options = {
  pull: { type: "string" },
  account: { type: "string" },
  incident: { type: "string" },
  dir: { type: "string" },
  json: { type: "boolean" },
} as const;

type Values = { pull?: string; account?: string; incident?: string; dir?: string; json?: boolean };
type Env = Record<string, string | undefined>;

/** `audit verify`: 0 when every source holds and they agree. `audit show` and `audit left` list what the store has. */
export const audit = (argv: string[], io = standardIo(), env = process.env): Promise<number> =>
  runCommand(
    { name: "audit", help, options, positionals: true },
    { argv, io },
    async ({ values, positionals }) => {
      const listed = await list(positionals.join(" "), values, env);
      if (listed !== undefined) {
        io.out(listed);
        return 0;
      }
      const sources = await read(values, env);
      if (sources.length === 0) throw new UsageError("give --pull URL, --incident ID or --dir CLONE");
      const broken = [...sources.flatMap((source) => source.broken), ...differences(sources)];
      io.out(values.json ? asJson(sources, broken) : asText(sources, broken));
      return broken.length === 0 ? 0 : 1;
    },
  );

/** The text of `show` or `left`; undefined for `verify`. Throws UsageError for any other. */
const list = async (verb: string, values: Values, env: Env): Promise<string | undefined> => {
  const { incident, json = false } = values;
  if (verb === "verify") return undefined;
  if (verb === "left") return leftList(env, json);
  if (verb !== "show") throw new UsageError("give verify, show or left");
  if (incident === undefined) throw new UsageError("show needs --incident ID");
  return factList(incident, env, json);
};

const read = async ({ pull, account, incident, dir }: Values, env: Env): Promise<Source[]> => {
  const { GITHUB_API_URL: apiUrl = "https://api.github.com", GITHUB_TOKEN: token } = env;
  if (account !== undefined && pull === undefined) throw new UsageError("--account is for --pull");
  const asked = [
    ...(pull === undefined ? [] : [verifyPull({ url: pull, account, apiUrl, token })]),
    ...(incident === undefined ? [] : [verifyStore(incident, env)]),
    ...(dir === undefined ? [] : [verifyClone(dir)]),
  ];
  return Promise.all(asked);
};
