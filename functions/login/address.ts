import type { Context } from "hono";
import { BadRequest } from "../../shared/errors.ts";

/** The address at which people reach the server, where the configuration or the host tells one. */
export type Public = { baseUrl: string | undefined };

/**
 * Refuses a request whose `Host` a foreign site may have pointed here (DNS rebinding). Nobody can register an IP address, a name
 * without a dot, or one of the endings for internal names; any other name must be the configured one.
 */
export const checkHost = (context: Context, { baseUrl }: Public): void => {
  const name = hostNameOf(hostOf(context));
  if (name === undefined) throw new BadRequest(400, "the Host header is not a host");
  if (isLocalName(name) || name === hostNameOf(publicHost(baseUrl))) return;
  throw new BadRequest(
    421,
    `this server is not known as ${name}: write its address into the configuration as baseUrl`,
  );
};

/** Refuses a POST of a browser that another site's page may have made (CSRF). `cookies`: whether it acts by a cookie alone. */
export const checkOrigin = (context: Context, known: Public, { cookies }: { cookies: boolean }): void => {
  checkHost(context, known);
  const origin = context.req.header("origin");
  const isSame =
    origin === undefined
      ? !cookies || context.req.header("sec-fetch-site") === "same-origin"
      : isOwnOrigin(origin, context, known);
  if (!isSame) throw new BadRequest(403, "the request comes from a page of another site");
};

/** Whether the person's browser speaks TLS with this server or the proxy before it. A wrong `X-Forwarded-Proto` only loses a cookie. */
export const isOverTls = (context: Context, { baseUrl }: Public): boolean => {
  if (context.req.header("x-forwarded-proto") === "https" || context.req.url.startsWith("https:"))
    return true;
  return baseUrl?.startsWith("https:") === true && new URL(baseUrl).host === hostOf(context);
};

/** The address at which people reach the server. */
export const publicOrigin = (context: Context, known: Public): string => {
  if (known.baseUrl !== undefined) return new URL(known.baseUrl).origin;
  return `${isOverTls(context, known) ? "https" : "http"}://${hostOf(context)}`;
};

const isOwnOrigin = (origin: string, context: Context, { baseUrl }: Public): boolean => {
  if (!URL.canParse(origin)) return false;
  const { host, origin: given } = new URL(origin);
  return host === hostOf(context) || (baseUrl !== undefined && given === new URL(baseUrl).origin);
};

const hostOf = (context: Context): string =>
  (context.req.header("host") ?? new URL(context.req.url).host).toLowerCase();

const publicHost = (baseUrl: string | undefined): string =>
  baseUrl === undefined ? "" : new URL(baseUrl).host;

/** The name without its port. */
const hostNameOf = (host: string): string | undefined =>
  /^(\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?(?::\d{1,5})?$/.exec(host)?.[1];

const isLocalName = (name: string): boolean =>
  /^\[|^\d{1,3}(\.\d{1,3}){3}$|^[^.]+$|\.(localhost|internal|local|svc|svc\.cluster\.local)$/.test(name);
