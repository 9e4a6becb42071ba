import type { Log } from "../../shared/ports/log.ts";
import type { Leave } from "../http/left.ts";
import type { LoginContext } from "./access.ts";

/** A login whose refusals are logged and noted. */
export type SignIn = LoginContext & { log: Log; leave: Leave };

/** Notes that somebody could not sign in. */
export const refusedSignIn = ({ leave }: SignIn, because: string): Promise<void> =>
  leave([
    { kind: "attempts", name: "sign in", reason: "no_credential", about: () => ({ looked: { because } }) },
  ]);
