import type { Context } from "hono";
import type { MemoryBudget } from "../../shared/adapters/http/memory-budget.ts";
import { readSigned } from "../../shared/adapters/http/request-body.ts";
import { verifySlack } from "../../shared/adapters/http/signature.ts";
import { BadRequest } from "../../shared/errors.ts";
import { caps, type ReceiverContext } from "./context.ts";
import { both } from "./sender.ts";

const refusal = "the Slack request's signature does not match, or it is more than 300 s old";

/** The body of a request that Slack signed. Throws BadRequest for any other. */
export const readSlackRequest = async (
  { secrets, clock }: ReceiverContext,
  { req }: Context,
  memory: MemoryBudget,
) => {
  const timestamp = req.header("x-slack-request-timestamp");
  const signature = req.header("x-slack-signature");
  if (signature === undefined) throw new BadRequest(401, refusal);
  return readSigned(req.raw, {
    ...{ cap: caps.slack, memory, refusal },
    verify: (body) =>
      both(secrets, "slack").some((secret) =>
        verifySlack({ secret, timestamp, signature, body, now: clock() }),
      ),
  });
};
