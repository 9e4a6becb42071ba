import { onLambda } from "../host.ts";
import { ticker } from "../ticker.ts";

export const definition = ticker;
export const handler = onLambda(definition);
