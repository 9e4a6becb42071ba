import { reading } from "../../../functions/read-routes.ts";
import { onLambda } from "../host.ts";
import { receiver } from "../receiver.ts";

export const definition = receiver("pages", reading);
export const handler = onLambda(definition);
