import { isOpen, isStoppable, type Question } from "../../shared/incident/approval/question.ts";
import type { RefusalCode, Vote } from "../../shared/incident/approval/votes.ts";
import type { Command } from "../../shared/incident/commands.ts";
import type { In, Incident } from "../../shared/incident/model.ts";
import { policyDigest } from "../../shared/policy/approval/digest.ts";
import type { Stored } from "../../shared/ports/store.ts";
import { clip } from "../../shared/text/format.ts";
import type { ReceiverContext } from "../http/context.ts";
import type { Leaving } from "../http/left.ts";
import { limitsOf, refusal } from "../limits/refusal.ts";
import { stoppedBy } from "../stop/kill-switch.ts";
import type { Refusal } from "./groups.ts";
import { approverOf, groundOf } from "./look-up.ts";
import { late, outcomeOf } from "./outcome.ts";
import { type Approver, voteOf } from "./person.ts";
import { mention, type Somebody } from "./retry.ts";

/** The question behind a button. Slack's buttons stand on a message, and the modal carries both as its state. */
export type Asked = Question & { incident: string } & ({ channel: string; messageTs: string } | object);
/** A person who answers, and where. */
export type Answerer = Somebody & { door: Vote["door"] };
type Questioned = In<"proposed" | "approved">;

export type Decision =
  | { type: "Approve" | "RuleOut" | "Snooze" | "LookAgain" }
  | { type: "Choose"; choice: number }
  | { type: "Reject"; detail: string };

/** Stores the decision. The sentence says what came of it, or why it changed nothing; `code` is of a refusal. */
export const decided = async (
  receiver: ReceiverContext,
  asked: Asked,
  person: Answerer,
  decision: Decision,
): Promise<{ text: string; code?: RefusalCode }> => {
  const checked = await mayDecide(receiver, asked, { person, kind: decision.type });
  const attempt = { ...asked, person, attempt: attempts[decision.type] };
  const refused = async (refusal: Refusal) => {
    await noteRefusal(receiver, attempt, refusal);
    return { text: refusal.refused, code: refusal.code };
  };
  if ("refused" in checked) return refused(checked);
  const { seen, incident, approver } = checked;
  const unready = decision.type === "Approve" ? await notNow(receiver, incident) : undefined;
  if (unready !== undefined)
    return refused({ refused: `${unready}; your click changed nothing`, code: "limited" });
  const at = receiver.clock();
  const by = mention(person);
  const more =
    decision.type === "Approve"
      ? {
          vote: voteOf(approver, { at, by, door: person.door, ground: groundOf(incident) }),
          required: approver.required,
        }
      : { by };
  const { round, head } = asked;
  const command = { ...decision, ...more, at, round, head } as Command;
  const handled = await receiver.process.handle(asked.incident, command, seen);
  if (handled.events.length > 0) receiver.wake([asked.incident]);
  return { text: outcomeOf(handled, approver) };
};

const attempts = {
  ...{ Approve: "approve", Choose: "choose another remedy", Reject: "reject" },
  ...{ RuleOut: "rule the change out", Snooze: "snooze the question", LookAgain: "have it looked at again" },
} as const;

type Attempt = { incident: string; round: number; person: Somebody; attempt: string };

/** The refusal is a fact of the incident, or counted where it is none. */
export const noteRefusal = async (
  receiver: ReceiverContext,
  { incident, round, person, attempt }: Attempt,
  { refused, code, because }: Refusal,
): Promise<void> => {
  const detail = because === undefined ? refused : `${refused} (${because})`;
  const told = { by: mention(person), attempt, code, detail };
  const command: Command = { type: "RecordRefusal", at: receiver.clock(), round, ...told };
  const { events } = await receiver.process.handle(incident, command);
  if (events.length === 0) await receiver.leave([attempted(incident, told)]);
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

type Deciding = { person: Answerer; kind: Decision["type"] };
type Checked = { seen: Stored; incident: Questioned; approver: Approver };

/** The incident as read and the person with their groups, or why this person may not decide. */
export const mayDecide = async (
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
  if ("messageTs" in asked && (message?.channel !== asked.channel || message.ts !== asked.messageTs))
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
