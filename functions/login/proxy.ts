import type { Context } from "hono";
import { bearer } from "../../shared/adapters/http/signature.ts";
import type { Reader } from "../../shared/policy/visibility.ts";

/** A proxy that signs people in and tells their name in a header. It proves itself by its address, a secret, or both. */
export type SigningProxy = {
  header: string;
  groupsHeader?: string;
  secret?: string;
  isPeer?: (bindings: unknown) => boolean;
};

/** The header in which the proxy sends its secret. */
export const secretHeader = "x-countersteer-proxy-secret";

/** The person whom the proxy names. A header of anybody else is not believed. */
export const proxied = (proxy: SigningProxy, context: Context): Reader | undefined => {
  const name = context.req.header(proxy.header)?.trim();
  // Two headers of one name come joined, by a comma, or by a semicolon behind a load balancer: then somebody added to what the proxy says.
  if (!name || /[,;]/.test(name) || !isProven(proxy, context)) return undefined;
  const groups = proxy.groupsHeader === undefined ? "" : (context.req.header(proxy.groupsHeader) ?? "");
  return {
    name,
    groups: groups
      .split(",")
      .map((group) => group.trim())
      .filter((group) => group !== ""),
    ...(name.includes("@") && { email: name }),
  };
};

const isProven = ({ secret, isPeer }: SigningProxy, context: Context): boolean => {
  const proofs = [
    ...(isPeer === undefined ? [] : [isPeer(context.env)]),
    ...(secret === undefined ? [] : [bearer(`Bearer ${context.req.header(secretHeader) ?? ""}`, secret)]),
  ];
  return proofs.length > 0 && proofs.every(Boolean);
};
