import { Hono } from "hono";
import { alerts } from "./alerts.ts";
import { answers } from "./answers.ts";
import { deploys } from "./deploys.ts";
import { flags } from "./flags.ts";
import { github } from "./github.ts";
import type { Doors } from "./http/context.ts";
import { failure, missing } from "./http/errors.ts";
import { reading } from "./read-routes.ts";

/** Every address of the product, the same on every host. */
export const routes = (doors: Doors): Hono => {
  const app = new Hono();
  app.post("/webhooks/alertmanager", alerts(doors));
  app.post("/webhooks/github", github(doors));
  app.post("/webhooks/deploys", deploys(doors));
  app.post("/webhooks/flags", flags(doors));
  app.post("/slack/interactions", answers(doors));
  reading(app, doors);
  app.notFound(missing);
  app.onError(failure(doors));
  return app;
};
