import { onLambda } from "../host.ts";
import { publisher } from "../publisher.ts";

export const definition = publisher;
export const handler = onLambda(definition);
