import type { Issuer } from "../../../shared/ports/issuer.ts";
import { issuerFrom } from "../../host/access/oidc.ts";
import type { Host } from "../host.ts";

/** The issuer that signs people in to the pages. */
export const issuerOf = ({ env, secret }: Host): { issuer?: Issuer } =>
  issuerFrom({
    PAGES_OIDC_ISSUER: env.PAGES_OIDC_ISSUER || undefined,
    PAGES_OIDC_CLIENT_ID: env.PAGES_OIDC_CLIENT_ID || undefined,
    PAGES_OIDC_CLIENT_SECRET: secret("PAGES_OIDC_CLIENT_SECRET"),
    PAGES_OIDC_SCOPES: env.PAGES_OIDC_SCOPES || "openid email profile",
    PAGES_OIDC_GROUPS_CLAIM: env.PAGES_OIDC_GROUPS_CLAIM || "groups",
  });
