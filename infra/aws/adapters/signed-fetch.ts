import { Sha256 } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";
import { accessOf, type Host } from "../host.ts";

/**
 * Signs the requests to `origin` for Amazon Managed Service for Prometheus with the function's role; others pass as they are. See
 * https://docs.aws.amazon.com/prometheus/latest/userguide/AMP-APIReference.html
 */
export const signedFetch = (
  host: Pick<Host, "env">,
  { origin, fetch: send }: { origin: string; fetch: typeof fetch },
): typeof fetch => {
  const { region, credentials } = accessOf(host, "");
  if (region === undefined || credentials === undefined)
    throw new Error("AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not all set");
  const signer = new SignatureV4({ service: "aps", region, credentials, sha256: Sha256 });
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.origin !== origin) return send(input, init);
    const body = init.body === undefined || init.body === null ? undefined : String(init.body);
    const { headers } = await signer.sign({
      ...{ method: init.method ?? "GET", protocol: url.protocol, hostname: url.hostname },
      ...{ path: url.pathname, query: queryOf(url) },
      headers: {
        ...Object.fromEntries(new Headers(init.headers)),
        host: url.host,
        ...(body !== undefined && { "content-type": "application/x-www-form-urlencoded;charset=UTF-8" }),
      },
      ...(body !== undefined && { body }),
    });
    const { host: _, ...rest } = headers;
    return send(url, { ...init, headers: rest, ...(body !== undefined && { body }) });
  };
};

/** A name may come several times, such as `match[]`. */
const queryOf = ({ searchParams }: URL): Record<string, string[]> =>
  Object.fromEntries([...new Set(searchParams.keys())].map((name) => [name, searchParams.getAll(name)]));
