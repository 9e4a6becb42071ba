import { evolve } from "../../shared/incident/evolve.ts";
import { emptyIncident, type Incident } from "../../shared/incident/model.ts";
import { roundsBefore } from "../../shared/incident/rounds/earlier.ts";
import { similarTo } from "../../shared/incident/rounds/similar.ts";
import { postmortem } from "../../shared/text/postmortem.ts";
import { runCommand, standardIo } from "../host/command.ts";
import { ConfigurationError, UsageError } from "../host/errors.ts";
import { type Env, factsByIncident } from "./facts.ts";

const help = `usage: npm run --silent cli -- postmortem SERVICE/ENVIRONMENT

Prints a draft of the post-mortem of the latest round as Markdown: impact, cause, timeline, what worked, similar incidents of all services
with what ended them, and how the change comes back. Questions to the writer stand in italics. It reads the archives and the store: the
database in DATA_DIR, or the DynamoDB table TABLE_NAME. It writes nothing, and a server may run meanwhile.
Exit codes: 0 printed, 1 there is no such incident or the store cannot be read, 2 wrong usage.`;

/** `postmortem ID`: 0 when the draft was printed. */
export const postmortemCommand = (
  argv: string[],
  io = standardIo(),
  env: Env = process.env,
): Promise<number> =>
  runCommand(
    { name: "postmortem", help, options: {}, positionals: true },
    { argv, io },
    async ({ positionals: [id, ...more] }) => {
      if (id === undefined || more.length > 0) throw new UsageError("give one SERVICE/ENVIRONMENT");
      const facts = await factsByIncident(env);
      const log = facts.get(id) ?? [];
      const incident = log.reduce(evolve, emptyIncident(id));
      if (incident.status === "none") throw new ConfigurationError(`there was never an incident of ${id}`);
      const others = [...facts].flatMap(([other, own]): Incident[] =>
        roundsBefore(own, Number.POSITIVE_INFINITY).map((round) => ({ ...round, id: other })),
      );
      io.out(`${postmortem(incident, log, similarTo(incident, others))}\n`);
      return 0;
    },
  );
