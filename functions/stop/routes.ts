import type { Context, Hono } from "hono";
import { lazy, object, string } from "zod";
import { malformed, readJson } from "../../shared/adapters/http/json.ts";
import { span } from "../../shared/telemetry.ts";
import type { ReceiverContext } from "../http/context.ts";
import { checkOperator } from "../http/operator.ts";
import { turn } from "./switch.ts";

const cap = 16 * 1024;
const reason = lazy(() => object({ why: string().trim().min(1).max(500) }));

/** `POST /stop` and `POST /start`: the operator's kill switch. Answers 200 with how it stands, once that is durable. */
export const stopping = (app: Hono, receiver: ReceiverContext): void => {
  app.post("/stop", async (context) => {
    authenticate(receiver, context);
    const parsed = reason.safeParse(await readJson(context.req.raw, cap));
    if (!parsed.success) throw malformed("a stop", parsed.error);
    return answer(context, receiver, { stopped: true, why: parsed.data.why });
  });
  app.post("/start", async (context) => {
    authenticate(receiver, context);
    return answer(context, receiver, { stopped: false, why: "" });
  });
};

const authenticate = (receiver: ReceiverContext, context: Context): void =>
  checkOperator(receiver, context, "stopping and starting need the operator's bearer token of this server");

const answer = async (
  context: Context,
  receiver: ReceiverContext,
  wanted: { stopped: boolean; why: string },
): Promise<Response> => {
  const { now, isNew, incidents } = await span(wanted.stopped ? "stop" : "start", {}, () =>
    turn(receiver, { ...wanted, by: "an operator" }),
  );
  receiver.log.warn(wanted.stopped ? "stopped" : "started", { by: now.by, why: now.why, isNew, incidents });
  return context.json({ ...now, at: new Date(now.at).toISOString(), changed: isNew, incidents });
};
