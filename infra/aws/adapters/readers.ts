import { array, lazy, object, string } from "zod";
import type { Access } from "../../../functions/login/access.ts";
import { addressList } from "../../../shared/adapters/http/addresses.ts";
import { balancerFrom } from "../../host/access/balancer.ts";
import { proxyOf } from "../../host/access/proxy.ts";
import { sessionFrom } from "../../host/access/session.ts";
import { ConfigurationError } from "../../host/errors.ts";
import type { Host } from "../host.ts";

/** The caller whose signature API Gateway has checked: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control-iam.html */
const signed = lazy(() =>
  object({
    requestContext: object({ authorizer: object({ iam: object({}) }) }),
  }),
);
const called = lazy(() => object({ requestContext: object({ http: object({ sourceIp: string() }) }) }));
const balanced = lazy(() =>
  object({
    event: object({
      requestContext: object({ elb: object({}) }),
      multiValueHeaders: object({ "x-forwarded-for": array(string()) }),
    }),
  }),
);

/** The address that calls. A load balancer adds it at the end of those that the caller names. */
const peerOf = (bindings: unknown): string | undefined => {
  const direct = called.safeParse(bindings).data?.requestContext.http.sourceIp;
  const forwarded = balanced.safeParse(bindings).data?.event.multiValueHeaders["x-forwarded-for"];
  return direct ?? forwarded?.at(-1)?.split(",").at(-1)?.trim();
};

/** Readers of the pages: those whose signature the API has checked, and those whom the function's own login knows. */
export const readersOf = (host: Host): Access => {
  const { env, secret } = host;
  const addresses = env.PAGES_PROXY_ADDRESSES ? addressList(env.PAGES_PROXY_ADDRESSES) : undefined;
  if (env.PAGES_PROXY_ADDRESSES && addresses === undefined)
    throw new Error("PAGES_PROXY_ADDRESSES is not a list of IP addresses and networks");
  const given = {
    PAGES_PROXY_HEADER: env.PAGES_PROXY_HEADER || undefined,
    PAGES_PROXY_GROUPS_HEADER: env.PAGES_PROXY_GROUPS_HEADER || undefined,
    PAGES_PROXY_ADDRESSES: addresses,
    PAGES_PROXY_SECRET: secret("PAGES_PROXY_SECRET"),
  };
  return {
    isOpen: env.PAGES_LOGIN === "none",
    vouchesFor: (bindings) => signed.safeParse(bindings).success,
    tokens: [secret("PAGES_TOKEN"), secret("PAGES_TOKEN_PREVIOUS")].filter((token) => token !== undefined),
    ...sessionOf(host),
    ...balancerOf(host),
    ...proxyOf(given, peerOf),
    ...(env.BASE_URL && { publicUrl: env.BASE_URL }),
  };
};

/** The sessions of an issuer. Slack's clicks go on where their secret is missing. */
const sessionOf = ({ env, secret, log }: Host): Pick<Access, "session"> => {
  try {
    return sessionFrom({
      PAGES_OIDC_ISSUER: env.PAGES_OIDC_ISSUER || undefined,
      PAGES_SESSION_HOURS: Number(env.PAGES_SESSION_HOURS || 12),
      ...{ PAGES_TOKEN: secret("PAGES_TOKEN"), PAGES_TOKEN_PREVIOUS: secret("PAGES_TOKEN_PREVIOUS") },
      PAGES_SESSION_SECRET: secret("PAGES_SESSION_SECRET"),
      PAGES_SESSION_SECRET_PREVIOUS: secret("PAGES_SESSION_SECRET_PREVIOUS"),
    });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    log.error("nobody is signed in by the issuer", { error });
    return {};
  }
};

/** The load balancer that signs people in. Slack's clicks go on where it is given in part. */
const balancerOf = ({ env, log }: Host): Pick<Access, "balancer"> => {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value));
  try {
    return balancerFrom({ PAGES_OIDC_GROUPS_CLAIM: "groups", ...given });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    log.error("nobody is signed in by the load balancer", { error });
    return {};
  }
};
