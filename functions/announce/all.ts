import { asError, messageOf, UpstreamError } from "../../shared/errors.ts";

/** Waits for all of them, whatever fails; then throws one AggregateError of every failure, also where they have waited for others. */
export const awaitAll = async (tellings: Promise<void>[]): Promise<void> => {
  const results = await Promise.allSettled(tellings);
  const failed = results.flatMap((result) => (result.status === "rejected" ? failuresOf(result.reason) : []));
  if (failed.length > 0) throw new AggregateError(failed, [...new Set(failed.map(messageOf))].join("; "));
};

const failuresOf = (reason: unknown): unknown[] =>
  reason instanceof AggregateError ? reason.errors.flatMap(failuresOf) : [asError(reason)];

/** Whether trying again can never help. */
export const isFinal = (error: unknown): boolean =>
  error instanceof AggregateError
    ? error.errors.every(isFinal)
    : error instanceof UpstreamError && !error.retryable;
