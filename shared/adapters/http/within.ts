import { UpstreamError } from "../../errors.ts";

/** Waits for the work at most so long, then rejects with a retryable UpstreamError of the system. */
export const within = async <T>(
  system: UpstreamError["system"],
  ms: number,
  work: Promise<T>,
): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new UpstreamError(system, `no answer within ${ms} ms`, { retryable: true })),
      ms,
    );
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
};
