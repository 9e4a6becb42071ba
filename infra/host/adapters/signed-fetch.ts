import type { Signed, Signer, SignerFor } from "./signer.ts";

type Signing = Signed & { origin: string; fetch: typeof fetch; signerFor: SignerFor };

/** Signs the requests to `origin` for a service of AWS; others pass as they are. The first request that needs the signer makes it. */
export const signedFetch = ({ origin, fetch: send, signerFor, ...signed }: Signing): typeof fetch => {
  let signer: Signer | Promise<Signer> | undefined;
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.origin !== origin) return send(input, init);
    const body = init.body === undefined || init.body === null ? undefined : String(init.body);
    const given = new Headers(init.headers);
    if (body !== undefined && !given.has("content-type"))
      given.set("content-type", "application/x-www-form-urlencoded;charset=UTF-8");
    signer ??= signerFor(signed);
    const { headers } = await (await signer).sign({
      ...{ method: init.method ?? "GET", protocol: url.protocol, hostname: url.hostname },
      ...{ path: url.pathname, query: queryOf(url) },
      headers: { ...Object.fromEntries(given), host: url.host },
      ...(body !== undefined && { body }),
    });
    const { host: _, ...rest } = headers;
    return send(url, { ...init, headers: rest, ...(body !== undefined && { body }) });
  };
};

/** A name may come several times, such as `match[]`. */
const queryOf = ({ searchParams }: URL): Record<string, string[]> =>
  Object.fromEntries([...new Set(searchParams.keys())].map((name) => [name, searchParams.getAll(name)]));
