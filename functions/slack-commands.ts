import type { Context } from "hono";
import { type MemoryBudget, memoryBudget } from "../shared/adapters/http/memory-budget.ts";
import { within } from "../shared/adapters/http/within.ts";
import { commandReply, parseCommand, type SlackCommand } from "../shared/adapters/slack/command.ts";
import type { Config, Configured } from "../shared/config.ts";
import { messageOf } from "../shared/errors.ts";
import { troubleIds } from "../shared/incident/alerts/troubles.ts";
import { incidentId, isActive, type Started } from "../shared/incident/model.ts";
import { span } from "../shared/telemetry.ts";
import { clip, personName } from "../shared/text/format.ts";
import { stateLines } from "../shared/text/state-message.ts";
import { headline } from "../shared/text/timeline.ts";
import { patienceOf } from "./approval/patience.ts";
import { noReland, relandAsked, relandedBy } from "./approval/reland.ts";
import { isRetriable, mention, retriedBy } from "./approval/retry.ts";
import { type ReceiverContext, unverifiedBytes } from "./http/context.ts";
import { readSlackRequest } from "./http/slack-request.ts";
import { stoppedBy } from "./stop/kill-switch.ts";
import { turn } from "./stop/switch.ts";

/**
 * `POST /slack/commands`: signed. `/countersteer stop WHY` and `start` for admins, `retry SERVICE` and `reland SERVICE` for approvers, `status` and `why SERVICE`
 * for everybody: about the services of the channel in which it is asked. Always answers 200 with what came of it.
 */
export const slackCommands =
  (receiver: ReceiverContext, memory: MemoryBudget = memoryBudget(unverifiedBytes)) =>
  async (context: Context): Promise<Response> => {
    const body = await readSlackRequest(receiver, context, memory);
    const reply = await span("slack command", {}, () => obey(receiver, parseCommand(body)));
    return context.json(commandReply(reply.lines, reply.isPublic ?? false));
  };

type Reply = { lines: string[]; isPublic?: true };

const usage =
  "usage: /countersteer status, /countersteer why SERVICE, /countersteer retry SERVICE, /countersteer reland SERVICE, /countersteer stop WHY, or /countersteer start";

const obey = async (receiver: ReceiverContext, command: SlackCommand): Promise<Reply> => {
  const [verb = "", ...rest] = command.text.split(/\s+/);
  const why = rest.join(" ");
  if (verb === "status") return status(receiver, command.channel);
  if (verb === "why") return explain(receiver, command.channel, why);
  if (verb === "retry") return retry(receiver, command, why);
  if (verb === "reland") return reland(receiver, command, why);
  if (verb !== "stop" && verb !== "start") return { lines: [usage] };
  if (verb === "stop" && why === "")
    return { lines: ["say why: /countersteer stop WHY; nothing was changed"] };
  const refused = await notAdmin(receiver, command.user);
  if (refused !== undefined) {
    const about = () => ({ looked: { by: clip(command.user, 100) } });
    await receiver.leave([{ kind: "attempts", name: `/countersteer ${verb}`, reason: refused.code, about }]);
    return { lines: [refused.text] };
  }
  const by = command.userName === undefined ? command.user : `${command.userName} (${command.user})`;
  const { now, isNew } = await turn(receiver, { stopped: verb === "stop", by, why: why.slice(0, 500) });
  receiver.log.warn(verb === "stop" ? "stopped" : "started", { by, why });
  if (verb === "stop") return { isPublic: true, lines: [stoppedBy(now)] };
  return isNew
    ? {
        isPublic: true,
        lines: [`${personName(by)} started Countersteer again; what waits is asked about again`],
      }
    : { lines: ["Countersteer was not stopped by command; nothing was changed"] };
};

/** Whether it is stopped, and the incidents of the channel that are not over. */
const status = async (receiver: ReceiverContext, channel: string): Promise<Reply> => {
  const [{ value }, { incidents, left }] = await Promise.all([
    receiver.store.register("switch"),
    incidentsIn(receiver, channel),
  ]);
  const open = incidents.filter((incident) => isActive(incident) || incident.status === "escalated");
  return {
    lines: [
      value?.stopped ? stoppedBy(value) : "Countersteer is not stopped by command",
      ...(open.length === 0 ? [`no incident of ${of(left)} is open`] : open.map(headline)),
      ...leftLines(left),
    ],
  };
};

const of = (left: number): string =>
  left === 0 ? "this channel's services" : `the ${mostRead} that were looked at`;

const leftLines = (left: number): string[] =>
  left === 0
    ? []
    : [
        `only ${mostRead} of the ${mostRead + left} services and environments of this channel were looked at; the pages list the incidents of all`,
      ];

