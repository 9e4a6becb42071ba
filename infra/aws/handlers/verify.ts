import { verify } from "../../../functions/verify.ts";
import { onLambda } from "../host.ts";
import { metricsOf } from "../metrics.ts";
import { stepFunction } from "../step.ts";

export const definition = stepFunction(verify, { metrics: metricsOf });
export const handler = onLambda(definition);
