import { deploys, deploysHandshake } from "../../../functions/deploys.ts";
import { registriesOf } from "../../host/adapters/registries.ts";
import { onLambda } from "../host.ts";
import { receiver } from "../receiver.ts";

export const definition = receiver(
  "deploys",
  (app, doors) =>
    app.post("/webhooks/deploys", deploys(doors)).options("/webhooks/deploys", deploysHandshake),
  { looks: ["diagnose"], registry: ({ config }) => registriesOf(config()).registry },
);
export const handler = onLambda(definition);
