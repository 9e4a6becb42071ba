import type { Context } from "hono";
import { object, enum as oneOf, regex, string, url } from "zod";
import { malformed, readJson } from "../shared/adapters/http/json.ts";
import { bearer } from "../shared/adapters/http/signature.ts";
import { BadRequest } from "../shared/errors.ts";
import { incidentId } from "../shared/incident/model.ts";
import { span } from "../shared/telemetry.ts";
import { caps, type ReceiverContext } from "./http/context.ts";
import { happened, instantOf, line, unknown } from "./http/report.ts";
import { notOwned, senderOf } from "./http/sender.ts";
import { affectedBy } from "./http/troubles.ts";

/** "This service now runs this commit here", or a rollout of it started or failed. Unknown keys are ignored. */
const form = object({
  ...happened,
  sha: string().check(regex(/^[0-9a-f]{40}$/, "the full commit sha, 40 lower-case hex digits")),
  status: oneOf(["succeeded", "failed", "started"]).default("succeeded"),
  url: url().max(2000).optional(),
  version: line(128).optional(),
});

/** The report of a body. Throws BadRequest, and says which fields are wrong. */
export const readDeploy = (body: unknown) => {
  const parsed = form.safeParse(body);
  if (!parsed.success) throw malformed("a deploy report", parsed.error);
  return parsed.data;
};

/** `POST /webhooks/deploys`: 202 once the deploy is durable, or with the reason why it was left alone. */
export const deploys =
  (receiver: ReceiverContext) =>
  async (context: Context): Promise<Response> => {
    const authorization = context.req.header("authorization");
    const sender = senderOf(receiver, "deploys", (token) => bearer(authorization, token));
    if (sender === undefined)
      throw new BadRequest(401, "a deploy report needs the bearer token of this server");
    const body = readDeploy(await readJson(context.req.raw, caps.deploys));
    const { service, environment, sha, status, at, url: link, version } = body;
    // First, so that a sender learns nothing of the other names in the configuration.
    if (!sender.owns(service))
      return context.json({ outcome: notOwned(receiver, "deploys", sender, service) }, 202);
    const outcome = unknown(receiver, { service, environment });
    if (outcome !== undefined) return context.json({ outcome }, 202);
    const record = {
      ...{ service, environment, sha, status, at: instantOf(receiver, at) },
      ...(link === undefined ? {} : { url: link }),
      ...(version === undefined ? {} : { version }),
    };
    await span("deploys", {}, () => receiver.store.recordDeploy(record));
    receiver.wake(await affectedBy(receiver, [record]));
    return context.json({ outcome: "recorded", incident: incidentId(service, environment) }, 202);
  };
