import { createPublicKey, type KeyObject, verify } from "node:crypto";
import type { Balancer } from "../../ports/balancer.ts";
import type { SignedIn } from "../../ports/issuer.ts";
import { isRecord } from "../../records.ts";
import { awsDomain } from "../aws-access.ts";
import { boundedFetch } from "./bounded-fetch.ts";

export type BalancerOptions = {
  arn: string;
  /** The issuer and the client of its rule: another rule of the same load balancer may sign in anybody. */
  issuer: string;
  clientId: string;
  groupsClaim: string;
  /** The address below which its public keys are; AWS's own unless given. */
  keys?: string | undefined;
  fetch?: typeof fetch;
};

const maxChars = 32 * 1024;
/** A load balancer changes its key rarely; more than these are not needed. */
const maxKept = 8;

/** An Application Load Balancer: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html */
export const albBalancer = (options: BalancerOptions): Balancer => {
  const keyOf = keysAt(options.keys ?? keysOf(options.arn), boundedFetch(options.fetch));
  return {
    read: async (told, now) => {
      const token = tokenOf(told);
      if (token === undefined) return { refused: "it is not a token of a load balancer" };
      const because = mismatch(token.header, options, now);
      if (because !== undefined) return { refused: because };
      const key = await keyOf(token.kid);
      if (key === undefined) return { refused: `there is no key ${token.kid}` };
      const signature = { key, dsaEncoding: "ieee-p1363" } as const;
      if (!verify("sha256", Buffer.from(token.signed), signature, token.signature))
        return { refused: "the signature does not hold" };
      return personOf(token.claims, options.groupsClaim);
    },
  };
};

const shape = /^(([A-Za-z0-9_/+-]+={0,2})\.([A-Za-z0-9_/+-]+={0,2}))\.([A-Za-z0-9_/+-]+={0,2})$/;

type Token = {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
  kid: string;
  signed: string;
  signature: Buffer;
};

/** The parts. Unlike those of other tokens they are padded, and what is signed holds the padding. */
const tokenOf = (told: string): Token | undefined => {
  const [, signed = "", head = "", body = "", signature = ""] =
    (told.length <= maxChars && shape.exec(told)) || [];
  const [header, claims] = [head, body].map(jsonOf);
  if (!isRecord(header) || !isRecord(claims) || header.alg !== "ES256") return undefined;
  const { kid } = header;
  if (typeof kid !== "string" || !/^[A-Za-z0-9-]{1,64}$/.test(kid)) return undefined;
  return { header, claims, kid, signed, signature: Buffer.from(signature, "base64") };
};

const jsonOf = (part: string): unknown => {
  try {
    return JSON.parse(Buffer.from(part, "base64").toString("utf8"));
  } catch {
    return undefined;
  }
};

const mismatch = (
  { signer, iss, client, exp }: Token["header"],
  { arn, issuer, clientId }: BalancerOptions,
  now: number,
): string | undefined => {
  if (signer !== arn) return "PAGES_ALB_ARN did not sign it";
  if (iss !== issuer) return "the issuer is not PAGES_ALB_ISSUER";
  if (client !== clientId) return "the client is not PAGES_ALB_CLIENT_ID";
  return typeof exp === "number" && exp * 1000 > now ? undefined : "it has expired";
};

const personOf = (claims: Token["claims"], groupsClaim: string): SignedIn | { refused: string } => {
  const { sub: subject, email, email_verified: isVerified } = claims;
  if (typeof subject !== "string" || subject === "") return { refused: "it names no person" };
  return {
    subject,
    groups: [claims[groupsClaim]].flat().filter((one) => typeof one === "string"),
    // Cognito tells it as a text. An address that nobody has verified may be anybody's.
    ...(typeof email === "string" && String(isVerified) === "true" && { email }),
  };
};

/** The address of the public keys in the region of the load balancer. */
export const keysOf = (arn: string): string => {
  const [, partition, , region = ""] = arn.split(":");
  return partition === "aws-us-gov"
    ? `https://s3-${region}.amazonaws.com/aws-elb-public-keys-prod-${region}`
    : `https://public-keys.auth.elb.${region}.${awsDomain(region)}`;
};

/** Reads a key once, and one at a time: strangers may name keys too. */
const keysAt = (address: string, send: ReturnType<typeof boundedFetch>) => {
  const kept = new Map<string, KeyObject>();
  let reading: Promise<unknown> = Promise.resolve();
  const read = async (kid: string): Promise<KeyObject | undefined> => {
    if (kept.has(kid)) return kept.get(kid);
    const answer = await send(`${address}/${kid}`, { method: "GET", headers: {} });
    const key = answer.ok ? keyIn(await answer.text()) : undefined;
    if (kept.size >= maxKept) kept.clear();
    if (key !== undefined) kept.set(kid, key);
    return key;
  };
  return (kid: string): Promise<KeyObject | undefined> => {
    const turn = reading.then(() => read(kid));
    reading = turn.catch(() => {});
    return turn;
  };
};

const keyIn = (pem: string): KeyObject | undefined => {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyDetails?.namedCurve === "prime256v1" ? key : undefined;
  } catch {
    return undefined;
  }
};
