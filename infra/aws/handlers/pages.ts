import { reading } from "../../../functions/read-routes.ts";
import { issuerOf } from "../adapters/issuer.ts";
import { readersOf } from "../adapters/readers.ts";
import { onLambda } from "../host.ts";
import { receiver } from "../receiver.ts";

export const definition = receiver("pages", reading, {
  access: (host) => ({ ...readersOf(host), ...issuerOf(host) }),
});
export const handler = onLambda(definition);
