import type { Access } from "../../functions/login/access.ts";
import { hasLogin } from "../../functions/login/access.ts";
import { noLogin } from "../../functions/login/guard.ts";
import type { Log } from "../../shared/ports/log.ts";

type Given = {
  HOST: string;
  PAGES_TOKEN?: string | undefined;
  PAGES_TOKEN_PREVIOUS?: string | undefined;
  PAGES_LOGIN?: "none" | undefined;
};

/** How readers of the pages are known, as the environment says it. Only people on the machine reach a server on loopback. */
export const accessOf = (given: Given): Access => ({
  isOpen: given.PAGES_LOGIN === "none" || isLoopback(given.HOST),
  tokens: [given.PAGES_TOKEN, given.PAGES_TOKEN_PREVIOUS].filter((token) => token !== undefined),
});

export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);

/** Says at the start that nobody will see the pages, or that everybody will. */
export const warnOfMissingLogin = ({ access, host }: { access: Access; host: string }, log: Log): void => {
  if (hasLogin(access) || isLoopback(host)) return;
  log.warn(access.isOpen ? "the pages are shown to everybody who reaches this server" : noLogin, { host });
};
