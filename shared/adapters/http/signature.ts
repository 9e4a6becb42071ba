import { createHmac, hash, timingSafeEqual } from "node:crypto";

/** The greatest difference of a Slack timestamp from now, either way. Slack's own figure. */
const slackSkewMs = 300_000;

/** The raw bytes of a body, whole or in parts. */
type Bytes = Uint8Array | readonly Uint8Array[];

const hmacOf = (algorithm: string, secret: string, body: Bytes, before = ""): string => {
  const hmac = createHmac(algorithm, secret).update(before);
  for (const part of body instanceof Uint8Array ? [body] : body) hmac.update(part);
  return hmac.digest("hex");
};

type SlackSigned = { secret: string; timestamp: string; body: Bytes };

/** Slack's `X-Slack-Signature` (v0) for the raw body. `timestamp` is in whole seconds. */
export const signSlack = ({ secret, timestamp, body }: SlackSigned): string =>
  `v0=${hmacOf("sha256", secret, body, `v0:${timestamp}:`)}`;

/** Whether Slack signed these bytes within five minutes of `now` (epoch ms), past or future. Never throws. */
export const verifySlack = (request: {
  secret: string | undefined;
  timestamp: string | null | undefined;
  signature: string | null | undefined;
  body: Bytes;
  now: number;
}): boolean => {
  const { secret, timestamp, signature, body, now } = request;
  if (!secret || typeof timestamp !== "string" || typeof signature !== "string") return false;
  if (!/^[1-9]\d{0,11}$/.test(timestamp)) return false;
  if (!(Math.abs(now - Number(timestamp) * 1000) <= slackSkewMs)) return false;
  return equal(signature, signSlack({ secret, timestamp, body }));
};

/** GitHub's `X-Hub-Signature-256` for the raw body. */
export const signGitHub = ({ secret, body }: { secret: string; body: Bytes }): string =>
  `sha256=${hmacOf("sha256", secret, body)}`;

/** LaunchDarkly's `X-LD-Signature` for the raw body. https://launchdarkly.com/docs/home/infrastructure/webhooks */
export const signLaunchDarkly = ({ secret, body }: { secret: string; body: Bytes }): string =>
  hmacOf("sha256", secret, body);

/**
 * Whether Grafana signed these bytes with its HMAC setting (`X-Grafana-Alerting-Signature`): alone, or after the time of the header that it
 * is told to send. grafana/alerting, http/hmac.go
 */
export const verifyGrafana = ({
  timestamp,
  secret,
  signature,
  body,
}: Signed & { timestamp: string | undefined }): boolean => {
  if (!secret || typeof signature !== "string") return false;
  const before = timestamp === undefined ? "" : `${timestamp}:`;
  return equal(signature, hmacOf("sha256", secret, body, before));
};

/** The hashes that Flux may sign with; SHA-1 is not one of them. */
const fluxSignature = /^(sha(?:224|256|384|512))=([0-9a-f]+)$/;

/**
 * Whether notification-controller's `generic-hmac` provider signed these bytes (`X-Signature`). Never throws.
 * https://fluxcd.io/flux/components/notification/providers/#generic-webhook-with-hmac
 */
export const verifyFlux = ({ secret, signature, body }: Signed): boolean => {
  const [, algorithm, given] = fluxSignature.exec(signature ?? "") ?? [];
  if (!secret || algorithm === undefined || given === undefined) return false;
  return equal(given, hmacOf(algorithm, secret, body));
};

type Signed = {
  secret: string | undefined;
  signature: string | null | undefined;
  body: Bytes;
};
const verifying =
  (sign: (of: { secret: string; body: Bytes }) => string) =>
  ({ secret, signature, body }: Signed): boolean =>
    secret !== undefined &&
    secret !== "" &&
    typeof signature === "string" &&
    equal(signature, sign({ secret, body }));

/** Whether GitHub signed these bytes. Never throws. */
export const verifyGitHub = verifying(signGitHub);
/** Whether LaunchDarkly signed these bytes. Never throws. */
export const verifyLaunchDarkly = verifying(signLaunchDarkly);

/** Whether the `Authorization` header is `Bearer <token>`. Never throws; a missing or empty token admits nobody. */
export const bearer = (header: string | null | undefined, token: string | undefined): boolean => {
  if (!token || typeof header !== "string") return false;
  const [, given] = /^bearer +(\S+) *$/i.exec(header) ?? [];
  return given !== undefined && equal(given, token);
};

/** Whether the `Authorization` header is `Bearer <token>`, or `Basic` with any user and the token as password. Never throws. */
export const bearerOrBasic = (header: string | null | undefined, token: string | undefined): boolean => {
  if (!token || typeof header !== "string") return false;
  const [, encoded] = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(header) ?? [];
  if (encoded === undefined) return bearer(header, token);
  const credentials = Buffer.from(encoded, "base64").toString("utf8");
  const colon = credentials.indexOf(":");
  return colon !== -1 && equal(credentials.slice(colon + 1), token);
};

/** Compares digests, so that neither the content nor the length of the secret shows in the time taken. */
const equal = (given: string, expected: string): boolean => timingSafeEqual(digest(given), digest(expected));
const digest = (text: string) => hash("sha256", text, "buffer");
