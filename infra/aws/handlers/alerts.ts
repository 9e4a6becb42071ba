import { alerts } from "../../../functions/alerts.ts";
import { topic } from "../../../functions/topic.ts";
import { parseMatcher } from "../../../shared/policy/match.ts";
import { topicOf } from "../../host/adapters/topic.ts";
import { alsoByTopic } from "../by-topic.ts";
import { onLambda } from "../host.ts";
import { receiver } from "../receiver.ts";

const door = receiver(
  "alerts",
  (app, doors) => {
    app.post("/webhooks/alertmanager", alerts(doors));
    app.post("/webhooks/sns", topic(doors));
  },
  { topic: ({ env }) => topicOf(env.ALERT_TOPIC_ARN).topic },
);
export const definition = { ...alsoByTopic(door, "/webhooks/sns"), matcher: parseMatcher };
export const handler = onLambda(definition);
