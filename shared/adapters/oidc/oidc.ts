import * as oauth from "oauth4webapi";
import { messageOf, UpstreamError } from "../../errors.ts";
import type { Issuer, SignedIn } from "../../ports/issuer.ts";
import { boundedFetch } from "./bounded-fetch.ts";

export type IssuerOptions = {
  issuer: string;
  clientId: string;
  /** Absent for a public client, which PKCE alone protects. */
  clientSecret?: string | undefined;
  scopes: string;
  groupsClaim: string;
  fetch?: typeof fetch;
  clock: () => number;
};

/** The issuer's own description of itself, which its keys are kept with. */
type Described = oauth.AuthorizationServer;
type Client = {
  options: IssuerOptions;
  client: oauth.Client;
  described: () => Promise<Described>;
  /** Options of each call. */
  calls: { [oauth.customFetch]: ReturnType<typeof boundedFetch>; [oauth.allowInsecureRequests]: boolean };
};

/** The time for which a description is believed; keys that it does not know are fetched anew before. */
const describedMs = 60 * 60_000;
/** Clocks of issuers and ours differ by so much at most, in seconds. */
const toleranceS = 30;
const maxGroups = 1000;

/** Sign-in by the authorization code flow with PKCE, state and nonce (OpenID Connect Core 1.0 §3.1, RFC 7636, RFC 9207). */
export const oidcIssuer = (options: IssuerOptions): Issuer => {
  const url = new URL(options.issuer);
  const calls = {
    [oauth.customFetch]: boundedFetch(options.fetch),
    [oauth.allowInsecureRequests]: url.protocol === "http:",
  };
  const made: Client = {
    ...{ options, calls },
    client: { client_id: options.clientId, [oauth.clockTolerance]: toleranceS },
    described: keptFor(describedMs, options.clock, () => describe(url, calls)),
  };
  return {
    name: url.host,
    begin: (redirectUri) => begin(made, redirectUri),
    finish: (answer, left) => finish(made, answer, left),
    signOut: async (backTo) => {
      const { end_session_endpoint: end } = await made.described();
      if (end === undefined) return undefined;
      const address = new URL(end);
      address.searchParams.set("client_id", options.clientId);
      address.searchParams.set("post_logout_redirect_uri", backTo);
      return address.href;
    },
  };
};

const describe = async (url: URL, calls: Client["calls"]): Promise<Described> => {
  try {
    const response = await oauth.discoveryRequest(url, { ...calls, algorithm: "oidc" });
    return await oauth.processDiscoveryResponse(url, response);
  } catch (error) {
    throw failed(`read the description of ${url.href}`, error);
  }
};

/** One read for all who ask, until it is old. A failure is not kept. */
const keptFor = <T>(ms: number, clock: () => number, read: () => Promise<T>): (() => Promise<T>) => {
  let kept: { at: number; value: Promise<T> } | undefined;
  return () => {
    if (kept !== undefined && clock() - kept.at < ms) return kept.value;
    const value = read();
    kept = { at: clock(), value };
    value.catch(() => {
      if (kept?.value === value) kept = undefined;
    });
    return value;
  };
};

const begin: (made: Client, redirectUri: string) => ReturnType<Issuer["begin"]> = async (
  { options, described },
  redirectUri,
) => {
  const { authorization_endpoint: at } = await described();
  if (at === undefined) throw failed("sign in", new Error("the issuer names no authorization_endpoint"));
  const begun = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
  };
  const address = new URL(at);
  const asked = {
    ...{ client_id: options.clientId, redirect_uri: redirectUri, response_type: "code" },
    ...{ scope: options.scopes, state: begun.state, nonce: begun.nonce },
    code_challenge: await oauth.calculatePKCECodeChallenge(begun.verifier),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value);
  return { ...begun, url: address.href };
};

const finish: (made: Client, ...args: Parameters<Issuer["finish"]>) => ReturnType<Issuer["finish"]> = async (
  made,
  answer,
  { redirectUri, begun },
) => {
  const { client, calls, options } = made;
  const issuer = await made.described();
  try {
    const parameters = oauth.validateAuthResponse(issuer, client, answer, begun.state);
    const response = await oauth.authorizationCodeGrantRequest(
      issuer,
      client,
      authentication(issuer, options),
      parameters,
      redirectUri,
      begun.verifier,
      calls,
    );
    const tokens = await oauth.processAuthorizationCodeResponse(issuer, client, response, {
      expectedNonce: begun.nonce,
      requireIdToken: true,
    });
    await oauth.validateApplicationLevelSignature(issuer, response, calls);
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    if (claims === undefined) return { refused: "the issuer sent no ID token" };
    return personOf(options, claims, await moreClaims(made, issuer, { claims, token: tokens.access_token }));
  } catch (error) {
    if (error instanceof UpstreamError) throw error;
    return { refused: reasonOf(error) };
  }
};

const authentication = (
  { token_endpoint_auth_methods_supported: methods }: Described,
  { clientSecret }: IssuerOptions,
): oauth.ClientAuth => {
  if (clientSecret === undefined) return oauth.None();
  // Issuers differ in how they decode a header, and agree on a form.
  return methods?.includes("client_secret_post")
    ? oauth.ClientSecretPost(clientSecret)
    : oauth.ClientSecretBasic(clientSecret);
};

type Claims = Record<string, unknown>;
type Held = { claims: oauth.IDToken; token: string };

/** Claims of the userinfo address, where the ID token lacks the groups or the e-mail address. */
const moreClaims = async (
  { options, client, calls }: Client,
  issuer: Described,
  { claims, token }: Held,
): Promise<Claims> => {
  const isWhole = claims[options.groupsClaim] !== undefined && claims.email !== undefined;
  if (isWhole || issuer.userinfo_endpoint === undefined) return {};
  const response = await oauth.userInfoRequest(issuer, client, token, calls);
  return oauth.processUserInfoResponse(issuer, client, claims.sub, response);
};

const personOf = ({ groupsClaim }: IssuerOptions, claims: oauth.IDToken, more: Claims): SignedIn => {
  const groups = claims[groupsClaim] ?? more[groupsClaim];
  // An answer that vouches for an address vouches for its own: the other may name another one.
  const vouching = [claims, more].find(
    (told: Claims) => typeof told.email === "string" && told.email_verified !== undefined,
  );
  return {
    subject: claims.sub,
    groups: [groups ?? []]
      .flat()
      .filter((one) => typeof one === "string")
      .slice(0, maxGroups),
    // An address that nobody has verified may be anybody's.
    ...(typeof vouching?.email === "string" && vouching.email_verified === true && { email: vouching.email }),
  };
};

const reasonOf = (error: unknown): string => {
  if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError)
    return `the issuer answered ${error.error}${error.error_description ? `: ${error.error_description}` : ""}`;
  return `the issuer's answer does not hold: ${messageOf(error)}`;
};

const failed = (attempt: string, error: unknown): UpstreamError =>
  error instanceof UpstreamError
    ? error
    : new UpstreamError("oidc", `${attempt}: ${messageOf(error)}`, { retryable: true, cause: error });
