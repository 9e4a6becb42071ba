import { alerts } from "../../../functions/alerts.ts";
import { onLambda } from "../host.ts";
import { receiver } from "../receiver.ts";

export const definition = receiver("alerts", (app, doors) =>
  app.post("/webhooks/alertmanager", alerts(doors)),
);
export const handler = onLambda(definition);
