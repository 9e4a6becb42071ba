import type { Context } from "hono";
import { routePath } from "hono/route";
import { BadRequest, UpstreamError } from "../../shared/errors.ts";
import type { LeftReason } from "../../shared/ports/store.ts";
import { countAlerts } from "../../shared/telemetry.ts";
import { clip } from "../../shared/text/format.ts";
import type { ReceiverContext } from "./context.ts";
import type { Leaving } from "./left.ts";

export const missing = (context: Context): Response => context.json({ error: "no such address" }, 404);

/**
 * Answers 400, 401 or 413 for a request that can never be valid, and 503 for a failure that may pass, which Alertmanager repeats. The same
 * refusal of the same receiver is logged once a minute, as Alertmanager repeats it at every group interval.
 */
export const failure = ({ log, clock, leave }: Pick<ReceiverContext, "log" | "clock" | "leave">) => {
  const logged = new Map<string, number>();
  const isNew = (key: string): boolean => {
    const now = clock();
    if (now - (logged.get(key) ?? Number.NEGATIVE_INFINITY) < 60_000) return false;
    logged.set(key, now);
    return true;
  };
  return async (error: Error, context: Context): Promise<Response> => {
    const door = context.req.path;
    const known = doorOf(context);
    if (error instanceof BadRequest) {
      if (door === "/webhooks/alertmanager") countAlerts({ outcome: "rejected" });
      if (isNew(`${known} ${error.status}`))
        log.warn("request refused", { door, status: error.status, reason: error.message });
      await leave([refusedRequest(context, error)]);
      return context.json({ error: error.message }, error.status);
    }
    const isFull = error instanceof UpstreamError && error.system === "memory";
    if (!isFull || isNew(`${known} memory`)) log.error("request failed", { door, error });
    if (error instanceof UpstreamError)
      return context.json({ error: "not stored or not reachable now, please repeat" }, 503);
    return context.json({ error: "something failed here; it is in the log" }, 503);
  };
};

const reasons = {
  400: "malformed",
  401: "no_credential",
  403: "foreign",
  404: "missing",
  408: "slow",
  413: "too_large",
  415: "encoded",
  421: "foreign",
} as const satisfies Record<BadRequest["status"], LeftReason>;

/** A call that was refused, by its door. */
const refusedRequest = (context: Context, { status, message }: BadRequest): Leaving => ({
  ...{ kind: "requests", name: doorOf(context), reason: reasons[status] },
  about: () => ({ looked: { status: String(status), because: clip(message, 200) } }),
});

/** The method and address of the route up to its first parameter, such as `POST /incidents`: a stranger may write any name there. */
const doorOf = (context: Context): string =>
  `${context.req.method} ${routePath(context).replace(/\/:.*/, "")}`;
