import { deploys, deploysHandshake } from "../../../functions/deploys.ts";
import { registryOf } from "../adapters/registries.ts";
import { onLambda } from "../host.ts";
import { receiver } from "../receiver.ts";

export const definition = receiver(
  "deploys",
  (app, doors) =>
    app.post("/webhooks/deploys", deploys(doors)).options("/webhooks/deploys", deploysHandshake),
  { looks: ["diagnose"], registry: registryOf },
);
export const handler = onLambda(definition);
