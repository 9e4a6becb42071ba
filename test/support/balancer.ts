import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { serve } from "./answering.ts";

export const arn =
  "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/ops/50dc6c495c0c9188";
export const rule = { issuer: "https://acme.okta.com", clientId: "cs", groupsClaim: "groups" };
export const ann = { sub: "00u1", email: "ann@acme.com", email_verified: true, groups: ["payments"] };

const kid = "307a30c3-8280-4ff5-a78d-6bc5263ffbe8";
const madeKey = (namedCurve = "P-256") => generateKeyPairSync("ec", { namedCurve });
const padded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64");

/** A load balancer with a key of its own, whose public half a server on loopback has. Tokens hold until `until`, epoch ms. */
export const startBalancer = async (until: number) => {
  const key = madeKey();
  const state: { status: number; key: KeyObject } = { status: 200, key: key.publicKey };
  const keys = await serve(({ path }) =>
    path === `/${kid}`
      ? { status: state.status, body: String(state.key.export({ type: "spki", format: "pem" })) }
      : { status: 403, body: "<Error>AccessDenied</Error>" },
  );
  const headerOf = (over: object) => ({
    ...{ typ: "JWT", kid, alg: "ES256", iss: rule.issuer, client: rule.clientId, signer: arn },
    ...{ exp: until / 1000, ...over },
  });
  return {
    ...{ keys, state, other: madeKey() },
    /** The header `X-Amzn-Oidc-Data`, in base64 with padding. */
    tell: (claims: object = ann, over: object = {}, by: KeyObject = key.privateKey): string => {
      const signed = `${padded(headerOf(over))}.${padded(claims)}`;
      const signature = sign("sha256", Buffer.from(signed), { key: by, dsaEncoding: "ieee-p1363" });
      return `${signed}.${signature.toString("base64")}`;
    },
  };
};
