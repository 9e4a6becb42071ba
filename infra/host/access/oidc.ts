import { observedFetch } from "../../../shared/adapters/http/observed-fetch.ts";
import { oidcIssuer } from "../../../shared/adapters/oidc/oidc.ts";
import type { Issuer } from "../../../shared/ports/issuer.ts";
import { ConfigurationError } from "../errors.ts";

export type OidcGiven = {
  PAGES_OIDC_ISSUER?: string | undefined;
  PAGES_OIDC_CLIENT_ID?: string | undefined;
  PAGES_OIDC_CLIENT_SECRET?: string | undefined;
  PAGES_OIDC_SCOPES: string;
  PAGES_OIDC_GROUPS_CLAIM: string;
};

/** The issuer that signs people in. Throws ConfigurationError where it is given in part. */
export const issuerFrom = (given: OidcGiven): { issuer?: Issuer } => {
  const { PAGES_OIDC_ISSUER: issuer, PAGES_OIDC_CLIENT_ID: clientId } = given;
  const { PAGES_OIDC_CLIENT_SECRET: clientSecret } = given;
  if (issuer === undefined && (clientId ?? clientSecret) === undefined) return {};
  if (issuer === undefined || clientId === undefined)
    throw new ConfigurationError("PAGES_OIDC_ISSUER and PAGES_OIDC_CLIENT_ID must both be set, or neither");
  if (!isSafe(issuer))
    throw new ConfigurationError(
      "PAGES_OIDC_ISSUER must begin with https://: anybody on the way could sign in as anybody",
    );
  return {
    issuer: oidcIssuer({
      ...{ issuer, clientId, clientSecret, fetch: observedFetch("oidc"), clock: Date.now },
      ...{ scopes: given.PAGES_OIDC_SCOPES, groupsClaim: given.PAGES_OIDC_GROUPS_CLAIM },
    }),
  };
};

/** Without TLS only on this machine. */
export const isSafe = (issuer: string): boolean => {
  const { protocol, hostname } = new URL(issuer);
  return protocol === "https:" || /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
};
