import { merge } from "../../../functions/merge.ts";
import { onLambda } from "../host.ts";
import { sourceOf } from "../source.ts";
import { stepFunction } from "../step.ts";

export const definition = stepFunction(merge, { source: (host) => sourceOf(host, "GITHUB") });
export const handler = onLambda(definition);
