import type { Context, Hono } from "hono";
import { lazy, object, string } from "zod";
import { malformed, readJson } from "../../shared/adapters/http/json.ts";
import { BadRequest } from "../../shared/errors.ts";
import { drillId } from "../../shared/policy/drill.ts";
import type { DrillRecord } from "../../shared/ports/store.ts";
import type { ReceiverContext } from "../http/context.ts";
import { checkOperator } from "../http/operator.ts";
import { changeDrill } from "./record.ts";

const cap = 16 * 1024;
const form = lazy(() => object({ id: string().regex(drillId, "4 to 20 lower-case letters and digits") }));

/**
 * `POST /drills` begins a drill, so that its alert and the answer to its question are noted; `POST /drills/ID` tells what was noted. Both are
 * the operator's.
 */
export const drilling = (app: Hono, receiver: ReceiverContext): void => {
  const authenticate = (context: Context): void =>
    checkOperator(receiver, context, "a drill needs the operator's bearer token of this server");
  app.post("/drills", async (context) => {
    authenticate(context);
    const parsed = form.safeParse(await readJson(context.req.raw, cap));
    if (!parsed.success) throw malformed("a drill", parsed.error);
    const { id } = parsed.data;
    const drill = await changeDrill(receiver.store, id, (known) => known ?? { id, at: receiver.clock() });
    return context.json(told(drill), 201);
  });
  app.post("/drills/:id", async (context) => {
    authenticate(context);
    const { value = [] } = await receiver.store.register("drills");
    const drill = value.find(({ id }) => id === context.req.param("id"));
    if (drill === undefined) throw new BadRequest(404, "no such drill was begun here");
    return context.json(told(drill), 200);
  });
};

const told = (drill: DrillRecord | undefined) => drill ?? {};
