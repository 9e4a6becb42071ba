import { alarms, alarmsPath } from "../../../functions/alarms.ts";
import { alerts } from "../../../functions/alerts.ts";
import { topic } from "../../../functions/topic.ts";
import { parseMatcher } from "../../../shared/policy/match.ts";
import { topicOf } from "../../host/adapters/topic.ts";
import { alsoByEvent } from "../by-event.ts";
import { onLambda } from "../host.ts";
import { receiver } from "../receiver.ts";

const door = receiver(
  "alerts",
  (app, doors) => {
    app.on(["POST", "PUT"], "/webhooks/alertmanager", alerts(doors));
    app.post("/webhooks/sns", topic(doors));
    app.post(alarmsPath, alarms(doors));
  },
  { topic: ({ env }) => topicOf(env.ALERT_TOPIC_ARN).topic },
);
export const definition = {
  ...alsoByEvent(door, { topic: "/webhooks/sns", bus: alarmsPath }),
  matcher: parseMatcher,
};
export const handler = onLambda(definition);
