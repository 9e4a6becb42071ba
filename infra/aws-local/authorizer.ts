import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** The secret keys of the account's identities, by access key. */
export type Identities = Record<string, string>;
/** The caller as API Gateway passes it on: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control-iam.html */
export type Identity = { accessKey: string; accountId: string; callerId: string; userArn: string };

type Signed = { accessKey: string; scope: string; headers: string[]; signature: string };

/** The identity that signed the request for a service (SigV4), or undefined. */
export const identityOf = (
  request: Request,
  body: Buffer,
  { identities, service = "execute-api" }: { identities: Identities; service?: string },
): Identity | undefined => {
  const signed = signedBy(request.headers.get("authorization") ?? "", service);
  const secret = signed === undefined ? undefined : identities[signed.accessKey];
  if (signed === undefined || secret === undefined || !signed.headers.includes("host")) return undefined;
  const wanted = Buffer.from(signatureOf(request, body, { ...signed, secret }));
  const given = Buffer.from(signed.signature);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
  const { accessKey } = signed;
  const userArn = `arn:aws:iam::000000000000:user/${accessKey}`;
  return { accessKey, accountId: "000000000000", callerId: accessKey, userArn };
};

const signedBy = (authorization: string, service: string): Signed | undefined => {
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8}\/[^/]+\/([^/]+)\/aws4_request), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
  const [, accessKey, scope, of, headers, signature] = pattern.exec(authorization) ?? [];
  if (of !== service) return undefined;
  if (accessKey === undefined || scope === undefined || headers === undefined || signature === undefined)
    return undefined;
  return { accessKey, scope, headers: headers.split(";"), signature };
};

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
const signatureOf = (
  request: Request,
  body: Buffer,
  { secret, scope, headers: names }: Signed & { secret: string },
): string => {
  const { pathname, searchParams } = new URL(request.url);
  const query = [...searchParams]
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .toSorted()
    .join("&");
  const headers = names.map((name) => `${name}:${(request.headers.get(name) ?? "").trim()}\n`).join("");
  const canonical = [request.method, pathname, query, headers, names.join(";"), sha256(body)].join("\n");
  const at = request.headers.get("x-amz-date") ?? "";
  const text = ["AWS4-HMAC-SHA256", at, scope, sha256(canonical)].join("\n");
  const key = scope.split("/").reduce<string | Buffer>((from, part) => hmac(from, part), `AWS4${secret}`);
  return hmac(key, text).toString("hex");
};

const encoded = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
const sha256 = (text: string | Buffer): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
