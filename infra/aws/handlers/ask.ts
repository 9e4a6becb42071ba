import { ask } from "../../../functions/ask.ts";
import { chatOf } from "../adapters/chat.ts";
import { metricsOf } from "../adapters/metrics.ts";
import { sourceOf } from "../adapters/source.ts";
import { onLambda } from "../host.ts";
import { stepFunction } from "../step.ts";

export const definition = stepFunction(ask, {
  source: (host) => sourceOf(host, "GITHUB_READ"),
  chat: chatOf,
  metrics: metricsOf,
});
export const handler = onLambda(definition);
