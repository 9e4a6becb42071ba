import { merge } from "../../../functions/merge.ts";
import { decisionsOf } from "../decisions.ts";
import { onLambda } from "../host.ts";
import { sourceOf } from "../source.ts";
import { stepFunction } from "../step.ts";

export const definition = stepFunction(merge, {
  source: (host) => sourceOf(host, "GITHUB"),
  decisions: decisionsOf,
});
export const handler = onLambda(definition);
