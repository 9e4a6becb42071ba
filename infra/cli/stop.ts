import { z } from "zod";
import { runCommand, standardIo } from "../host/command.ts";
import { UsageError } from "../host/errors.ts";
import { askServer } from "./operator.ts";

const stopHelp = `usage: npm run --silent cli -- stop --why TEXT [--url URL]

Stops Countersteer: until \`start --url URL\` nothing is merged, opened or changed. Alerts are still taken, diagnosed and told.
Asks the running server at --url, by default http://127.0.0.1:8080, with OPERATOR_TOKEN.
Exit codes: 0 done, 1 the server did not take it, 2 wrong usage.`;

const startHelp = `usage: npm run --silent cli -- start --url URL

Lets the stopped server at --url go on. What was approved before is asked about again. Asks with OPERATOR_TOKEN.
Without --url, start runs a server here. Exit codes: 0 done, 1 the server did not take it, 2 wrong usage.`;

const answer = z.object({
  stopped: z.boolean(),
  at: z.string(),
  by: z.string(),
  why: z.string(),
  changed: z.boolean(),
  incidents: z.number(),
});

const local = "http://127.0.0.1:8080";

export const stop = (argv: string[], io = standardIo(), env = process.env): Promise<number> =>
  runCommand(
    { name: "stop", help: stopHelp, options: { why: { type: "string" }, url: { type: "string" } } },
    { argv, io },
    async ({ values: { why = "", url = local } }) => {
      if (why.trim() === "") throw new UsageError("give --why TEXT, which people read on every incident");
      const token = env.OPERATOR_TOKEN;
      const said = await askServer({ url, path: "/stop", body: { why }, answer, token });
      io.out(
        said.changed
          ? `stopped; ${countSentence(said.incidents)}\n`
          : `it was stopped already, by ${said.by} at ${said.at}: ${said.why}\n`,
      );
      return 0;
    },
  );

export const startAgain = (argv: string[], io = standardIo(), env = process.env): Promise<number> =>
  runCommand(
    { name: "start", help: startHelp, options: { url: { type: "string" } } },
    { argv, io },
    async ({ values: { url } }) => {
      if (url === undefined) throw new UsageError("give --url URL");
      const said = await askServer({ url, path: "/start", answer, token: env.OPERATOR_TOKEN });
      io.out(said.changed ? `started again; ${countSentence(said.incidents)}\n` : "it was not stopped\n");
      return 0;
    },
  );

const countSentence = (incidents: number): string =>
  incidents === 1 ? "1 incident under way shows it" : `${incidents} incidents under way show it`;
