import { onLambda } from "../host.ts";
import { proposer } from "../proposer.ts";

export const definition = proposer;
export const handler = onLambda(definition);
