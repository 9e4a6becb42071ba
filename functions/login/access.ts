import type { Context } from "hono";
import { bearer } from "../../shared/adapters/http/signature.ts";
import type { EpochMs } from "../../shared/brands.ts";
import type { Config } from "../../shared/config.ts";
import { messageOf, UpstreamError } from "../../shared/errors.ts";
import type { Reader } from "../../shared/policy/visibility.ts";
import type { Balancer } from "../../shared/ports/balancer.ts";
import type { Issuer, SignedIn } from "../../shared/ports/issuer.ts";
import type { Log } from "../../shared/ports/log.ts";
import { clip } from "../../shared/text/format.ts";
import { isOverTls, type Public } from "./address.ts";
import { proxied, type SigningProxy } from "./proxy.ts";
import { type Jar, sessionOf } from "./session.ts";

/** The ways in which readers of the pages are known, as the host is set up. */
export type Access = {
  /** Everybody who reaches the server reads everything: on loopback without a login, or where the host says so. */
  isOpen: boolean;
  /** Whether the host itself has checked who calls, by what it knows of the connection. */
  vouchesFor?: (bindings: unknown) => boolean;
  /** `PAGES_TOKEN`, and the former one while both count. */
  tokens: string[];
  proxy?: SigningProxy;
  /** A load balancer of AWS that signs people in. */
  balancer?: Balancer;
  /** The sessions of people whom an issuer signed in. */
  session?: Session;
  /** That issuer; absent where a function only knows the sessions. */
  issuer?: Issuer;
  /** The address of this server where the configuration names none. */
  publicUrl?: string;
};

/** `keys` sign the cookies, the first of them new ones. */
export type Session = { keys: string[]; ms: number };

export type LoginContext = { access: Access; config: Config; clock: () => EpochMs; log?: Log };

export const addressOf = ({ access, config }: LoginContext): Public => ({
  baseUrl: config.baseUrl ?? access.publicUrl,
});

/** Whether anybody can sign in here. */
export const hasLogin = ({ tokens, proxy, balancer, session }: Access): boolean =>
  tokens.length > 0 || (proxy ?? balancer ?? session) !== undefined;

/** Long enough for a shift: nobody signs in twice in an incident. */
const shiftMs = 12 * 60 * 60 * 1000;

export const sessionMs = ({ access }: LoginContext): number => access.session?.ms ?? shiftMs;

/** The cookies of people who signed in with the token. */
export const tokenJar = (login: LoginContext, context: Context): Jar => ({
  keys: login.access.tokens,
  isSecure: isOverTls(context, addressOf(login)),
});

/** The cookies of people whom the issuer signed in. */
export const sessionJar = (login: LoginContext, context: Context): Jar => ({
  keys: login.access.session?.keys ?? [],
  isSecure: isOverTls(context, addressOf(login)),
});

/** The reader whom a request proves, if any. */
export const readerOf = async (login: LoginContext, context: Context): Promise<Reader | undefined> => {
  const { access } = login;
  if (access.vouchesFor?.(context.env)) return everybody;
  const authorization = context.req.header("authorization");
  if (access.tokens.some((token) => bearer(authorization, token))) return tokenReader;
  const person = await personOf(login, context);
  if (person !== undefined) return person;
  return access.isOpen && !hasLogin(access) ? everybody : undefined;
};

/** The person who is signed in, by a session, a proxy or a load balancer. */
export const personOf = async (login: LoginContext, context: Context): Promise<Reader | undefined> => {
  const { access, clock } = login;
  // The token's holder could sign any name: such a session is the token's, whatever name it carries.
  if ((await sessionOf(context, tokenJar(login, context), clock())) !== undefined) return tokenReader;
  const signedIn = await sessionOf(context, sessionJar(login, context), clock());
  if (signedIn !== undefined && signedIn.groups !== "all") return signedIn;
  return (access.proxy && proxied(access.proxy, context)) ?? balanced(login, context);
};

/** The person whom the load balancer names in its header. */
const balanced = async (
  { access: { balancer }, config, clock, log }: LoginContext,
  context: Context,
): Promise<Reader | undefined> => {
  const told = context.req.header("x-amzn-oidc-data");
  if (balancer === undefined || told === undefined) return undefined;
  const found = await balancer.read(told, clock()).catch((error: unknown) => {
    if (!(error instanceof UpstreamError)) throw error;
    return { refused: messageOf(error) };
  });
  if (!("refused" in found)) return readerFrom(config, found);
  log?.warn("the load balancer is not believed", { because: clip(found.refused, 300) });
  return undefined;
};

/** Names that people can choose for themselves are not used, nor groups that the configuration does not name. */
export const readerFrom = (config: Config, { subject, email, groups }: SignedIn): Reader => {
  const named = new Set([config, ...config.services].flatMap(({ visibleTo = [] }) => visibleTo));
  return {
    name: clip(email ?? subject, 200),
    groups: groups.filter((group) => named.has(group)),
    ...(email !== undefined && { email: clip(email, 320) }),
  };
};

/** The token is the installation's, so its holder sees every service. */
export const tokenReader: Reader = { name: "PAGES_TOKEN", groups: "all" };
export const everybody: Reader = { name: "everybody", groups: "all" };