/** The state and the causes of a service's latest incidents. */
const explain = async (receiver: ReceiverContext, channel: string, service: string): Promise<Reply> => {
  const { incidents, left } = await incidentsIn(receiver, channel, service);
  if (incidents.length > 0) return { lines: [...incidents.flatMap(explained), ...leftLines(left)] };
  return { lines: noneOf(receiver, channel, { service, left }) };
};

/** Why there is no incident to speak of. */
const noneOf = (
  { config }: ReceiverContext,
  channel: string,
  { service, left }: { service: string; left: number },
): string[] => {
  const names = servicesIn(config, channel).map(({ name }) => name);
  if (left > 0) return leftLines(left);
  if (names.includes(service)) return [`there was never an incident of ${service}`];
  return [
    names.length === 0
      ? "no service tells its incidents in this channel"
      : `name a service of this channel: ${names.join(", ")}`,
  ];
};

/** An approver has the incidents of a service go on where they stood. */
const retry = async (receiver: ReceiverContext, command: SlackCommand, service: string): Promise<Reply> => {
  const { incidents, left } = await incidentsIn(receiver, command.channel, service);
  if (incidents.length === 0) return { lines: noneOf(receiver, command.channel, { service, left }) };
  const waiting = incidents.filter(isRetriable);
  if (waiting.length === 0)
    return {
      lines: [`no incident of ${service} needs a person; nothing was changed`, ...incidents.map(headline)],
    };
  const told = waiting.map(async ({ id }) => {
    const seen = await receiver.store.load(id);
    const done = await retriedBy(receiver, seen, command);
    if ("late" in done) return `${headline(done.late)}; nothing was changed`;
    if (!("refused" in done)) return `${id}: it is tried again from where it stood`;
    const refusal = { by: mention(command), attempt: "retry", code: done.code, detail: done.refused };
    const { round } = seen.incident;
    await receiver.process.handle(id, { type: "RecordRefusal", at: receiver.clock(), round, ...refusal });
    return `${id}: ${done.refused}`;
  });
  return { lines: await Promise.all(told) };
};

/** An approver or the author has drafts bring back what was reverted and verified. */
const reland = async (receiver: ReceiverContext, command: SlackCommand, service: string): Promise<Reply> => {
  const { incidents, left } = await incidentsIn(receiver, command.channel, service);
  if (incidents.length === 0) return { lines: noneOf(receiver, command.channel, { service, left }) };
  const told = incidents.map(async ({ id }) => {
    const done = await relandedBy(receiver, await receiver.store.load(id), command);
    if ("late" in done) return `${id}: ${noReland(done.late)}`;
    return `${id}: ${"refused" in done ? done.refused : relandAsked}`;
  });
  return { lines: await Promise.all(told) };
};

const explained = (incident: Started): string[] => [
  headline(incident),
  ...stateLines(incident).map(({ label, text }) => [label, text].filter(Boolean).join(": ")),
];

const servicesIn = ({ services }: Config, channel: string): Configured[] =>
  services.filter((service) => service.channel === channel);

/** Read at most: Slack waits 3 s. */
const mostRead = 40;

/**
 * The latest rounds of the services that tell of them in this channel, and how many services and environments were not looked at.
 * Everybody who can write here may read of them.
 */
const incidentsIn = async (
  { store, config }: ReceiverContext,
  channel: string,
  only?: string,
): Promise<{ incidents: Started[]; left: number }> => {
  const all = servicesIn(config, channel)
    .filter(({ name }) => only === undefined || name === only)
    .flatMap(({ name, environments }) => environments.map((environment) => incidentId(name, environment)));
  const ids = all.slice(0, mostRead);
  const first = await Promise.all(ids.map(async (id) => (await store.load(id)).incident));
  const beside = first.flatMap((incident) => troubleIds(incident).slice(1));
  const others = await Promise.all(beside.map(async (id) => (await store.load(id)).incident));
  const incidents = [...first, ...others].filter((incident) => incident.status !== "none");
  return { incidents, left: all.length - ids.length };
};

/** Why this person may not stop or start. A look-up that fails refuses. */
const notAdmin = async (
  { chat, config, log }: ReceiverContext,
  user: string,
): Promise<{ text: string; code: "not_admin" | "lookup_failed" } | undefined> => {
  const { admins = [] } = config;
  if (admins.length === 0) return { text: noAdmins, code: "not_admin" };
  try {
    if (await within("slack", patienceOf(chat).lookUpMs, chat.isApprover(user, admins))) return undefined;
  } catch (error) {
    log.warn("admin look-up failed", { user, error: messageOf(error) });
    const text = "it could not be checked whether you are an admin; nothing was changed, please try again";
    return { text, code: "lookup_failed" };
  }
  log.warn("stop or start refused", { user });
  return { text: "you are not an admin of Countersteer; nothing was changed", code: "not_admin" };
};

const noAdmins =
  "nobody may stop or start Countersteer in Slack: the configuration names no admins; nothing was changed";
