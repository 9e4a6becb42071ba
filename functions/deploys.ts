import type { Context } from "hono";
import { iso, object, enum as oneOf, regex, string, url } from "zod";
import { readJson } from "../shared/adapters/json.ts";
import { bearer } from "../shared/adapters/signature.ts";
import { BadRequest } from "../shared/errors.ts";
import { incidentId } from "../shared/incident/model.ts";
import { span } from "../shared/telemetry.ts";
import { caps, type Doors, serviceNamed } from "./receiver.ts";

/** "This service now runs this commit here." Unknown keys are ignored; `at` defaults to the time of receipt. */
const form = object({
  service: string().min(1).max(100),
  environment: string().min(1).max(100),
  sha: string().check(regex(/^[0-9a-f]{40}$/, "the full commit sha, 40 lower-case hex digits")),
  status: oneOf(["succeeded", "failed"]).default("succeeded"),
  at: iso.datetime({ offset: true }).optional(),
  url: url().max(2000).optional(),
  version: string()
    .min(1)
    .max(128)
    .check(regex(/^\P{Cc}*$/u, "one line of text"))
    .optional(),
});

/** `POST /webhooks/deploys`: 202 once the deploy is durable, or with the reason why it was left alone. */
export const deploys =
  (doors: Doors) =>
  async (context: Context): Promise<Response> => {
    if (!bearer(context.req.header("authorization"), doors.secrets.deploys))
      throw new BadRequest(401, "a deploy report needs the bearer token of this server");
    const parsed = form.safeParse(await readJson(context.req.raw, caps.deploys));
    if (!parsed.success)
      throw new BadRequest(
        400,
        `not a deploy report: ${parsed.error.issues.map(({ path, message }) => `${path.join(".") || "the body"}: ${message}`).join("; ")}`,
      );
    const { service, environment, sha, status, at, url: link, version } = parsed.data;
    const known = serviceNamed(doors.config, service);
    if (known === undefined) return context.json({ outcome: "unknown_service" }, 202);
    if (!known.environments.includes(environment))
      return context.json({ outcome: "unknown_environment" }, 202);
    const record = {
      service,
      environment,
      sha,
      status,
      // A reporter whose clock is ahead must not hide the deploys to come.
      at: Math.min(doors.clock(), at === undefined ? Number.POSITIVE_INFINITY : Date.parse(at)),
      ...(link === undefined ? {} : { url: link }),
      ...(version === undefined ? {} : { version }),
    };
    await span("deploys", {}, () => doors.store.recordDeploy(record));
    const id = incidentId(service, environment);
    doors.wake([id]);
    return context.json({ outcome: "recorded", incident: id }, 202);
  };
