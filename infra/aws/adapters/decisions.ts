import type { Decisions } from "../../../shared/ports/decisions.ts";
import { decisionsOf as decisions } from "../../host/adapters/decisions.ts";
import type { Host } from "../host.ts";

/** The policy server, where its address is known. */
export const decisionsOf = ({ env, secret }: Host): Decisions | undefined =>
  decisions({ url: env.OPA_URL || undefined, token: secret("OPA_TOKEN") }).decisions;
