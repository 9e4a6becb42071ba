import { watch } from "../../../functions/watch.ts";
import { onLambda } from "../host.ts";
import { sourceOf } from "../source.ts";
import { stepFunction } from "../step.ts";

export const definition = stepFunction(watch, { source: (host) => sourceOf(host, "GITHUB_READ") });
export const handler = onLambda(definition);
