import { signedFetch as signed } from "../../host/adapters/signed-fetch.ts";
import { signerFor } from "../../host/adapters/signer.ts";
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
  return signed({ service: "aps", region, credentials, origin, signerFor, fetch: send });
};
