import { type Context, Hono } from "hono";
import { BadRequest, UpstreamError } from "../shared/errors.ts";
import { countAlerts } from "../shared/telemetry.ts";
import { alerts } from "./alerts.ts";
import { answers } from "./answers.ts";
import { deploys } from "./deploys.ts";
import { github } from "./github.ts";
import { pages } from "./pages.ts";
import type { Doors } from "./receiver.ts";

/** Every address of the product, the same on every host. */
export const routes = (doors: Doors): Hono => {
  const app = new Hono();
  const { list, one } = pages(doors);
  app.post("/webhooks/alertmanager", alerts(doors));
  app.post("/webhooks/github", github(doors));
  app.post("/webhooks/deploys", deploys(doors));
  app.post("/slack/interactions", answers(doors));
  app.get("/healthz", (context) => context.json({ status: "ok" }));
  app.get("/readyz", async (context) => {
    await doors.store.ready();
    return context.json({ status: "ready" });
  });
  app.get("/", (context) => context.redirect("/incidents"));
  app.get("/incidents", list);
  app.get("/incidents/:service/:environment", one);
  app.notFound((context) => context.json({ error: "no such address" }, 404));
  app.onError(failure(doors));
  return app;
};

/**
 * What never can be valid is the sender's to mend: 400, 401, 413. What may pass is ours: 503, which Alertmanager repeats.
 * The same refusal of the same door is logged once a minute: Alertmanager repeats it at every group interval.
 */
const failure = ({ log, clock }: Doors) => {
  const logged = new Map<string, number>();
  return (error: Error, context: Context): Response => {
    const door = context.req.path;
    if (error instanceof BadRequest) {
      const key = `${door} ${error.status}`;
      if (door === "/webhooks/alertmanager") countAlerts({ outcome: "rejected" });
      if (clock() - (logged.get(key) ?? Number.NEGATIVE_INFINITY) >= 60_000) {
        logged.set(key, clock());
        log.warn("request refused", { door, status: error.status, reason: error.message });
      }
      return context.json({ error: error.message }, error.status);
    }
    log.error("request failed", { door, error });
    if (error instanceof UpstreamError)
      return context.json({ error: "not stored or not reachable now, please repeat" }, 503);
    return context.json({ error: "something failed here; it is in the log" }, 503);
  };
};
