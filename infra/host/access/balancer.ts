import { observedFetch } from "../../../shared/adapters/http/observed-fetch.ts";
import { albBalancer } from "../../../shared/adapters/oidc/balancer.ts";
import type { Balancer } from "../../../shared/ports/balancer.ts";
import { ConfigurationError } from "../errors.ts";
import { isSafe } from "./oidc.ts";

export type BalancerGiven = {
  PAGES_ALB_ARN?: string | undefined;
  PAGES_ALB_ISSUER?: string | undefined;
  PAGES_ALB_CLIENT_ID?: string | undefined;
  PAGES_ALB_KEYS_URL?: string | undefined;
  PAGES_OIDC_GROUPS_CLAIM: string;
};

/** The load balancer that signs people in. Throws ConfigurationError where it is given in part, or its keys could be forged. */
export const balancerFrom = (given: BalancerGiven): { balancer?: Balancer } => {
  const { PAGES_ALB_ARN: arn, PAGES_ALB_ISSUER: issuer, PAGES_ALB_CLIENT_ID: clientId } = given;
  const { PAGES_ALB_KEYS_URL: keys, PAGES_OIDC_GROUPS_CLAIM: groupsClaim } = given;
  if ((arn ?? issuer ?? clientId ?? keys) === undefined) return {};
  if (arn === undefined || issuer === undefined || clientId === undefined)
    throw new ConfigurationError(
      "PAGES_ALB_ARN, PAGES_ALB_ISSUER and PAGES_ALB_CLIENT_ID must all be set, or none of them",
    );
  if (keys !== undefined && !isSafe(keys))
    throw new ConfigurationError(
      "PAGES_ALB_KEYS_URL must begin with https://: anybody on the way could sign in as anybody",
    );
  return {
    balancer: albBalancer({
      ...{ arn, issuer, clientId, groupsClaim, keys: keys?.replace(/\/$/, "") },
      fetch: observedFetch("oidc"),
    }),
  };
};
