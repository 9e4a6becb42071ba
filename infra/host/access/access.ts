import type { Access } from "../../../functions/login/access.ts";
import { hasLogin } from "../../../functions/login/access.ts";
import { noLogin } from "../../../functions/login/guard.ts";
import type { Config } from "../../../shared/config.ts";
import type { Log } from "../../../shared/ports/log.ts";
import { ConfigurationError } from "../errors.ts";
import { type BalancerGiven, balancerFrom } from "./balancer.ts";
import { issuerFrom, type OidcGiven } from "./oidc.ts";
import { type ProxyGiven, proxyOf } from "./proxy.ts";
import { type SessionGiven, sessionFrom } from "./session.ts";

type Given = ProxyGiven &
  SessionGiven &
  OidcGiven &
  BalancerGiven & {
    HOST: string;
    PAGES_LOGIN?: "none" | undefined;
  };
/** How readers of the pages are known, as the environment says it. Only people on the machine reach a server on loopback. */
export const accessOf = (given: Given): Access => ({
  isOpen: given.PAGES_LOGIN === "none" || isLoopback(given.HOST),
  tokens: [given.PAGES_TOKEN, given.PAGES_TOKEN_PREVIOUS].filter((token) => token !== undefined),
  ...{ ...proxyOf(given, peerOf), ...sessionFrom(given), ...issuerFrom(given), ...balancerFrom(given) },
});

type Bindings = { incoming?: { socket?: { remoteAddress?: string } } };

/** The other end of the connection, as Hono's Node server passes it on. */
const peerOf = (bindings: unknown): string | undefined =>
  (bindings as Bindings | undefined)?.incoming?.socket?.remoteAddress;

export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);

/** Says at the start that nobody will see the pages, or that everybody will. */
export const warnOfMissingLogin = ({ access, host }: { access: Access; host: string }, log: Log): void => {
  if (hasLogin(access) || isLoopback(host)) return;
  log.warn(access.isOpen ? "the pages are shown to everybody who reaches this server" : noLogin, { host });
};

/** Throws ConfigurationError where the issuer could not send people back to an address of this server. */
export const checkSignIn = (
  { baseUrl }: Config,
  { access, host }: { access: Access; host: string },
): void => {
  if (access.issuer === undefined || baseUrl !== undefined || isLoopback(host)) return;
  throw new ConfigurationError(
    "PAGES_OIDC_ISSUER needs baseUrl in the configuration: the issuer sends people back to BASEURL/sign-in/callback",
  );
};

/** Throws ConfigurationError when the file names readers whom no login could tell apart. */
export const checkVisibility = ({ visibleTo, services }: Config, access: Access): void => {
  const [limited] = services.filter((service) => service.visibleTo !== undefined).map(({ name }) => name);
  if ((visibleTo === undefined && limited === undefined) || hasLogin(access) || !access.isOpen) return;
  throw new ConfigurationError(
    `visibleTo${limited === undefined ? "" : ` of ${limited}`} limits readers, and everybody who reaches this server reads everything: set a login of the pages, such as PAGES_OIDC_ISSUER`,
  );
};
