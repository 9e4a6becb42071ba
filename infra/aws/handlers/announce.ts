import { announcer } from "../announcer.ts";
import { onLambda } from "../host.ts";

export const definition = announcer;
export const handler = onLambda(definition);
