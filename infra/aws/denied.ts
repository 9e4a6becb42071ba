import { UpstreamError } from "../../shared/errors.ts";

/** A port that the function has no part in: whoever calls it is refused for good, so that it cannot be forgotten silently. */
export const deniedPort = <Port extends object>(port: string): Port =>
  new Proxy({} as Port, {
    get: (_, method) => async () => {
      throw new UpstreamError(
        "configuration",
        `${port}.${String(method)} is not available to this function`,
        {
          retryable: false,
        },
      );
    },
  });
