import { deploys } from "../../../functions/deploys.ts";
import { onLambda } from "../host.ts";
import { receiver } from "../receiver.ts";

export const definition = receiver("deploys", (app, doors) => app.post("/webhooks/deploys", deploys(doors)), {
  looks: ["diagnose"],
});
export const handler = onLambda(definition);
