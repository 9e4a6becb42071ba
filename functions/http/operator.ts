import type { Context } from "hono";
import { bearer } from "../../shared/adapters/http/signature.ts";
import { BadRequest } from "../../shared/errors.ts";
import { addressOf } from "../login/access.ts";
import { checkOrigin } from "../login/address.ts";
import type { ReceiverContext } from "./context.ts";
import { both } from "./sender.ts";

/** Lets only the operator's command line on: by its token, and never from a page of another site. `refusal` is its sentence. */
export const checkOperator = (receiver: ReceiverContext, context: Context, refusal: string): void => {
  checkOrigin(context, addressOf(receiver), { cookies: false });
  const authorization = context.req.header("authorization");
  if (!both(receiver.secrets, "operator").some((token) => bearer(authorization, token)))
    throw new BadRequest(401, refusal);
};
