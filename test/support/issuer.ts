import { createHash, createHmac, randomUUID, type webcrypto } from "node:crypto";
import { type Asked, type Canned, serve } from "./answering.ts";

/** The person who signs in at the issuer, as its claims tell them. */
export type Claims = Record<string, unknown>;

/** How this issuer is not as it should be. */
export type Wrongs = {
  /** Claims of the ID token instead of the right ones. */
  claims?: Claims;
  /** Another way to make the ID token out of its claims. */
  token?: (claims: Claims) => Promise<string> | string;
  /** Fields of its description instead of the right ones. */
  description?: Claims;
  /** An answer instead of its own, by path. */
  instead?: Record<string, Canned>;
  /** The parameters of the way back instead of the right ones. */
  back?: Record<string, string>;
};

const base64 = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

const rsa = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const newKey = (): Promise<webcrypto.CryptoKeyPair> =>
  crypto.subtle.generateKey(
    { ...rsa, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ["sign", "verify"],
  );

/** A JSON Web Token with a real signature. */
export const signed = async (claims: Claims, key: webcrypto.CryptoKey, kid: string): Promise<string> => {
  const input = `${base64({ alg: "RS256", kid, typ: "JWT" })}.${base64(claims)}`;
  const signature = await crypto.subtle.sign(rsa.name, key, Buffer.from(input));
  return `${input}.${Buffer.from(signature).toString("base64url")}`;
};
export const unsigned = (claims: Claims): string => `${base64({ alg: "none" })}.${base64(claims)}.`;
export const signedWithSecret = (claims: Claims, secret: string): string => {
  const input = `${base64({ alg: "HS256" })}.${base64(claims)}`;
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
};

export const client = { id: "countersteer", secret: "client-secret-of-tests" };
type Code = { redirectUri: string; nonce: string; challenge: string };

/** An issuer of OpenID Connect on loopback: discovery, keys, a page to sign in, tokens with real signatures, userinfo and sign-out. */
export const startIssuer = async () => {
  const [keys, others] = await Promise.all([newKey(), newKey()]);
  const jwk = {
    ...(await crypto.subtle.exportKey("jwk", keys.publicKey)),
    kid: "k1",
    alg: "RS256",
    use: "sig",
  };
  const codes = new Map<string, Code>();
  const wrong: Wrongs = {};
  const state = {
    person: { sub: "00u1", email: "ann@acme.com", email_verified: true, groups: ["payments"] } as Claims,
    userinfo: {} as Claims,
    wrong,
  };
  const json = (body: unknown, status = 200): Canned => ({ status, body: JSON.stringify(body) });
  const describe = () => ({
    ...{ issuer: server.url, authorization_endpoint: `${server.url}/authorize` },
    ...{ token_endpoint: `${server.url}/token`, userinfo_endpoint: `${server.url}/userinfo` },
    ...{ jwks_uri: `${server.url}/keys`, end_session_endpoint: `${server.url}/logout` },
    ...{ code_challenge_methods_supported: ["S256"], id_token_signing_alg_values_supported: ["RS256"] },
    authorization_response_iss_parameter_supported: true,
    ...state.wrong.description,
  });
  /** The page at which the person signs in; its link leads back. */
  const authorize = ({ params }: Asked): Canned => {
    const code = randomUUID();
    const redirectUri = params.get("redirect_uri") ?? "";
    codes.set(code, {
      ...{ redirectUri, nonce: params.get("nonce") ?? "", challenge: params.get("code_challenge") ?? "" },
    });
    const back = { code, state: params.get("state") ?? "", iss: server.url, ...state.wrong.back };
    const href = `${redirectUri}?${new URLSearchParams(back)}`;
    return {
      headers: { "content-type": "text/html" },
      body: `<!doctype html><title>Issuer</title><a href="${href.replaceAll("&", "&amp;")}">Continue as ${state.person.sub}</a>`,
    };
  };
  const idToken = async ({ nonce }: Code): Promise<string> => {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      ...{ iss: server.url, aud: client.id, iat: now, exp: now + 300, nonce },
      ...{ ...state.person, ...state.wrong.claims },
    };
    return state.wrong.token?.(claims) ?? signed(claims, keys.privateKey, "k1");
  };
  const token = async ({ params, headers }: Asked): Promise<Canned> => {
    const code = codes.get(params.get("code") ?? "");
    codes.delete(params.get("code") ?? "");
    const given = headers.authorization?.startsWith("Basic ")
      ? decodeURIComponent(atob(headers.authorization.slice(6)))
      : `${params.get("client_id")}:${params.get("client_secret")}`;
    if (given !== `${client.id}:${client.secret}`) return json({ error: "invalid_client" }, 401);
    const challenge = createHash("sha256")
      .update(params.get("code_verifier") ?? "")
      .digest("base64url");
    if (code === undefined || code.challenge !== challenge || code.redirectUri !== params.get("redirect_uri"))
      return json({ error: "invalid_grant", error_description: "the code does not fit" }, 400);
    return json({ access_token: "at", token_type: "Bearer", expires_in: 300, id_token: await idToken(code) });
  };
  const server = await serve(async (asked) => {
    const instead = state.wrong.instead?.[asked.path];
    if (instead !== undefined) return instead;
    switch (asked.path) {
      case "/.well-known/openid-configuration":
        return json(describe());
      case "/keys":
        return json({ keys: [jwk] });
      case "/authorize":
        return authorize(asked);
      case "/token":
        return token(asked);
      case "/userinfo":
        return json({ sub: state.person.sub, ...state.userinfo });
      default:
        return { status: 404, body: "{}" };
    }
  });
  return {
    ...{ url: server.url, state, asked: server.asked, otherKey: others.privateKey },
    /** The address back, as the issuer's page links it. */
    async signIn(location: string): Promise<string> {
      const text = await (await fetch(location)).text();
      return /href="([^"]+)"/.exec(text)![1]!.replaceAll("&amp;", "&");
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
};
export type FakeIssuer = Awaited<ReturnType<typeof startIssuer>>;
