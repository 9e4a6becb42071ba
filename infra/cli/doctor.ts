import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Finding, lineOf } from "../../functions/ready/finding.ts";
import { type Heard, heardBy } from "../../functions/ready/heard.ts";
import { dynamodbClient, dynamodbStore } from "../../shared/adapters/dynamodb/store.ts";
import { readHeard } from "../../shared/adapters/sqlite/record.ts";
import { keeps } from "../../shared/ports/store.ts";
import { runCommand, standardIo } from "../host/command.ts";
import { examine } from "../host/doctor/examine.ts";
import { readConfig, readSettings } from "../host/settings/settings.ts";

const help = `usage: npm run --silent cli -- doctor [--json]

Looks for what would fail the first incident, with the same environment and configuration as the server: tokens and their rights in
every repository, Slack channels and people, Prometheus' rules, the alerts of the last day that no service would take, Alertmanager,
the issuer that signs people in, the deployers that are asked what runs, the address and the webhooks, the clock, versions, the disk, and
what the server has heard so far, from the database in DATA_DIR or the table TABLE_NAME. Each finding is one line, with what to do. It
writes nothing anywhere. A server with credentials looks as well, at its start and once a day, and at /readyz?deep.
  --json  one JSON object: findings, each with level (ok, warning, failed), about, text and todo

Exit codes: 0 nothing would fail, 1 something would, 2 wrong usage.`;

type Env = Record<string, string | undefined>;
type Times = { env?: Env; now?: number; clock?: () => number };

export const doctor = (
  argv: string[],
  io = standardIo(),
  { env = process.env, now = Date.now(), clock = Date.now }: Times = {},
): Promise<number> =>
  runCommand(
    { name: "doctor", help, options: { json: { type: "boolean" } } },
    { argv, io },
    async ({ values }) => {
      const settings = readSettings(env);
      // A wrong file ends it here, in the words of check-config.
      readConfig(settings.configFile);
      const findings = await withStore(env, now, (heard) =>
        examine({ settings, now, clock, ...(heard && { heard }) }),
      );
      if (values.json) io.out(`${JSON.stringify({ findings })}\n`);
      else for (const finding of findings) io.out(`${lineOf(finding)}\n`);
      return findings.some(({ level }) => level === "failed") ? 1 : 0;
    },
  );

/** Before its first start a server has heard nothing: then there is nothing to say. */
const withStore = async (
  env: Env,
  now: number,
  look: (heard?: Heard) => Promise<Finding[]>,
): Promise<Finding[]> => {
  const { TABLE_NAME: table, DATA_DIR: dataDir = ".data", DYNAMODB_ENDPOINT: endpoint } = env;
  if (!table) {
    const path = join(dataDir, "countersteer.db");
    if (!existsSync(path)) return look();
    const { deployed, ...told } = readHeard(path, now - keeps.deploysMs);
    return look({ ...told, hasDeploy: async (...place) => deployed.has(place.join("/")) });
  }
  const client = dynamodbClient(endpoint === undefined ? {} : { endpoint });
  const store = dynamodbStore({ client, table, clock: () => now });
  try {
    return await look(await heardBy(store, now));
  } finally {
    await store.close();
  }
};
