import type { Context } from "hono";
import { readTemplated } from "../shared/adapters/alertmanager/templated.ts";
import { toJson } from "../shared/adapters/http/json.ts";
import { type MemoryBudget, memoryBudget } from "../shared/adapters/http/memory-budget.ts";
import { readSigned } from "../shared/adapters/http/request-body.ts";
import { type Envelope, isNamedBySns, isSignedBy, readEnvelope } from "../shared/adapters/sns/envelope.ts";
import { BadRequest } from "../shared/errors.ts";
import type { Topic } from "../shared/ports/topic.ts";
import { accepting } from "./alerts.ts";
import { caps, type ReceiverContext, unverifiedBytes } from "./http/context.ts";

/** The publishers of the topic are those that its policy lets in. */
const publishers = { name: "the topic of alerts", owns: () => true };

/**
 * `POST /webhooks/sns`: alerts that an Alertmanager publishes to an SNS topic, such as that of Amazon Managed Service for Prometheus. A
 * message counts when it is of the one topic that the environment names, and signed by SNS.
 */
export const topic = (receiver: ReceiverContext, memory: MemoryBudget = memoryBudget(unverifiedBytes)) => {
  const accept = accepting(receiver);
  return async (context: Context): Promise<Response> => {
    const { topic, log } = receiver;
    if (topic === undefined) throw new BadRequest(404, "ALERT_TOPIC_ARN is not set: no alerts come by SNS");
    const body = await readSigned(context.req.raw, {
      ...{ cap: caps.sns, memory, refusal: "the message is not signed by SNS" },
      verify: (parts) => isGenuine(readEnvelope(toJson(Buffer.concat(parts))), topic),
    });
    const envelope = readEnvelope(toJson(body));
    if (envelope.subscribeUrl !== undefined) {
      await topic.confirm(envelope.subscribeUrl);
      log.info("the subscription to the topic of alerts is confirmed", { topic: topic.arn });
      return context.json({ confirmed: topic.arn });
    }
    const receipts = await accept(readTemplated(envelope.message, envelope.isCut), publishers);
    return context.json({ receipts }, 202);
  };
};

/** Whether SNS signed the message. Throws BadRequest for one that is not of this topic, or names an address that is not of SNS. */
const isGenuine = async (envelope: Envelope, topic: Topic): Promise<boolean> => {
  if (envelope.topic !== topic.arn)
    throw new BadRequest(403, "the message is of another topic than ALERT_TOPIC_ARN");
  if (!isNamedBySns(envelope))
    throw new BadRequest(401, "the message names an address that is not of SNS in the region of the topic");
  const certificate = await topic.certificate(envelope.certificateUrl);
  return certificate !== undefined && isSignedBy(envelope, certificate);
};
