import { z } from "zod";
import { redirection } from "../../shared/adapters/http/response-text.ts";
import { ConfigurationError } from "../host/errors.ts";

const timeoutMs = 10_000;

type Asked<T> = {
  url: string;
  path: string;
  body?: unknown;
  answer: z.ZodType<T>;
  token: string | undefined;
};

/** Asks the running server as its operator. Throws ConfigurationError with what it said when the answer is another. */
export const askServer = async <T>({ url, path, body, answer, token }: Asked<T>): Promise<T> => {
  if (!token) throw new ConfigurationError("OPERATOR_TOKEN is not set: give the one that the server has");
  const address = new URL(path, url);
  const request = {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    redirect: "manual" as const,
    signal: AbortSignal.timeout(timeoutMs),
  };
  const response = await fetch(address, request).catch((error) => {
    throw new ConfigurationError(`${address.origin} does not answer: ${error.cause?.code ?? error.message}`);
  });
  const elsewhere = redirection(response, address.href);
  if (elsewhere !== undefined) throw new ConfigurationError(`${address.origin} says ${elsewhere}`);
  const said: unknown = await response.json().catch(() => undefined);
  const read = response.ok ? answer.safeParse(said) : undefined;
  if (read?.success) return read.data;
  const problem =
    z.object({ error: z.string() }).safeParse(said).data?.error ?? "no answer of Countersteer's";
  throw new ConfigurationError(`${address.origin} says ${response.status}: ${problem}`);
};
