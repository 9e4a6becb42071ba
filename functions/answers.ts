import type { Context } from "hono";
import { number, object, string } from "zod";
import { toJson } from "../shared/adapters/http/json.ts";
import { type MemoryBudget, memoryBudget } from "../shared/adapters/http/memory-budget.ts";
import { within } from "../shared/adapters/http/within.ts";
import { type Interaction, parseInteraction } from "../shared/adapters/slack/interaction.ts";
import { BadRequest, UpstreamError } from "../shared/errors.ts";
import type { Question } from "../shared/incident/approval/question.ts";
import { span } from "../shared/telemetry.ts";
import { type Decision, decided, mayDecide, noteRefusal } from "./approval/decision.ts";
import type { Refusal } from "./approval/groups.ts";
import { late } from "./approval/outcome.ts";
import { patienceOf } from "./approval/patience.ts";
import { noReland, relandAsked, relandedBy } from "./approval/reland.ts";
import { retriedBy, type Somebody } from "./approval/retry.ts";
import { drillIn, noteAnswer } from "./drill/answered.ts";
import { type ReceiverContext, unverifiedBytes } from "./http/context.ts";
import { readSlackRequest } from "./http/slack-request.ts";

type Click = Extract<Interaction, { kind: "approve" | "reject" }>;
type Choice = Extract<Interaction, { kind: "choose" | "rule-out" | "snooze" | "look" }>;
type Again = Extract<Interaction, { kind: "retry" | "reland" }>;
type Answer = Extract<Interaction, { kind: "reason" }>;
/** The question behind a button; the modal carries it as its state. */
type Asked = Question & { incident: string; channel: string; messageTs: string };

/** `POST /slack/interactions`: signed. Answers 200 once the decision is durable. A person who may not decide, or is late, is told privately. */
export const answers =
  (receiver: ReceiverContext, memory: MemoryBudget = memoryBudget(unverifiedBytes)) =>
  async (context: Context): Promise<Response> => {
    const body = await readSlackRequest(receiver, context, memory);
    const interaction = parseInteraction(body);
    await span("answers", { attributes: { "slack.interaction": interaction.kind } }, () =>
      answer(receiver, interaction),
    );
    return context.body(null, 200);
  };

const answer = (receiver: ReceiverContext, interaction: Interaction): Promise<void> => {
  const drill = drillIn(interaction);
  if (drill !== undefined && "incident" in interaction) return noteAnswer(receiver, drill, interaction);
  switch (interaction.kind) {
    case "approve":
      return decide(receiver, interaction, interaction, { type: "Approve" });
    case "choose":
      return decide(receiver, interaction, interaction, { type: "Choose", choice: interaction.choice });
    case "rule-out":
      return decide(receiver, interaction, interaction, { type: "RuleOut" });
    case "snooze":
      return decide(receiver, interaction, interaction, { type: "Snooze" });
    case "look":
      return decide(receiver, interaction, interaction, { type: "LookAgain" });
    case "reject":
      return askWhy(receiver, interaction);
    case "retry":
      return tryAgain(receiver, interaction);
    case "reland":
      return draftReturn(receiver, interaction);
    case "reason":
      return decide(receiver, askedIn(interaction.state), interaction, {
        type: "Reject",
        detail: interaction.reason,
      });
    default:
      return Promise.resolve();
  }
};

/** Stores the decision, and tells the person privately what came of it, or why it changed nothing. */
const decide = async (
  receiver: ReceiverContext,
  asked: Asked,
  person: Click | Choice | Answer,
  decision: Decision,
): Promise<void> => {
  const { text } = await decided(receiver, asked, { ...person, door: "slack" }, decision);
  return whisper(receiver, asked.channel, person.user, text);
};

/** The refusal is noted; the person is told it privately. */
const refuse = async (
  receiver: ReceiverContext,
  question: { incident: string; round: number; channel: string },
  { person, attempt, refusal }: { person: Somebody; attempt: string; refusal: Refusal },
): Promise<void> => {
  await noteRefusal(receiver, { ...question, person, attempt }, refusal);
  return whisper(receiver, question.channel, person.user, refusal.refused);
};

/** An approver has an escalated incident go on where it stood. */
const tryAgain = async (receiver: ReceiverContext, click: Again): Promise<void> => {
  const tell = (text: string) => whisper(receiver, click.channel, click.user, text);
  const seen = await receiver.store.load(click.incident);
  const done =
    seen.incident.round === click.round ? await retriedBy(receiver, seen, click) : { late: seen.incident };
  if ("refused" in done) return refuse(receiver, click, { person: click, attempt: "retry", refusal: done });
  return tell("late" in done ? late(done.late) : "it is tried again from where it stood");
};

/** An approver or the author has a draft bring back what was reverted. */
const draftReturn = async (receiver: ReceiverContext, click: Again): Promise<void> => {
  const tell = (text: string) => whisper(receiver, click.channel, click.user, text);
  const seen = await receiver.store.load(click.incident);
  if (seen.incident.round !== click.round) return tell(noReland(seen.incident));
  const done = await relandedBy(receiver, seen, click);
  if ("refused" in done)
    return refuse(receiver, click, { person: click, attempt: "draft the re-land", refusal: done });
  return tell("late" in done ? noReland(done.late) : relandAsked);
};

/** Slack allows 3 s between the click and the modal. Nothing is decided yet, so nothing is stored; without a modal the person is told. */
const askWhy = async (receiver: ReceiverContext, click: Click): Promise<void> => {
  const person = { ...click, door: "slack" } as const;
  const checked = await mayDecide(receiver, click, { person, kind: "Reject" });
  if ("refused" in checked) return refuse(receiver, click, { person, attempt: "reject", refusal: checked });
  const { incident, round, head, nonce, channel, messageTs } = click;
  const asked: Asked = { incident, round, head, channel, messageTs, ...(nonce !== undefined && { nonce }) };
  const opening = receiver.chat.askReason(click.triggerId, JSON.stringify(asked), "Reject the pull request");
  try {
    await within("slack", patienceOf(receiver.chat).modalMs, opening);
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    receiver.log.warn("reason not asked", { incident, user: click.user, error });
    const { number } = checked.incident.pull;
    await whisper(receiver, channel, click.user, unasked(number));
  }
};

const unasked = (pull: number): string =>
  `the window that asks for the reason did not open in the 3 s that Slack allows; press Reject again, or close pull request #${pull} on GitHub; nothing was changed`;

const state = object({
  ...{ incident: string(), round: number(), head: string(), channel: string(), messageTs: string() },
  nonce: string().exactOptional(),
});
const askedIn = (text: string): Asked => {
  const parsed = state.safeParse(toJson(new TextEncoder().encode(text)));
  if (!parsed.success) throw new BadRequest(400, "the modal's state is not ours");
  return parsed.data;
};

/** The private reply is best effort; its failure is only logged. */
const whisper = (
  { chat, log }: ReceiverContext,
  channel: string,
  user: string,
  text: string,
): Promise<void> =>
  within("slack", patienceOf(chat).whisperMs, chat.whisper(channel, user, text)).catch((error: unknown) =>
    log.warn("private answer failed", { channel, user, error }),
  );
