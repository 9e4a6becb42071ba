import type { Context } from "hono";
import { number, object, string } from "zod";
import { toJson } from "../shared/adapters/http/json.ts";
import { type MemoryBudget, memoryBudget } from "../shared/adapters/http/memory-budget.ts";
import { within } from "../shared/adapters/http/within.ts";
import { type Interaction, parseInteraction } from "../shared/adapters/slack/interaction.ts";
import { BadRequest, UpstreamError } from "../shared/errors.ts";
import { isOpen, isStoppable, type Question } from "../shared/incident/approval/question.ts";
import { missingVotes, type RefusalCode } from "../shared/incident/approval/votes.ts";
import type { Command } from "../shared/incident/commands.ts";
import type { In, Incident } from "../shared/incident/model.ts";
import { policyDigest } from "../shared/policy/approval/digest.ts";
import type { Stored } from "../shared/ports/store.ts";
import type { Handled } from "../shared/process.ts";
import { span } from "../shared/telemetry.ts";
import { clip, clock, short } from "../shared/text/format.ts";
import type { Refusal } from "./approval/groups.ts";
import { approverOf, groundOf } from "./approval/look-up.ts";
import { type Approver, voteOf } from "./approval/person.ts";
import { mention, retriedBy } from "./approval/retry.ts";
import { drillIn, noteAnswer } from "./drill/answered.ts";
import { type ReceiverContext, unverifiedBytes } from "./http/context.ts";
import type { Leaving } from "./http/left.ts";
import { readSlackRequest } from "./http/slack-request.ts";
import { limitsOf, refusal } from "./limits/refusal.ts";
import { stoppedBy } from "./stop/kill-switch.ts";

type Click = Extract<Interaction, { kind: "approve" | "reject" }>;
type Choice = Extract<Interaction, { kind: "choose" | "rule-out" | "snooze" | "look" }>;
type Again = Extract<Interaction, { kind: "retry" }>;
type Answer = Extract<Interaction, { kind: "reason" }>;
/** The question behind a button; the modal carries it as its state. */
type Asked = Question & { incident: string; channel: string; messageTs: string };
type Questioned = In<"proposed" | "approved">;

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
    case "reason":
      return decide(receiver, askedIn(interaction.state), interaction, {
        type: "Reject",
        detail: interaction.reason,
      });
    default:
      return Promise.resolve();
  }
};

type Decision =
  | { type: "Approve" | "RuleOut" | "Snooze" | "LookAgain" }
  | { type: "Choose"; choice: number }
  | { type: "Reject"; detail: string };

/** Stores the decision, and tells the person privately what came of it, or why it changed nothing. */
const decide = async (
  receiver: ReceiverContext,
  asked: Asked,
  person: Click | Choice | Answer,
  decision: Decision,
): Promise<void> => {
  const tell = (text: string) => whisper(receiver, asked.channel, person.user, text);
  const checked = await mayDecide(receiver, asked, { person, kind: decision.type });
  const attempt = { ...asked, person, attempt: attempts[decision.type] };
  if ("refused" in checked) return refuse(receiver, attempt, checked);
  const { seen, incident, approver } = checked;
  const unready = decision.type === "Approve" ? await notNow(receiver, incident) : undefined;
  if (unready !== undefined)
    return refuse(receiver, attempt, { refused: `${unready}; your click changed nothing`, code: "limited" });
  const at = receiver.clock();
  const by = mention(person);
  const more =
    decision.type === "Approve"
      ? {
          vote: voteOf(approver, { at, by, door: "slack", ground: groundOf(incident) }),
          required: approver.required,
        }
      : { by };
  const { round, head } = asked;
  const command = { ...decision, ...more, at, round, head } as Command;
  const handled = await receiver.process.handle(asked.incident, command, seen);
  if (handled.events.length > 0) receiver.wake([asked.incident]);
  await tell(outcomeOf(handled, approver));
};

const attempts = {
  ...{ Approve: "approve", Choose: "choose another remedy", Reject: "reject" },
  ...{ RuleOut: "rule the change out", Snooze: "snooze the question", LookAgain: "have it looked at again" },
} as const;

type Attempt = Pick<Asked, "incident" | "round" | "channel"> & {
  person: Click | Choice | Answer | Again;
  attempt: string;
};

/** The refusal is a fact of the incident, or counted where it is none; the person is told it privately. */
const refuse = async (
  receiver: ReceiverContext,
  { incident, round, channel, person, attempt }: Attempt,
  { refused, code, because }: Refusal,
): Promise<void> => {
  const detail = because === undefined ? refused : `${refused} (${because})`;
  const told = { by: mention(person), attempt, code, detail };
  const command: Command = { type: "RecordRefusal", at: receiver.clock(), round, ...told };
  const { events } = await receiver.process.handle(incident, command);
  if (events.length === 0) await receiver.leave([attempted(incident, told)]);
  return whisper(receiver, channel, person.user, refused);
};

/** An attempt that the incident's record does not list: repeated, or about an incident that has ended or never was. */
const attempted = (
  incident: string,
  { by, attempt, code }: { by: string; attempt: string; code: RefusalCode },
): Leaving => ({
  ...{ kind: "attempts", name: `${attempt} ${incident}`, reason: code },
  about: () => ({ looked: { by: clip(by, 100) } }),
});

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
  const done =
    seen.incident.round === click.round ? await retriedBy(receiver, seen, click) : { late: seen.incident };
  if ("refused" in done) return refuse(receiver, { ...click, person: click, attempt: "retry" }, done);
  return tell("late" in done ? late(done.late) : "it is tried again from where it stood");
};

