import type { Context } from "hono";
import { type MemoryBudget, memoryBudget } from "../../shared/adapters/http/memory-budget.ts";
import { within } from "../../shared/adapters/http/within.ts";
import { commandReply, parseCommand, type SlackCommand } from "../../shared/adapters/slack/command.ts";
import { messageOf } from "../../shared/errors.ts";
import { span } from "../../shared/telemetry.ts";
import { type ReceiverContext, unverifiedBytes } from "../http/context.ts";
import { readSlackRequest } from "../http/slack-request.ts";
import { stoppedBy } from "./kill-switch.ts";
import { turn } from "./switch.ts";

/** `POST /slack/commands`: signed. `/countersteer stop WHY`, `start` and `status`. Always answers 200 with what became of it. */
export const slackCommands =
  (receiver: ReceiverContext, memory: MemoryBudget = memoryBudget(unverifiedBytes)) =>
  async (context: Context): Promise<Response> => {
    const body = await readSlackRequest(receiver, context, memory);
    const reply = await span("slack command", {}, () => obey(receiver, parseCommand(body)));
    return context.json(commandReply(reply.text, reply.isPublic ?? false));
  };

type Reply = { text: string; isPublic?: true };

const usage = "usage: /countersteer stop WHY, /countersteer start, or /countersteer status";

const obey = async (receiver: ReceiverContext, command: SlackCommand): Promise<Reply> => {
  const [verb = "", ...rest] = command.text.split(/\s+/);
  const why = rest.join(" ");
  if (verb === "status") return status(receiver);
  if (verb !== "stop" && verb !== "start") return { text: usage };
  if (verb === "stop" && why === "") return { text: "say why: /countersteer stop WHY; nothing was changed" };
  const refused = await notAdmin(receiver, command.user);
  if (refused !== undefined) return { text: refused };
  const by = command.userName === undefined ? command.user : `${command.userName} (${command.user})`;
  const { now, isNew } = await turn(receiver, { stopped: verb === "stop", by, why: why.slice(0, 500) });
  receiver.log.warn(verb === "stop" ? "stopped" : "started", { by, why });
  if (verb === "stop") return { isPublic: true, text: stoppedBy(now) };
  return isNew
    ? { isPublic: true, text: `${by} started Countersteer again; what waits is asked about again` }
    : { text: "Countersteer was not stopped by command; nothing was changed" };
};

const status = async ({ store }: ReceiverContext): Promise<Reply> => {
  const { value } = await store.register("switch");
  return { text: value?.stopped ? stoppedBy(value) : "Countersteer is not stopped by command" };
};

/** Slack waits 3 s for the answer. */
const lookUpMs = 1_500;

/** Why this person may not stop or start. A look-up that fails refuses. */
const notAdmin = async (
  { chat, config, log }: ReceiverContext,
  user: string,
): Promise<string | undefined> => {
  const { admins = [] } = config;
  if (admins.length === 0)
    return "nobody may stop or start Countersteer in Slack: the configuration names no admins; nothing was changed";
  try {
    if (await within("slack", lookUpMs, chat.isApprover(user, admins))) return undefined;
  } catch (error) {
    log.warn("admin look-up failed", { user, error: messageOf(error) });
    return "it could not be checked whether you are an admin; nothing was changed, please try again";
  }
  log.warn("stop or start refused", { user });
  return "you are not an admin of Countersteer; nothing was changed";
};
