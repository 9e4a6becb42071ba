import type { SigningProxy } from "../../../functions/login/proxy.ts";
import { ConfigurationError } from "../errors.ts";

export type ProxyGiven = {
  PAGES_PROXY_HEADER?: string | undefined;
  PAGES_PROXY_GROUPS_HEADER?: string | undefined;
  PAGES_PROXY_ADDRESSES?: ((address: string | undefined) => boolean) | undefined;
  PAGES_PROXY_SECRET?: string | undefined;
};

/** The proxy that signs people in. Throws ConfigurationError where anybody could send its header. `peer` reads who calls. */
export const proxyOf = (
  given: ProxyGiven,
  peer: (bindings: unknown) => string | undefined,
): { proxy?: SigningProxy } => {
  const { PAGES_PROXY_HEADER: header, PAGES_PROXY_GROUPS_HEADER: groupsHeader } = given;
  const { PAGES_PROXY_ADDRESSES: isListed, PAGES_PROXY_SECRET: secret } = given;
  if (header === undefined) return {};
  if (isListed === undefined && secret === undefined)
    throw new ConfigurationError(
      "PAGES_PROXY_HEADER would be believed from everybody: set PAGES_PROXY_ADDRESSES, PAGES_PROXY_SECRET or both",
    );
  return {
    proxy: {
      header,
      ...(groupsHeader !== undefined && { groupsHeader }),
      ...(secret !== undefined && { secret }),
      ...(isListed !== undefined && { isPeer: (bindings) => isListed(peer(bindings)) }),
    },
  };
};
