import type { Context } from "hono";
import { BadRequest, UpstreamError } from "../../shared/errors.ts";
import { countAlerts } from "../../shared/telemetry.ts";
import type { ReceiverContext } from "./context.ts";

export const missing = (context: Context): Response => context.json({ error: "no such address" }, 404);

/**
 * Answers 400, 401 or 413 for a request that can never be valid, and 503 for a failure that may pass, which Alertmanager repeats. The same
 * refusal of the same receiver is logged once a minute, as Alertmanager repeats it at every group interval.
 */
export const failure = ({ log, clock }: Pick<ReceiverContext, "log" | "clock">) => {
  const logged = new Map<string, number>();
  const isNew = (key: string): boolean => {
    const now = clock();
    if (now - (logged.get(key) ?? Number.NEGATIVE_INFINITY) < 60_000) return false;
    logged.set(key, now);
    return true;
  };
  return (error: Error, context: Context): Response => {
    const door = context.req.path;
    if (error instanceof BadRequest) {
      if (door === "/webhooks/alertmanager") countAlerts({ outcome: "rejected" });
      if (isNew(`${door} ${error.status}`))
        log.warn("request refused", { door, status: error.status, reason: error.message });
      return context.json({ error: error.message }, error.status);
    }
    const isFull = error instanceof UpstreamError && error.system === "memory";
    if (!isFull || isNew(`${door} memory`)) log.error("request failed", { door, error });
    if (error instanceof UpstreamError)
      return context.json({ error: "not stored or not reachable now, please repeat" }, 503);
    return context.json({ error: "something failed here; it is in the log" }, 503);
  };
};
