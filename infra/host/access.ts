import type { Access } from "../../functions/login/access.ts";
import { hasLogin } from "../../functions/login/access.ts";
import { noLogin } from "../../functions/login/guard.ts";
import type { SigningProxy } from "../../functions/login/proxy.ts";
import type { Config } from "../../shared/config.ts";
import type { Log } from "../../shared/ports/log.ts";
import { ConfigurationError } from "./errors.ts";

type Given = ProxyGiven & {
  HOST: string;
  PAGES_TOKEN?: string | undefined;
  PAGES_TOKEN_PREVIOUS?: string | undefined;
  PAGES_LOGIN?: "none" | undefined;
};
type ProxyGiven = {
  PAGES_PROXY_HEADER?: string | undefined;
  PAGES_PROXY_GROUPS_HEADER?: string | undefined;
  PAGES_PROXY_ADDRESSES?: ((address: string | undefined) => boolean) | undefined;
  PAGES_PROXY_SECRET?: string | undefined;
};

/** How readers of the pages are known, as the environment says it. Only people on the machine reach a server on loopback. */
export const accessOf = (given: Given): Access => ({
  isOpen: given.PAGES_LOGIN === "none" || isLoopback(given.HOST),
  tokens: [given.PAGES_TOKEN, given.PAGES_TOKEN_PREVIOUS].filter((token) => token !== undefined),
  ...proxyOf(given, peerOf),
});

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

/** Throws ConfigurationError when the file names readers whom no login could tell apart. */
export const checkVisibility = ({ visibleTo, services }: Config, access: Access): void => {
  const [limited] = services.filter((service) => service.visibleTo !== undefined).map(({ name }) => name);
  if ((visibleTo === undefined && limited === undefined) || access.proxy !== undefined) return;
  if (access.tokens.length > 0 || !access.isOpen) return;
  throw new ConfigurationError(
    `visibleTo${limited === undefined ? "" : ` of ${limited}`} limits readers, and everybody who reaches this server reads everything: set a login of the pages, such as PAGES_PROXY_HEADER`,
  );
};
