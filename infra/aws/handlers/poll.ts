import { onLambda } from "../host.ts";
import { poller } from "../poller.ts";

export const definition = poller;
export const handler = onLambda(definition);
