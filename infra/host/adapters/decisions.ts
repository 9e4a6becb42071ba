import { observedFetch } from "../../../shared/adapters/http/observed-fetch.ts";
import { openPolicyAgent } from "../../../shared/adapters/opa/opa.ts";
import type { Config } from "../../../shared/config.ts";
import type { Decisions } from "../../../shared/ports/decisions.ts";
import { ConfigurationError } from "../errors.ts";

/** Where Open Policy Agent is, as the environment says it. */
export type OpaSettings = { url?: string | undefined; token?: string | undefined };

export const decisionsOf = ({ url, token }: OpaSettings): { decisions?: Decisions } =>
  url === undefined ? {} : { decisions: openPolicyAgent({ url, token, fetch: observedFetch("opa") }) };

/** Throws ConfigurationError when a service asks a policy server that the environment does not name. */
export const checkDecisions = ({ services }: Config, { url }: OpaSettings): void => {
  const asking = services.find(({ policy }) => policy.opa !== undefined);
  if (asking !== undefined && url === undefined)
    throw new ConfigurationError(`${asking.name} has policy.opa: OPA_URL must be set`);
};
