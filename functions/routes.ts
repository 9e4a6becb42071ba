import { Hono } from "hono";
import { memoryBudget } from "../shared/adapters/http/memory-budget.ts";
import { alerts } from "./alerts.ts";
import { answers } from "./answers.ts";
import { pageDoor } from "./approval/page-door.ts";
import { deploys, deploysHandshake } from "./deploys.ts";
import { drilling } from "./drill/routes.ts";
import { flags } from "./flags.ts";
import { github } from "./github.ts";
import { type ReceiverContext, unverifiedBytes } from "./http/context.ts";
import { failure, missing } from "./http/errors.ts";
import { reading } from "./read-routes.ts";
import { retry } from "./retry.ts";
import { slackCommands } from "./slack-commands.ts";
import { stopping } from "./stop/routes.ts";
import { topic } from "./topic.ts";

/** Every address of the product, the same on every host. */
export const routes = (receiver: ReceiverContext): Hono => {
  const app = new Hono();
  const memory = memoryBudget(unverifiedBytes);
  // Grafana may be told to use PUT.
  app.on(["POST", "PUT"], "/webhooks/alertmanager", alerts(receiver, memory));
  app.post("/webhooks/sns", topic(receiver, memory));
  app.post("/webhooks/github", github(receiver, memory));
  app.post("/webhooks/deploys", deploys(receiver, memory));
  app.options("/webhooks/deploys", deploysHandshake);
  app.post("/webhooks/flags", flags(receiver, memory));
  app.post("/slack/interactions", answers(receiver, memory));
  app.post("/incidents/:service/:environment/retry", retry(receiver));
  app.post("/incidents/:service/:environment/:trouble/retry", retry(receiver));
  app.post("/incidents/:service/:environment/answer", pageDoor(receiver));
  app.post("/incidents/:service/:environment/:trouble/answer", pageDoor(receiver));
  app.post("/slack/commands", slackCommands(receiver, memory));
  stopping(app, receiver);
  drilling(app, receiver);
  reading(app, receiver);
  app.notFound(missing);
  app.onError(failure(receiver));
  return app;
};
