import { github } from "../../../functions/github.ts";
import { sourceOf } from "../adapters/source.ts";
import { onLambda } from "../host.ts";
import { receiver } from "../receiver.ts";

export const definition = receiver("github", (app, doors) => app.post("/webhooks/github", github(doors)), {
  looks: "all",
  vouching: (host) => sourceOf(host, "GITHUB_TELL"),
});
export const handler = onLambda(definition);
