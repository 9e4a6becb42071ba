import type { Context } from "hono";
import { literal, number, object, enum as oneOf, string, union } from "zod";
import { toJson } from "../shared/adapters/http/json.ts";
import { type MemoryBudget, memoryBudget } from "../shared/adapters/http/memory-budget.ts";
import { readSigned } from "../shared/adapters/http/request-body.ts";
import { verifyGitHub } from "../shared/adapters/http/signature.ts";
import type { Configured } from "../shared/config.ts";
import { BadRequest } from "../shared/errors.ts";
import { incidentId } from "../shared/incident/model.ts";
import { holdLabel } from "../shared/ports/pulls.ts";
import { ownValue } from "../shared/records.ts";
import { span } from "../shared/telemetry.ts";
import { recordFromGithub } from "./deploy-reports/github.ts";
import { caps, type ReceiverContext, unverifiedBytes } from "./http/context.ts";
import { both } from "./http/sender.ts";
import { flagKnownBad } from "./known-bad.ts";
import { vouchFor } from "./vouch.ts";

const repository = object({ full_name: string() });
const renaming = object({
  action: literal("renamed"),
  changes: object({ repository: object({ name: object({ from: string() }) }) }),
});

/** The delivery about a branch or a pull request that Countersteer itself has just made: it tells nothing new. */
const ownBranch = union([
  object({ ref: string().startsWith("refs/heads/countersteer/"), created: literal(true) }),
  object({
    action: literal("opened"),
    pull_request: object({ head: object({ ref: string().startsWith("countersteer/") }) }),
  }),
]);

/**
 * `POST /webhooks/github`: signed `push`, `pull_request`, `pull_request_review`, `issue_comment`, `merge_group`, `issues`, `deployment_status` and
 * `workflow_run`, as JSON or as a form. All but the last two only wake incidents, which read GitHub again, and set a status on other people's
 * pull requests; the delivery itself decides nothing.
 */
export const github =
  (receiver: ReceiverContext, memory: MemoryBudget = memoryBudget(unverifiedBytes)) =>
  async (context: Context): Promise<Response> => {
    const signature = context.req.header("x-hub-signature-256");
    const refusal = "the GitHub webhook's signature does not match";
    if (signature === undefined) throw new BadRequest(401, refusal);
    const body = await readSigned(context.req.raw, {
      ...{ cap: caps.github, memory, refusal },
      verify: (body) =>
        both(receiver.secrets, "github").some((secret) => verifyGitHub({ secret, signature, body })),
    });
    const event = context.req.header("x-github-event") ?? "";
    return span("github", { attributes: { "github.event": event } }, async () => {
      const once = onceFor(receiver, context.req.header("x-github-delivery"));
      const outcome = await receiveDelivery(receiver, { event, payload: payloadOf(context, body), once });
      return context.json({ outcome }, 202);
    });
  };

/** A webhook of the content type `application/x-www-form-urlencoded` has the JSON in a field. */
const payloadOf = ({ req }: Context, body: Uint8Array): unknown => {
  if (!req.header("content-type")?.toLowerCase().startsWith("application/x-www-form-urlencoded"))
    return toJson(body);
  const payload = new URLSearchParams(new TextDecoder().decode(body)).get("payload");
  if (payload === null) throw new BadRequest(400, "not a GitHub webhook: the form has no field payload");
  return toJson(Buffer.from(payload));
};

/** Does the work of one delivery, unless it was done before. */
type Once = (work: () => Promise<string>) => Promise<string>;

/**
 * GitHub repeats a delivery with its id, and so does a stranger who captured one. The id is recorded after the work, so that a delivery
 * that failed can come again.
 */
const onceFor =
  ({ store, clock }: ReceiverContext, given: string | undefined): Once =>
  async (work) => {
    const id = /^[\w-]{1,100}$/.exec(given ?? "")?.[0];
    if (id === undefined) return work();
    if (await store.isDelivered(id, clock())) return "duplicate";
    const outcome = await work();
    await store.recordDelivery(id, clock());
    return outcome;
  };

/** GitHub merges it by itself from now on: mostly an echo of our own doing, and never a reason to look. */
const armed = object({ action: oneOf(["auto_merge_enabled", "enqueued"]), pull_request: object({}) });

/** Only the label that holds a pull request is news. */
const otherLabel = object({
  action: oneOf(["labeled", "unlabeled"]),
  pull_request: object({}),
  label: object({ name: string().refine((name) => name !== holdLabel) }),
});

/** Our own comments tell nothing new. */
const command = object({ comment: object({ body: string().regex(/^\s*\/countersteer\b/) }) });
const waking = [
  "push",
  "pull_request",
  "pull_request_review",
  "issue_comment",
  "merge_group",
  "deployment_status",
  "workflow_run",
];

