import type { Context } from "hono";
import { number, object, string } from "zod";
import { toJson } from "../shared/adapters/http/json.ts";
import { type MemoryBudget, memoryBudget } from "../shared/adapters/http/memory-budget.ts";
import { readSigned } from "../shared/adapters/http/request-body.ts";
import { verifySlack } from "../shared/adapters/http/signature.ts";
import { within } from "../shared/adapters/http/within.ts";
import { type Interaction, parseInteraction } from "../shared/adapters/slack/interaction.ts";
import { BadRequest } from "../shared/errors.ts";
import type { In, Incident } from "../shared/incident/model.ts";
import { isOpen, type Question } from "../shared/incident/question.ts";
import type { Stored } from "../shared/ports/store.ts";
import { span } from "../shared/telemetry.ts";
import { short } from "../shared/text/format.ts";
import { caps, type ReceiverContext, serviceNamed, unverifiedBytes } from "./http/context.ts";
import { limitsOf, refusal } from "./limits/refusal.ts";
import { stoppedBy } from "./stop/kill-switch.ts";

type Click = Extract<Interaction, { kind: "approve" | "reject" }>;
type Choice = Extract<Interaction, { kind: "choose" }>;
type Again = Extract<Interaction, { kind: "retry" }>;
type Answer = Extract<Interaction, { kind: "reason" }>;
/** The question behind a button; the modal carries it as its state. */
type Asked = Question & { incident: string; channel: string };

/** `POST /slack/interactions`: signed. Answers 200 once the decision is durable. A person who may not decide, or is late, is told privately. */
export const answers =
  (receiver: ReceiverContext, memory: MemoryBudget = memoryBudget(unverifiedBytes)) =>
  async (context: Context): Promise<Response> => {
    const timestamp = context.req.header("x-slack-request-timestamp");
    const signature = context.req.header("x-slack-signature");
    const refusal = "the Slack request's signature does not match, or it is more than 300 s old";
    if (signature === undefined) throw new BadRequest(401, refusal);
    const body = await readSigned(context.req.raw, {
      ...{ cap: caps.slack, memory, refusal },
      verify: (body) =>
        verifySlack({ secret: receiver.secrets.slack, timestamp, signature, body, now: receiver.clock() }),
    });
    const interaction = parseInteraction(body);
    await span("answers", { attributes: { "slack.interaction": interaction.kind } }, () =>
      answer(receiver, interaction),
    );
    return context.body(null, 200);
  };

const answer = (receiver: ReceiverContext, interaction: Interaction): Promise<void> => {
  switch (interaction.kind) {
    case "approve":
      return decide(receiver, interaction, interaction, { type: "Approve" });
    case "choose":
      return decide(receiver, interaction, interaction, { type: "Choose", choice: interaction.choice });
    case "reject":
      return askWhy(receiver, interaction);
    case "retry":
      return tryAgain(receiver, interaction);
    case "reason":
      return decide(receiver, askedIn(interaction.state), interaction, {
        type: "Reject",
        detail: interaction.reason,
      });
    default:
      return Promise.resolve();
  }
};

type Decision = { type: "Approve" } | { type: "Choose"; choice: number } | { type: "Reject"; detail: string };

/** Stores the decision, or tells the person privately why it changed nothing. */
const decide = async (
  receiver: ReceiverContext,
  asked: Asked,
  person: Click | Choice | Answer,
  decision: Decision,
): Promise<void> => {
  const tell = (text: string) => whisper(receiver, asked.channel, person.user, text);
  const checked = await mayDecide(receiver, asked, person.user);
  if ("refused" in checked) return tell(checked.refused);
  const unready = decision.type === "Approve" ? await notNow(receiver, checked.seen.incident) : undefined;
  if (unready !== undefined) return tell(`${unready}; your click changed nothing`);
  const { round, head } = asked;
  const { events, incident } = await receiver.process.handle(
    asked.incident,
    { ...decision, at: receiver.clock(), round, head, by: mention(person) },
    checked.seen,
  );
  if (events.length === 0) return tell(late(incident));
  receiver.wake([asked.incident]);
};

/** Why nothing of the service is merged now, whoever approves. */
const notNow = async (
  { config, store, clock }: ReceiverContext,
  { service }: Incident,
): Promise<string | undefined> => {
  const limits = limitsOf(config, service);
  if (limits?.policy.mode === "observe") return "the service is in mode observe now: nothing is merged";
  return limits && refusal(store, limits, clock());
};

/** An approver has an escalated incident go on where it stood. */
const tryAgain = async (receiver: ReceiverContext, click: Again): Promise<void> => {
  const tell = (text: string) => whisper(receiver, click.channel, click.user, text);
  const seen = await receiver.store.load(click.incident);
  const { incident } = seen;
  const isHeld = "held" in incident && incident.held?.by === "cause";
  if ((incident.status !== "escalated" && !isHeld) || incident.round !== click.round)
    return tell(late(incident));
  const refused = await notApprover(receiver, incident, click.user);
  if (refused !== undefined) return tell(refused);
  const command = { type: "Retry", at: receiver.clock(), round: click.round, by: mention(click) } as const;
  const handled = await receiver.process.handle(click.incident, command, seen);
  if (handled.events.length === 0) return tell(late(handled.incident));
  receiver.wake([click.incident]);
};