/** Slack allows 3 s between the click and the modal. Nothing is decided yet, so nothing is stored; without a modal the person is told. */
const askWhy = async (receiver: ReceiverContext, click: Click): Promise<void> => {
  const checked = await mayDecide(receiver, click, { person: click, kind: "Reject" });
  if ("refused" in checked) return refuse(receiver, { ...click, person: click, attempt: "reject" }, checked);
  const { incident, round, head, nonce, channel, messageTs } = click;
  const asked: Asked = { incident, round, head, channel, messageTs, ...(nonce !== undefined && { nonce }) };
  const opening = receiver.chat.askReason(click.triggerId, JSON.stringify(asked), "Reject the pull request");
  try {
    await within("slack", modalMs, opening);
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

type Deciding = { person: Click | Choice | Answer; kind: Decision["type"] };
type Checked = { seen: Stored; incident: Questioned; approver: Approver };

/** The incident as read and the person with their groups, or why this person may not decide. */
const mayDecide = async (
  receiver: ReceiverContext,
  asked: Asked,
  { person, kind }: Deciding,
): Promise<Checked | Refusal> => {
  const seen = await onceRecorded(receiver, asked);
  const { incident } = seen;
  const isOpenStill = kind === "Reject" ? isStoppable : isOpen;
  if (!isOpenStill(incident, asked, receiver.clock())) return { refused: late(incident), code: "late" };
  const { value } = await receiver.store.register("switch");
  if (value?.stopped) return { refused: `${stoppedBy(value)}; your click changed nothing`, code: "stopped" };
  const moved = superseded(incident, asked);
  if (moved !== undefined) return { refused: moved, code: "superseded" };
  const approver = await approverOf(receiver, incident, person);
  if ("refused" in approver) return approver;
  const changed = kind === "Approve" ? notAsAsked(receiver, incident, approver) : undefined;
  return changed === undefined ? { seen, incident, approver } : changed;
};

/** Slack waits 3 s for the answer to a click. */
const waits = { count: 8, ms: 150 };

/** The incident once the question that the button stands on is stored: a person may press it in the instant in which it is posted. */
const onceRecorded = async ({ store, wait }: ReceiverContext, asked: Asked): Promise<Stored> => {
  let seen = await store.load(asked.incident);
  for (let turn = 0; wait !== undefined && turn < waits.count && isUnrecorded(seen.incident, asked); turn++) {
    await wait(waits.ms);
    seen = await store.load(asked.incident);
  }
  return seen;
};

const isUnrecorded = (incident: Incident, { round, head }: Asked): boolean =>
  incident.status === "proposed" &&
  !incident.asked &&
  incident.round === round &&
  incident.pull.head === head;

/** Why the button is not one of the question that is asked now. */
const superseded = (incident: Questioned, asked: Asked): string | undefined => {
  const { terms, message } = incident;
  if (message?.channel !== asked.channel || message.ts !== asked.messageTs)
    return "this button is not on the message that asks now; answer on the latest message of the incident; nothing was changed";
  if (terms !== undefined && terms.nonce === asked.nonce) return undefined;
  return "you are asked anew, as something has moved since this button was shown; look at the message again; nothing was changed";
};

/** Why an approval cannot be counted although the person may give one. */
const notAsAsked = (
  receiver: ReceiverContext,
  incident: Questioned,
  { required }: Approver,
): Refusal | undefined => {
  if (incident.held !== undefined)
    return { refused: `${incident.held.detail}; nothing was changed`, code: "held" };
  if (incident.terms?.policy === policyDigest(required)) return undefined;
  receiver.wake([incident.id]);
  const refused =
    "who may approve has changed since this was asked, so it is asked anew; nothing was changed";
  return { refused, code: "policy_changed" };
};

/** The outcome of the decision, for the person who took it. */
const outcomeOf = ({ events: [event], incident }: Handled, { required }: Approver): string => {
  switch (event?.type) {
    case "RemedyApproved":
      return "approved: exactly this pull request is merged as soon as GitHub allows; until then any approver can still reject it";
    case "ApprovalGiven":
      return `your approval counts; still needed: ${event.missing.join(", ")}`;
    case "IncidentClosed":
      return "rejected: the pull request is closed and the incident ends";
    case "RemedyRuledOut":
      return incident.status === "diagnosed"
        ? "ruled out: the next option is prepared, and you are asked again"
        : "ruled out: no other option is likely enough, so people take over";
    case "QuestionSnoozed":
      return `snoozed: you are asked again at ${clock(event.until).slice(0, 5)} UTC; anybody who may can answer before`;
    case "LookRequested":
      return "looking again: the thread says what was found";
    case "RemedyChosen":
      return "chosen: its pull request is prepared, and you are asked again";
    default:
      return incident.status === "proposed"
        ? `your approval counts already; still needed: ${missingVotes(incident.votes ?? [], required).join(", ")}`
        : late(incident);
  }
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
      return `the incident is approved by ${incident.approval.by} and merged as soon as GitHub allows; press Reject or close pull request #${incident.pull.number} on GitHub to stop it`;
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

/** Slack waits 3 s for the acknowledgement: https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response */
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
