import { flags } from "../../../functions/flags.ts";
import { onLambda } from "../host.ts";
import { receiver } from "../receiver.ts";

export const definition = receiver("flags", (app, doors) => app.post("/webhooks/flags", flags(doors)), {
  looks: ["diagnose"],
});
export const handler = onLambda(definition);
