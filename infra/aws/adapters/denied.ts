import { UpstreamError } from "../../../shared/errors.ts";

/** A port that the function must not use. Every call fails for good, so that a missing adapter cannot stay unnoticed. */
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
