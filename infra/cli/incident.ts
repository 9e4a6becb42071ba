import { z } from "zod";
import { runCommand, standardIo } from "../host/command.ts";
import { UsageError } from "../host/errors.ts";
import { askServer } from "./operator.ts";

const help = `usage: npm run --silent cli -- incident retry SERVICE/ENVIRONMENT [--url URL]

Has an escalated incident go on where it stood, after its cause is mended: a token, a permission, the configuration. An incident that
waits for one cause of many services goes on without waiting for it. Asks the running server at --url, by default
http://127.0.0.1:8080, with OPERATOR_TOKEN. Exit codes: 0 it goes on, 1 it does not, 2 wrong usage.`;

const answer = z.object({ outcome: z.string(), status: z.string() });

/** `incident retry ID`: 0 when the incident goes on. */
export const incident = (argv: string[], io = standardIo(), env = process.env): Promise<number> =>
  runCommand(
    { name: "incident", help, options: { url: { type: "string" } }, positionals: true },
    { argv, io },
    async ({ values, positionals }) => {
      const [verb, id = "", ...others] = positionals;
      if (verb !== "retry" || !/^[^/]+\/[^/]+(\/\d)?$/.test(id) || others.length > 0)
        throw new UsageError(
          "give retry and one SERVICE/ENVIRONMENT, or SERVICE/ENVIRONMENT/2 for the second trouble there",
        );
      const { url = "http://127.0.0.1:8080" } = values;
      const asked = { url, path: `/incidents/${id}/retry`, answer, token: env.OPERATOR_TOKEN };
      const { outcome, status } = await askServer(asked);
      io.out(`${id}: ${outcome === "resumed" ? "goes on" : "is not escalated"}, ${status}\n`);
      return outcome === "resumed" ? 0 : 1;
    },
  );
