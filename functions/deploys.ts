import type { Context } from "hono";
import { object, enum as oneOf, regex, string, url } from "zod";
import { has } from "../shared/adapters/deploys/told.ts";
import { malformed } from "../shared/adapters/http/json.ts";
import { type MemoryBudget, memoryBudget } from "../shared/adapters/http/memory-budget.ts";
import { bearerOrBasic, verifyFlux } from "../shared/adapters/http/signature.ts";
import type { Config } from "../shared/config.ts";
import { BadRequest } from "../shared/errors.ts";
import { incidentId } from "../shared/incident/model.ts";
import { clip } from "../shared/text/format.ts";
import { commitOfImage } from "./deploy-reports/commit.ts";
import { leavingOf } from "./deploy-reports/left.ts";
import { readSaid, type Said } from "./deploy-reports/read.ts";
import { type Receipt, recordTold, storeDeploys } from "./deploy-reports/record.ts";
import { caps, type ReceiverContext, serviceNamed, unverifiedBytes } from "./http/context.ts";
import type { Leaving } from "./http/left.ts";
import { happened, heardOf, line, unknown } from "./http/report.ts";
import { notOwned, type Sender } from "./http/sender.ts";
import { readTrusted } from "./http/trusted.ts";

const shape = {
  ...happened,
  status: oneOf(["succeeded", "failed", "started"]).default("succeeded"),
  url: url().max(2000).optional(),
  version: line(128).optional(),
};
/** "This service now runs this commit here", or a rollout of it started or failed. Unknown keys are ignored. */
const form = object({
  ...shape,
  sha: string().check(regex(/^[0-9a-f]{40}$/, "the full commit sha, 40 lower-case hex digits")),
});
/** The same by the image that runs, whose labels tell the commit. */
const ofImage = object({ ...shape, image: line(512) });

/** The report of a body. Throws BadRequest, and says which fields are wrong. */
export const readDeploy = (body: unknown) => {
  const told = renamed(body);
  const parsed = (has(told) && told.sha === undefined && told.image !== undefined ? ofImage : form).safeParse(
    told,
  );
  if (!parsed.success) throw malformed("a deploy report", parsed.error);
  return parsed.data;
};

/** Deployers also call the sha `commit`, and the instant `finishedAt` or `deployedAt`. */
const renamed = (body: unknown): unknown => {
  if (!has(body)) return body;
  const { sha = body.commit, at = body.finishedAt ?? body.deployedAt ?? body.startedAt } = body;
  return { ...body, ...(sha !== undefined && { sha }), ...(at !== undefined && { at }) };
};

/**
 * `POST /webhooks/deploys`: 202 once the deploy is durable, or with the reason why it was left alone. Takes the form above, and the events
 * of Argo CD, Flux, Jenkins, Tekton and CDEvents, which each request's shape tells.
 */
export const deploys = (receiver: ReceiverContext, memory: MemoryBudget = memoryBudget(unverifiedBytes)) => {
  return async (context: Context): Promise<Response> => {
    const { body, sender } = await readTrusted(receiver, context, {
      ...{ kind: "deploys", cap: caps.deploys, memory, proof: bearerOrBasic, signed: "x-signature" },
      verify: verifyFlux,
      missing: "a deploy report needs the bearer token of this server",
      refusal: "the Flux webhook's signature does not match",
    }).catch(inSmallerParts);
    const { said, isBatch } = readSaid(context.req.raw.headers, body);
    const receipts: (Receipt | { outcome: "malformed"; problem: string })[] = [];
    for (const one of said) receipts.push(await receiptOf(receiver, sender, one));
    await receiver.leave(
      said.flatMap((one, index) => leaving(receiver.config, one, receipts[index]?.outcome)),
    );
    return context.json(isBatch ? { receipts } : receipts[0], 202);
  };
};

/** A batch that is too large is refused as a whole, and the sentence says how to send it. It is on the page of what was left alone. */
const inSmallerParts = (error: unknown): never => {
  if (!(error instanceof BadRequest) || error.status !== 413) throw error;
  throw new BadRequest(
    413,
    `${error.message}, and nothing of it was recorded: send its events in smaller batches`,
  );
};

const leaving = (config: Config, said: Said, outcome = ""): Leaving[] => {
  if ("problem" in said)
    return [{ kind: "deploys", name: "an event", reason: "malformed", about: () => problem(said.problem) }];
  return leavingOf(config, outcome, () =>
    "told" in said ? said.told.map(({ tool, ...told }) => ({ by: tool, ...told })) : [reported(said.report)],
  );
};

const problem = (text: string) => ({ looked: { problem: clip(text, 200) } });

const reported = (body: unknown): { by: string; name: string; environment?: string } => {
  const { service, environment } = readDeploy(body);
  return { by: "service", name: service, environment };
};

const receiptOf = async (receiver: ReceiverContext, sender: Sender, said: Said) => {
  if ("problem" in said) return { outcome: "malformed" as const, problem: said.problem };
  return "told" in said ? recordTold(receiver, sender, said.told) : report(receiver, sender, said.report);
};

const report = async (receiver: ReceiverContext, sender: Sender, body: unknown): Promise<Receipt> => {
  const told = readDeploy(body);
  const { service: name, environment, status, at, url: link, version } = told;
  const service = serviceNamed(receiver.config, name);
  // First, so that a sender learns nothing of the other names in the configuration.
  if (!sender.owns(name)) return { outcome: await notOwned(receiver, "deploys", sender, name) };
  const outcome = unknown(receiver, told);
  if (outcome !== undefined || service === undefined) return { outcome: outcome ?? "unknown_service" };
  const sha = "sha" in told ? told.sha : await commitOfImage(receiver, service, told.image);
  if (sha === undefined) return { outcome: "no_commit" };
  await storeDeploys(receiver, [
    {
      ...{ service: name, environment, sha, status, ...heardOf(receiver, at) },
      ...(link === undefined ? {} : { url: link }),
      ...(version === undefined ? {} : { version }),
    },
  ]);
  return { outcome: "recorded", incident: incidentId(name, environment) };
};

/**
 * `OPTIONS /webhooks/deploys`: the handshake by which a sender of CloudEvents asks whether it may post here. The token decides that at
 * each delivery. https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md
 */
export const deploysHandshake = (context: Context): Response => {
  const origin = context.req.header("webhook-request-origin");
  if (origin === undefined) return context.body(null, 200, { allow: "POST, OPTIONS" });
  return context.body(null, 200, {
    allow: "POST, OPTIONS",
    "webhook-allowed-origin": origin,
    "webhook-allowed-rate": "*",
  });
};
