import type { Context } from "hono";
import { isAlarmEvent } from "../shared/adapters/cloudwatch/alarm.ts";
import { readJson } from "../shared/adapters/http/json.ts";
import { BadRequest } from "../shared/errors.ts";
import { accepting } from "./alerts.ts";
import { caps, type ReceiverContext } from "./http/context.ts";

/** The rule of EventBridge says which alarms come. */
const rule = { name: "the rule of alarms", owns: () => true };

/** The address within a function at which the host hands over the events of EventBridge. No host serves it to callers. */
export const alarmsPath = "/events/alarms";

/** Alarms of CloudWatch, as a rule of EventBridge hands them to the function. */
export const alarms = (receiver: ReceiverContext) => {
  const accept = accepting(receiver);
  return async (context: Context): Promise<Response> => {
    const event = await readJson(context.req.raw, caps.sns);
    if (!isAlarmEvent(event)) throw new BadRequest(400, "not an event of a CloudWatch alarm");
    return context.json({ receipts: await accept(event, rule) }, 202);
  };
};
