import { merge } from "../../../functions/merge/merge.ts";
import { chatOf } from "../adapters/chat.ts";
import { decisionsOf } from "../adapters/decisions.ts";
import { redeploysWith, sourceOf } from "../adapters/source.ts";
import { onLambda } from "../host.ts";
import { stepFunction } from "../step.ts";

export const definition = stepFunction(merge, {
  source: (host) => sourceOf(host, "GITHUB"),
  chat: chatOf,
  decisions: decisionsOf,
  redeploys: (host) => redeploysWith(host, "GITHUB"),
});
export const handler = onLambda(definition);
