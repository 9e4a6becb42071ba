import type { Hono } from "hono";
import type { EpochMs } from "../shared/brands.ts";
import type { Store } from "../shared/ports/store.ts";
import { pages } from "./pages/pages.ts";

type Readable = { store: Store; clock: () => EpochMs };

/** The addresses that only read: the pages, and whether this host is alive and can take a write. */
export const reading = (app: Hono, { store, clock }: Readable): void => {
  const { list, one } = pages({ store, clock });
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
