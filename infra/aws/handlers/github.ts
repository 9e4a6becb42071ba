import { github } from "../../../functions/github.ts";
import { sourceOf } from "../adapters/source.ts";
import { onLambda } from "../host.ts";
import { receiver } from "../receiver.ts";
import { stopOf } from "../stop.ts";

export const definition = receiver("github", (app, doors) => app.post("/webhooks/github", github(doors)), {
  looks: "all",
  vouching: (host) => sourceOf(host, "GITHUB_TELL"),
  flagging: (host) => {
    const source = sourceOf(host, "GITHUB_TELL");
    return { source, killSwitch: stopOf(host, source) };
  },
});
export const handler = onLambda(definition);
