import { z } from "zod";
import { runCommand, standardIo } from "../host/command.ts";
import { ConfigurationError, UsageError } from "../host/errors.ts";

const help = `usage: npm run --silent cli -- incident retry SERVICE/ENVIRONMENT [--url URL]

Has an escalated incident go on where it stood, after its cause is mended: a token, a permission, the configuration. Asks the running
server at --url, by default http://127.0.0.1:8080, with OPERATOR_TOKEN. Exit codes: 0 it goes on, 1 it does not, 2 wrong usage.`;

const answer = z.object({ outcome: z.string(), status: z.string() });
const timeoutMs = 10_000;

/** `incident retry ID`: 0 when the incident goes on. */
export const incident = (argv: string[], io = standardIo(), env = process.env): Promise<number> =>
  runCommand(
    { name: "incident", help, options: { url: { type: "string" } }, positionals: true },
    { argv, io },
    async ({ values, positionals }) => {
      const [verb, id = "", ...others] = positionals;
      if (verb !== "retry" || !/^[^/]+\/[^/]+$/.test(id) || others.length > 0)
        throw new UsageError("give retry and one SERVICE/ENVIRONMENT");
      const token = env.OPERATOR_TOKEN;
      if (!token) throw new ConfigurationError("OPERATOR_TOKEN is not set: give the one that the server has");
      const url = values.url ?? "http://127.0.0.1:8080";
      const { outcome, status } = await ask(new URL(`/incidents/${id}/retry`, url), token);
      io.out(`${id}: ${outcome === "resumed" ? "goes on" : "is not escalated"}, ${status}\n`);
      return outcome === "resumed" ? 0 : 1;
    },
  );

const ask = async (url: URL, token: string) => {
  const request = { method: "POST", headers: { authorization: `Bearer ${token}` } };
  const response = await fetch(url, { ...request, signal: AbortSignal.timeout(timeoutMs) }).catch((error) => {
    throw new ConfigurationError(`${url.origin} does not answer: ${error.cause?.code ?? error.message}`);
  });
  const body: unknown = await response.json().catch(() => undefined);
  const read = answer.safeParse(body);
  if (read.success) return read.data;
  const said = z.object({ error: z.string() }).safeParse(body).data?.error ?? "no answer of Countersteer's";
  throw new ConfigurationError(`${url.origin} says ${response.status}: ${said}`);
};
