import type { Session } from "../../../functions/login/access.ts";
import { ConfigurationError } from "../errors.ts";

export type SessionGiven = {
  PAGES_OIDC_ISSUER?: string | undefined;
  PAGES_SESSION_SECRET?: string | undefined;
  PAGES_SESSION_SECRET_PREVIOUS?: string | undefined;
  PAGES_SESSION_HOURS: number;
  PAGES_TOKEN?: string | undefined;
  PAGES_TOKEN_PREVIOUS?: string | undefined;
};

/** A shorter secret could be found by trying. */
const minSecret = 32;

/** The sessions of people whom the issuer signs in. Throws ConfigurationError where the cookies could be forged. */
export const sessionFrom = (given: SessionGiven): { session?: Session } => {
  if (given.PAGES_OIDC_ISSUER === undefined) return {};
  const { PAGES_SESSION_SECRET: secret, PAGES_SESSION_SECRET_PREVIOUS: previous } = given;
  if (secret === undefined || secret.length < minSecret)
    throw new ConfigurationError(
      `PAGES_OIDC_ISSUER needs PAGES_SESSION_SECRET, of ${minSecret} characters at least: take the output of openssl rand -hex 32`,
    );
  if (previous !== undefined && previous.length < minSecret)
    throw new ConfigurationError(
      `PAGES_SESSION_SECRET_PREVIOUS needs ${minSecret} characters at least, as its sessions count too: leave it out, and the sessions before end`,
    );
  const keys = [secret, ...(previous === undefined ? [] : [previous])];
  const tokens = [given.PAGES_TOKEN, given.PAGES_TOKEN_PREVIOUS];
  if (keys.some((key) => tokens.includes(key)))
    throw new ConfigurationError(
      "PAGES_SESSION_SECRET is PAGES_TOKEN: whoever has the token could sign in as anybody; give it a value of its own",
    );
  return { session: { keys, ms: given.PAGES_SESSION_HOURS * 60 * 60_000 } };
};
