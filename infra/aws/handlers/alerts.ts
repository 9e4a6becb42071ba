import { alerts } from "../../../functions/alerts.ts";
import { parseMatcher } from "../../../shared/policy/match.ts";
import { onLambda } from "../host.ts";
import { receiver } from "../receiver.ts";

export const definition = {
  ...receiver("alerts", (app, doors) => app.post("/webhooks/alertmanager", alerts(doors))),
  matcher: parseMatcher,
};
export const handler = onLambda(definition);
