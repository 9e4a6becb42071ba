import { UpstreamError } from "../../shared/errors.ts";

/** Waits for all of them, whatever fails; then throws an AggregateError of every failure. */
export const awaitAll = async (tellings: Promise<void>[]): Promise<void> => {
  const results = await Promise.allSettled(tellings);
  const failed = results.flatMap((result) =>
    result.status === "rejected"
      ? [result.reason instanceof Error ? result.reason : new Error(String(result.reason))]
      : [],
  );
  if (failed.length > 0) throw new AggregateError(failed, failed.map(({ message }) => message).join("; "));
};

/** Whether trying again can never help. */
export const isFinal = (error: unknown): boolean =>
  error instanceof AggregateError
    ? error.errors.every(isFinal)
    : error instanceof UpstreamError && !error.retryable;