type Delivery = { event: string; payload: unknown; once: Once };

/** Does what a signed delivery asks for, and returns what came of it. Throws BadRequest. */
export const receiveDelivery = async (
  receiver: ReceiverContext,
  { event, payload, once }: Delivery,
): Promise<string> => {
  if (event === "issues") return stopIssueChanged(receiver, payload);
  if (event === "repository") return repositoryRenamed(receiver, payload);
  if (!waking.includes(event)) return "ignored";
  const named = object({ repository }).safeParse(payload);
  if (!named.success) throw new BadRequest(400, `not a GitHub ${event}: repository.full_name is missing`);
  const { full_name: fullName } = named.data.repository;
  const own = servicesOf(receiver, fullName);
  const former = own.length === 0 ? await formerName(receiver, fullName) : undefined;
  const services = former === undefined ? own : servicesOf(receiver, former);
  if (services.length === 0) return "unknown_repository";
  if (event === "deployment_status" || event === "workflow_run") {
    const report = { event, payload, repository: former ?? fullName };
    return once(() => recordFromGithub(receiver, services, report));
  }
  if (event === "issue_comment" && !command.safeParse(payload).success) return "ignored";
  if (union([otherLabel, armed]).safeParse(payload).success) return "ignored";
  const say = async (outcome: string): Promise<string> => {
    await tellGithub(receiver, services, { event, payload, repository: fullName });
    return outcome;
  };
  if (ownBranch.safeParse(payload).success) return say("own");
  return once(() => {
    receiver.wake(incidentsOf(services));
    return say("woken");
  });
};

/** Sets the statuses on pull requests of other people. */
const tellGithub = async (
  { vouching, flagging, clock }: ReceiverContext,
  services: Configured[],
  { repository, ...delivery }: { repository: string; event: string; payload: unknown },
): Promise<void> => {
  if (vouching !== undefined) await vouchFor(vouching, repository, delivery);
  const wanting = services.filter(({ policy }) => policy.flagKnownBad && policy.mode !== "observe");
  if (flagging === undefined || wanting.length === 0) return;
  await flagKnownBad(flagging, wanting, { ...delivery, repository, at: clock() });
};

const servicesOf = ({ config }: ReceiverContext, fullName: string): Configured[] =>
  config.services.filter(
    (service) =>
      sameRepository(service, fullName) ||
      (service.gitops ?? []).some((place) => sameRepository(place, fullName)),
  );

/** The name that the configuration has for a repository that was renamed since. */
const formerName = async ({ store }: ReceiverContext, fullName: string): Promise<string | undefined> => {
  const { value = {} } = await store.register("renamed");
  const key = fullName.toLowerCase();
  return ownValue(value, key);
};

/** GitHub answers to both names, and its deliveries carry the new one: the configuration's name is remembered for it. */
const repositoryRenamed = async (receiver: ReceiverContext, payload: unknown): Promise<string> => {
  const { log, store } = receiver;
  const renamed = renaming.safeParse(payload).data;
  const named = object({ repository }).safeParse(payload).data?.repository.full_name;
  if (renamed === undefined || named === undefined) return "ignored";
  const last = `${named.split("/")[0]}/${renamed.changes.repository.name.from}`;
  const configured = (await formerName(receiver, last)) ?? last;
  if (servicesOf(receiver, configured).length === 0) return "unknown_repository";
  log.warn("a repository was renamed: change the configuration", { from: configured, to: named });
  const { version, value = {} } = await store.register("renamed");
  await store.setRegister("renamed", version, { ...value, [named.toLowerCase()]: configured });
  return "renamed";
};

const incidentsOf = (services: Configured[]): string[] =>
  services.flatMap(({ name, environments }) =>
    environments.map((environment) => incidentId(name, environment)),
  );

const issueIn = object({ repository, issue: object({ number: number() }) });

/** The issue that stops Countersteer was opened, closed or labelled: every incident reads it again. */
const stopIssueChanged = (receiver: ReceiverContext, payload: unknown): string => {
  const { killSwitch, services } = receiver.config;
  const named = issueIn.safeParse(payload).data;
  if (named === undefined || killSwitch === undefined) return "ignored";
  if (!sameRepository(killSwitch, named.repository.full_name)) return "ignored";
  if (named.issue.number !== killSwitch.number) return "ignored";
  receiver.wake(incidentsOf(services));
  return "woken";
};

/** GitHub's names are case-insensitive. */
const sameRepository = ({ repository }: Pick<Configured, "repository">, fullName: string): boolean =>
  repository.toLowerCase() === fullName.toLowerCase();
