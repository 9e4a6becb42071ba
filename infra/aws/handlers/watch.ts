import { watch } from "../../../functions/watch.ts";
import { chatOf } from "../chat.ts";
import { onLambda } from "../host.ts";
import { metricsOf } from "../metrics.ts";
import { sourceOf } from "../source.ts";
import { stepFunction } from "../step.ts";

export const definition = stepFunction(watch, {
  source: (host) => sourceOf(host, "GITHUB_READ"),
  chat: chatOf,
  metrics: metricsOf,
});
export const handler = onLambda(definition);