/** Slack allows 3 s between the click and the modal. Nothing is decided yet, so nothing is stored. */
const askWhy = async (receiver: ReceiverContext, click: Click): Promise<void> => {
  const checked = await mayDecide(receiver, click, click.user);
  if ("refused" in checked) return whisper(receiver, click.channel, click.user, checked.refused);
  const { incident, round, head, channel } = click;
  const asked: Asked = { incident, round, head, channel };
  await within(
    "slack",
    modalMs,
    receiver.chat.askReason(click.triggerId, JSON.stringify(asked), "Reject the pull request"),
  );
};

const state = object({ incident: string(), round: number(), head: string(), channel: string() });
const askedIn = (text: string): Asked => {
  const parsed = state.safeParse(toJson(new TextEncoder().encode(text)));
  if (!parsed.success) throw new BadRequest(400, "the modal's state is not ours");
  return parsed.data;
};

/** The incident as read, or why this person may not decide. */
const mayDecide = async (
  receiver: ReceiverContext,
  asked: Omit<Asked, "channel">,
  user: string,
): Promise<{ seen: Stored } | { refused: string }> => {
  const seen = await receiver.store.load(asked.incident);
  const { incident } = seen;
  if (!isOpen(incident, asked, receiver.clock())) return { refused: late(incident) };
  const { value } = await receiver.store.register("switch");
  if (value?.stopped) return { refused: `${stoppedBy(value)}; your click changed nothing` };
  const refused = await notApprover(receiver, incident, user);
  return refused === undefined ? { seen } : { refused };
};

/** Why this person is not an approver of the incident's service. A look-up that fails refuses. */
const notApprover = async (
  { chat, config, log }: Pick<ReceiverContext, "chat" | "config" | "log">,
  incident: Incident,
  user: string,
): Promise<string | undefined> => {
  const service = serviceNamed(config, incident.service);
  if (service === undefined) return "this service is no longer configured; nothing was changed";
  try {
    if (await within("slack", lookUpMs, chat.isApprover(user, service.approvers))) return undefined;
  } catch (error) {
    log.warn("approver look-up failed", { incident: incident.id, user, error });
    return "it could not be checked whether you may decide this; nothing was changed, please try again";
  }
  log.warn("decision refused", { incident: incident.id, user });
  return `you are not an approver of ${service.name}; nothing was changed`;
};

/** A late click learns who decided, and how to object. */
const late = (incident: Incident): string =>
  `this question is no longer open: ${standing(incident)}; your click changed nothing`;

const standing = (incident: Incident): string => {
  if ("held" in incident && incident.held !== undefined) return incident.held.detail;
  switch (incident.status) {
    case "opened":
    case "diagnosed":
      return `round ${incident.round} of the incident looks for the cause now, and asks again when it has found one`;
    case "proposed":
      return `people are asked about pull request #${incident.pull.number} at ${short(incident.pull.head)} now; answer on its message`;
    case "escalated":
      return `the incident needs a person (${incident.detail})${handedOver(incident)}`;
    case "approved":
      return `the incident is approved by ${incident.approval.by} and merged as soon as GitHub allows; close pull request #${incident.pull.number} on GitHub to stop it`;
    case "merged":
    case "deployed":
      return `the incident is ${incident.status}${merged(incident)}`;
    case "closed":
      return `the incident is closed (${incident.outcome})${decidedBy(incident)}${objection(incident)}`;
    default:
      return `the incident is ${incident.status}`;
  }
};

const handedOver = ({ pull, merge, reason }: In<"escalated">): string => {
  if (merge !== undefined || pull === undefined || reason === "retargeted") return "";
  return `; press Retry to be asked again, or merge or close pull request #${pull.number} on GitHub`;
};

const merged = ({ merge, pull, approval, fix }: In<"merged" | "deployed">): string => {
  if (fix !== undefined) return `: ${fix.detail}`;
  if (merge === undefined || pull === undefined) return "";
  const by = approval === undefined ? "" : `, approved by ${approval.by}`;
  return `: ${merge.by} merged #${pull.number}${by}; revert ${short(merge.sha)} to object`;
};

const decidedBy = ({ by, approval }: In<"closed">): string => {
  if (by !== undefined) return ` by ${by}`;
  return approval === undefined ? "" : `, approved by ${approval.by}`;
};

const objection = ({ pull, merge, outcome }: In<"closed">): string => {
  if (merge !== undefined) return `; revert ${short(merge.sha)} to object`;
  if (pull === undefined || (outcome !== "rejected" && outcome !== "withdrawn")) return "";
  return `; open pull request #${pull.number} again on GitHub to object`;
};

const mention = ({ user, userName }: { user: string; userName?: string }): string =>
  userName === undefined ? user : `${userName} (${user})`;

/** Slack waits 3 s for the acknowledgement: https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response */
const lookUpMs = 1_500;
const modalMs = 2_500;
const whisperMs = 1_000;

/** The private reply is best effort; its failure is only logged. */
const whisper = (
  { chat, log }: ReceiverContext,
  channel: string,
  user: string,
  text: string,
): Promise<void> =>
  within("slack", whisperMs, chat.whisper(channel, user, text)).catch((error: unknown) =>
    log.warn("private answer failed", { channel, user, error }),
  );
