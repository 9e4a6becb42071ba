import type { Context } from "hono";
import { object, url } from "zod";
import { launchdarkly } from "../shared/adapters/flags/launchdarkly.ts";
import { maxChange, maxFlag, type Toggled } from "../shared/adapters/flags/toggled.ts";
import { unleash } from "../shared/adapters/flags/unleash.ts";
import { malformed, toJson } from "../shared/adapters/http/json.ts";
import { type MemoryBudget, memoryBudget } from "../shared/adapters/http/memory-budget.ts";
import { bearer, verifyLaunchDarkly } from "../shared/adapters/http/signature.ts";
import { incidentId } from "../shared/incident/model.ts";
import { takesFlag } from "../shared/policy/flags.ts";
import { undeployed } from "../shared/policy/left.ts";
import type { FlipRecord } from "../shared/ports/store.ts";
import { span } from "../shared/telemetry.ts";
import { clip } from "../shared/text/format.ts";
import { caps, type ReceiverContext, unverifiedBytes } from "./http/context.ts";
import type { Leaving } from "./http/left.ts";
import { happened, instantOf, line, unknown } from "./http/report.ts";
import { notOwned, type Sender } from "./http/sender.ts";
import { affectedBy } from "./http/troubles.ts";
import { readTrusted } from "./http/trusted.ts";

/** "This flag of this service was changed here." Unknown keys are ignored. */
const form = object({
  ...happened,
  flag: line(maxFlag),
  change: line(maxChange),
  url: url({ protocol: /^https?$/ })
    .max(2000)
    .optional(),
});

/**
 * `POST /webhooks/flags`: 202 once the change of a flag is durable, or with the reason why it was left alone. Takes the form above and
 * what LaunchDarkly and Unleash send, which each body's shape tells. An open incident that it may be about is diagnosed again.
 */
export const flags =
  (receiver: ReceiverContext, memory: MemoryBudget = memoryBudget(unverifiedBytes)) =>
  async (context: Context): Promise<Response> => {
    const { body: bytes, sender } = await trusted(receiver, memory, context);
    const body = toJson(bytes);
    const toggled = launchdarkly(body) ?? unleash(body);
    return context.json(
      await (toggled === undefined
        ? report(receiver, sender, body)
        : recordToggles(receiver, sender, toggled)),
      202,
    );
  };

/** LaunchDarkly signs with the token that the others bring. */
const trusted = (receiver: ReceiverContext, memory: MemoryBudget, context: Context) =>
  readTrusted(receiver, context, {
    ...{ kind: "flags", cap: caps.flags, memory, proof: bearer, signed: "x-ld-signature" },
    verify: verifyLaunchDarkly,
    missing: "a report of a flag needs the bearer token of this server, or LaunchDarkly's signature",
    refusal: "the LaunchDarkly webhook's signature does not match",
  });

/** The report of a body. Throws BadRequest, and says which fields are wrong. */
export const readFlip = (body: unknown) => {
  const parsed = form.safeParse(body);
  if (!parsed.success) throw malformed("a report of a flag", parsed.error);
  return parsed.data;
};

const report = async (receiver: ReceiverContext, sender: Sender, body: unknown): Promise<object> => {
  const { service, environment, flag, change, at, url: link } = readFlip(body);
  if (!sender.owns(service)) return { outcome: await notOwned(receiver, "flags", sender, service) };
  const outcome = unknown(receiver, { service, environment });
  if (outcome !== undefined) {
    const about = () => undeployed(receiver.config.services, { by: "service", name: service, environment });
    await receiver.leave([{ kind: "flags", name: service, reason: outcome, about }]);
    return { outcome };
  }
  await record(receiver, [
    {
      ...{ service, environment, flag, change },
      at: instantOf(receiver, at),
      ...(link === undefined ? {} : { url: link }),
    },
  ]);
  return { outcome: "recorded", incident: incidentId(service, environment) };
};

/** A flag may be of several services: of all that take it, in those of their environments where it was changed. */
const recordToggles = async (
  receiver: ReceiverContext,
  sender: Sender,
  toggled: Toggled[],
): Promise<object> => {
  if (toggled.length === 0) return { outcome: "ignored" };
  const taken = toggled.flatMap((one) =>
    receiver.config.services
      .filter(({ flags = [] }) => takesFlag(flags, one))
      .map((service) => ({ service, toggled: one })),
  );
  if (taken.length === 0) {
    await receiver.leave(toggled.map(unknownFlag));
    return { outcome: "unknown_flag" };
  }
  const [stranger] = taken.filter(({ service }) => !sender.owns(service.name));
  const own = taken.filter(({ service }) => sender.owns(service.name));
  if (stranger !== undefined) {
    const outcome = await notOwned(receiver, "flags", sender, stranger.service.name);
    if (own.length === 0) return { outcome };
  }
  const records = own.flatMap(({ service, toggled: { environment: only, flag, change, at } }) =>
    service.environments
      .filter((environment) => only === undefined || environment === only)
      .map((environment) => ({
        service: service.name,
        environment,
        flag,
        change,
        at: instantOf(receiver, at),
      })),
  );
  if (records.length === 0) return { outcome: "unknown_environment" };
  await record(receiver, records);
  return {
    outcome: "recorded",
    incidents: [...new Set(records.map(({ service, environment }) => incidentId(service, environment)))],
  };
};

const unknownFlag = ({ flag, environment }: Toggled): Leaving => ({
  ...{ kind: "flags", name: flag, reason: "unknown_flag" },
  about: () => ({ looked: { flag: clip(flag, 100), environment: clip(environment ?? "every", 100) } }),
});

const record = async (receiver: ReceiverContext, records: FlipRecord[]): Promise<void> => {
  await span("flags", {}, () => Promise.all(records.map((one) => receiver.store.recordFlip(one))));
  receiver.wake(await affectedBy(receiver, records));
};
