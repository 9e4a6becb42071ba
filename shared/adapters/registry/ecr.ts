import { array, lazy, number, object, string } from "zod";
import { messageOf, UpstreamError } from "../../errors.ts";

/** An account's registry in Amazon ECR, by the host that its image names begin with. */
type EcrPlace = { region: string; url: string };

/** The place of a host such as `123456789012.dkr.ecr.eu-central-1.amazonaws.com`; undefined for another registry. */
export const ecrPlace = (host: string): EcrPlace | undefined => {
  const [, region, suffix] =
    /^\d{12}\.dkr\.ecr\.([a-z]{2,}(?:-[a-z]+)+-\d)\.(amazonaws\.com(?:\.cn)?)$/.exec(host) ?? [];
  return region === undefined ? undefined : { region, url: `https://api.ecr.${region}.${suffix}/` };
};

const answer = lazy(() =>
  object({
    authorizationData: array(object({ authorizationToken: string(), expiresAt: number() })).min(1),
  }),
);

const timeoutMs = 5_000;
/** A token counts for twelve hours: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html */
const earlierMs = 30 * 60_000;

type Options = {
  host: string;
  url: string;
  /** Signs what it sends. */
  fetch: typeof fetch;
  clock: () => number;
};

/** The login of a registry in Amazon ECR, `USER:PASSWORD`: asked for once, and again half an hour before it ends. Throws UpstreamError. */
export const ecrLogin = ({ host, url, fetch: send, clock }: Options): (() => Promise<string>) => {
  let held: { login: string; until: number } | undefined;
  return async () => {
    if (held !== undefined && clock() < held.until) return held.login;
    const { authorizationToken, expiresAt } = await tokenOf(host, url, send);
    const login = Buffer.from(authorizationToken, "base64").toString();
    held = { login, until: expiresAt * 1000 - earlierMs };
    return login;
  };
};

const tokenOf = async (host: string, url: string, send: typeof fetch) => {
  const what = `log in to ${host}`;
  const response = await send(url, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken",
    },
    body: "{}",
    redirect: "error",
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((cause: unknown) => {
    const message = `${what}: no answer (${messageOf(cause)})`;
    throw new UpstreamError("registry", message, { retryable: true, cause });
  });
  const { status } = response;
  const text = await response.text();
  const refusal = { retryable: status >= 500 || status === 429 || /Throttling/.test(text), status };
  if (status !== 200) throw new UpstreamError("registry", `${what}: ${status} ${reasonIn(text)}`, refusal);
  const parsed = answer.safeParse(jsonOf(text));
  if (!parsed.success)
    throw new UpstreamError("registry", `${what}: the answer holds no token`, { retryable: false });
  return parsed.data.authorizationData[0]!;
};

/** AWS's own words for a refusal, which name the role and the action. */
const reasonIn = (text: string): string => {
  const json = jsonOf(text);
  const { __type: type, message } = Object(json);
  return `${String(type ?? "").replace(/^.*#/, "")} ${message ?? ""}`.trim().slice(0, 300);
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
