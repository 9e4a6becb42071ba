import { reading } from "../../../functions/read-routes.ts";
import { onLambda } from "../host.ts";
import { issuerOf } from "../issuer.ts";
import { readersOf } from "../readers.ts";
import { receiver } from "../receiver.ts";

export const definition = receiver("pages", reading, {
  access: (host) => ({ ...readersOf(host), ...issuerOf(host) }),
});
export const handler = onLambda(definition);
