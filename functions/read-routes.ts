import type { Hono } from "hono";
import type { ReceiverContext } from "./http/context.ts";
import { guarded } from "./login/guard.ts";
import { signingIn } from "./login/sign-in.ts";
import { leftAlonePage } from "./pages/left-alone.ts";
import { pages } from "./pages/pages.ts";
import { reportPage } from "./pages/report.ts";
import { deepReady } from "./ready/deep.ts";

type Readable = Pick<ReceiverContext, "store" | "clock" | "config" | "access" | "log" | "leave" | "examine">;

/** The addresses that only read: the pages, and whether this host is alive and can take a write. */
export const reading = (app: Hono, receiver: Readable): void => {
  const { store, clock } = receiver;
  const { list, one } = pages({ store, clock, people: () => receiver.config.people ?? {} });
  app.get("/healthz", (context) => context.json({ status: "ok" }));
  const deep = guarded(receiver, deepReady(receiver));
  app.get("/readyz", async (context) => {
    if (context.req.query("deep") !== undefined) return deep(context);
    await store.ready();
    return context.json({ status: "ready" });
  });
  app.get("/", (context) => context.redirect("/incidents"));
  app.get("/incidents", guarded(receiver, list));
  app.get("/incidents/", (context) => context.redirect("/incidents"));
  app.get("/left-alone", guarded(receiver, leftAlonePage(receiver)));
  app.get("/report", guarded(receiver, reportPage(receiver)));
  app.get("/incidents/:service/:environment", guarded(receiver, one));
  app.get("/incidents/:service/:environment/:trouble", guarded(receiver, one));
  signingIn(app, receiver);
};
