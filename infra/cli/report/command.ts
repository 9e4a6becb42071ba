import { countDeploys } from "../../../shared/adapters/sqlite/record.ts";
import type { EpochMs } from "../../../shared/brands.ts";
import { type Report, reportOn, roundsIn } from "../../../shared/incident/rounds/report.ts";
import { runCommand, standardIo } from "../../host/command.ts";
import { UsageError } from "../../host/errors.ts";
import { databaseIn, type Env, factsByIncident } from "../facts.ts";
import { reportText } from "./text.ts";

const help = `usage: npm run --silent cli -- report [--since SPAN] [--json]

Tells what became of the incidents: how they ended, how long it took, and how often the proposals were right, over all and by service.
It reads the archives and the store: the database in DATA_DIR, or the DynamoDB table TABLE_NAME. It writes nothing, and a server may run
meanwhile.
  --since SPAN   only rounds that began in this time, such as 30d or 12h (default 30d)
  --json         one JSON object; instants and durations are in ms
Exit codes: 0 done, 1 the store cannot be read, 2 wrong usage.`;

const day = 24 * 60 * 60 * 1000;
const units: Record<string, number> = { h: day / 24, d: day, w: 7 * day };

/** `report`: 0 when it was told. */
export const report = (
  argv: string[],
  io = standardIo(),
  { env = process.env, now = Date.now() }: { env?: Env; now?: EpochMs } = {},
): Promise<number> =>
  runCommand(
    { name: "report", help, options: { since: { type: "string" }, json: { type: "boolean" } } },
    { argv, io },
    async ({ values: { since = "30d", json = false } }) => {
      const told = await reportOf(env, { since: now - spanOf(since), until: now });
      io.out(json ? `${JSON.stringify(told)}\n` : reportText(told));
      return 0;
    },
  );

/** The milliseconds of a span such as `12h`, `30d` or `8w`. Throws UsageError. */
export const spanOf = (given: string): number => {
  const [, count, unit = ""] = /^([1-9]\d{0,4})([hdw])$/.exec(given) ?? [];
  const ms = units[unit];
  if (count !== undefined && ms !== undefined) return Number(count) * ms;
  throw new UsageError(`--since is a time such as 12h, 30d or 8w, not ${JSON.stringify(given)}`);
};

const reportOf = async (env: Env, range: { since: EpochMs; until: EpochMs }): Promise<Report> => {
  const facts = await factsByIncident(env);
  const rounds = [...facts].flatMap(([incident, own]) => roundsIn(incident, own));
  return reportOn(rounds, {
    ...range,
    ...(env.TABLE_NAME ? {} : { deploys: countDeploys(databaseIn(env), range) }),
  });
};
