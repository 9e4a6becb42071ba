import { UpstreamError } from "../../../shared/errors.ts";
import type { Host } from "../host.ts";

/**
 * A port whose credential may be changed while the function is warm: when it is refused (401), the secrets are read again, and if one has
 * changed, the call is made once more with a port made anew. Every method of the port returns a promise. Other properties are given unchanged.
 */
export const renewing = <Port extends object>(host: Pick<Host, "renew">, make: () => Port): Port => {
  let port = make();
  return new Proxy(port, {
    get: (_, name) => {
      const value: unknown = Reflect.get(port as object, name);
      if (typeof value !== "function") return value;
      const call = async (args: unknown[]): Promise<unknown> => {
        const made: object = port;
        return Reflect.get(made, name)(...args);
      };
      return async (...args: unknown[]) => {
        try {
          return await call(args);
        } catch (error) {
          if (!isRefused(error) || !(await host.renew())) throw error;
          port = make();
          return call(args);
        }
      };
    },
  });
};

const isRefused = (error: unknown): boolean => error instanceof UpstreamError && error.status === 401;
