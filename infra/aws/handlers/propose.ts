import { propose } from "../../../functions/propose.ts";
import { onLambda } from "../host.ts";
import { sourceOf } from "../source.ts";
import { stepFunction } from "../step.ts";

export const definition = stepFunction(propose, { source: (host) => sourceOf(host, "GITHUB") });
export const handler = onLambda(definition);
