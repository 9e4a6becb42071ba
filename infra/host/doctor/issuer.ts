import { type Finding, failed, ok, orFailed } from "../../../functions/ready/finding.ts";
import type { Issuer } from "../../../shared/ports/issuer.ts";

const timeoutMs = 10_000;

/** Whether the issuer that signs people in can be asked, and takes our client with the address that people come back to. */
export const checkIssuer = async (issuer: Issuer, baseUrl: string): Promise<Finding[]> => {
  const about = `sign-in by ${issuer.name}`;
  const redirectUri = new URL("/sign-in/callback", baseUrl).href;
  return orFailed(about, "check PAGES_OIDC_ISSUER, and that this machine reaches it", async () => {
    const { url } = await issuer.begin(redirectUri);
    const { status } = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(timeoutMs) });
    if (status < 400) return [ok(about, `takes the client, and sends people back to ${redirectUri}`)];
    const text = `it answers ${status} to our client with the redirect address ${redirectUri}`;
    return [failed(about, text, "check PAGES_OIDC_CLIENT_ID, and register that address with the issuer")];
  });
};
