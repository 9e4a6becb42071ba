import type { Hono } from "hono";
import type { Store } from "../shared/ports/store.ts";
import { pages } from "./pages/pages.ts";

/** The addresses that only read: the pages, and whether this host is alive and can take a write. */
export const reading = (app: Hono, { store }: { store: Store }): void => {
  const { list, one } = pages({ store });
  app.get("/healthz", (context) => context.json({ status: "ok" }));
  app.get("/readyz", async (context) => {
    await store.ready();
    return context.json({ status: "ready" });
  });
  app.get("/", (context) => context.redirect("/incidents"));
  app.get("/incidents", list);
  app.get("/incidents/", (context) => context.redirect("/incidents"));
  app.get("/incidents/:service/:environment", one);
  app.get("/incidents/:service/:environment/:trouble", one);
};
