import type { Context } from "hono";
import { number, object, string } from "zod";
import { toJson } from "../shared/adapters/http/json.ts";
import { readBody } from "../shared/adapters/http/request-body.ts";
import { verifySlack } from "../shared/adapters/http/signature.ts";
import { type Interaction, parseInteraction } from "../shared/adapters/slack/interaction.ts";
import { BadRequest, UpstreamError } from "../shared/errors.ts";
import type { Incident } from "../shared/incident/model.ts";
import { span } from "../shared/telemetry.ts";
import { caps, type Doors, serviceNamed } from "./http/context.ts";

type Click = Extract<Interaction, { kind: "approve" | "reject" }>;
type Choice = Extract<Interaction, { kind: "choose" }>;
type Answer = Extract<Interaction, { kind: "reason" }>;
/** What a button was about; carried through the modal as its state. */
type Question = { incident: string; round: number; head: string; channel: string };

/** `POST /slack/interactions`: signed. Acknowledged once the decision is durable; who may not, or comes late, is told privately. */
export const answers =
  (doors: Doors) =>
  async (context: Context): Promise<Response> => {
    const body = await readBody(context.req.raw, caps.slack);
    const timestamp = context.req.header("x-slack-request-timestamp");
    const signature = context.req.header("x-slack-signature");
    if (!verifySlack({ secret: doors.secrets.slack, timestamp, signature, body, now: doors.clock() }))
      throw new BadRequest(401, "the Slack request's signature does not match, or it is more than 300 s old");
    const interaction = parseInteraction(body);
    await span("answers", { attributes: { "slack.interaction": interaction.kind } }, () =>
      answer(doors, interaction),
    );
    return context.body(null, 200);
  };

const answer = async (doors: Doors, interaction: Interaction): Promise<void> => {
  if (interaction.kind === "approve") return approve(doors, interaction);
  if (interaction.kind === "reject") return askWhy(doors, interaction);
  if (interaction.kind === "choose") return choose(doors, interaction);
  if (interaction.kind === "reason") return reject(doors, interaction);
};

const approve = async (doors: Doors, click: Click): Promise<void> => {
  const refusal = await refused(doors, click, click.user);
  if (refusal !== undefined) return whisper(doors, click.channel, click.user, refusal);
  const { round, head } = click;
  const { events, incident } = await doors.process.handle(click.incident, {
    ...{ type: "Approve", at: doors.clock(), round, head },
    by: mention(click),
  });
  if (events.length === 0) return whisper(doors, click.channel, click.user, late(incident));
  doors.wake([click.incident]);
};

const choose = async (doors: Doors, click: Choice): Promise<void> => {
  const refusal = await refused(doors, click, click.user);
  if (refusal !== undefined) return whisper(doors, click.channel, click.user, refusal);
  const { round, head, choice } = click;
  const { events, incident } = await doors.process.handle(click.incident, {
    ...{ type: "Choose", at: doors.clock(), round, head, choice },
    by: mention(click),
  });
  if (events.length === 0) return whisper(doors, click.channel, click.user, late(incident));
  doors.wake([click.incident]);
};

/** The modal must open within 3 s of the click; nothing is decided yet, so nothing needs to be stored. */
const askWhy = async (doors: Doors, click: Click): Promise<void> => {
  const refusal = await refused(doors, click, click.user);
  if (refusal !== undefined) return whisper(doors, click.channel, click.user, refusal);
  const { incident, round, head, channel } = click;
  const question: Question = { incident, round, head, channel };
  await within(
    modalMs,
    doors.chat.askReason(click.triggerId, JSON.stringify(question), "Reject the pull request"),
  );
};

const reject = async (doors: Doors, answer: Answer): Promise<void> => {
  const question = asked(answer.state);
  const refusal = await refused(doors, question, answer.user);
  if (refusal !== undefined) return whisper(doors, question.channel, answer.user, refusal);
  const { round, head } = question;
  const { events, incident } = await doors.process.handle(question.incident, {
    ...{ type: "Reject", at: doors.clock(), round, head },
    ...{ by: mention(answer), detail: answer.reason },
  });
  if (events.length === 0) return whisper(doors, question.channel, answer.user, late(incident));
  doors.wake([question.incident]);
};

const state = object({ incident: string(), round: number(), head: string(), channel: string() });
const asked = (text: string): Question => {
  const parsed = state.safeParse(toJson(new TextEncoder().encode(text)));
  if (!parsed.success) throw new BadRequest(400, "the modal's state is not ours");
  return parsed.data;
};

/** Why this person may not decide this, or undefined. A look-up that fails refuses. */
const refused = async (
  { store, chat, config, clock, log }: Doors,
  question: Omit<Question, "channel">,
  user: string,
): Promise<string | undefined> => {
  const { incident } = await store.load(question.incident);
  const service = serviceNamed(config, incident.service);
  if (service === undefined) return "this service is no longer configured; nothing was changed";
  if (
    incident.status !== "proposed" ||
    incident.round !== question.round ||
    incident.pull.head !== question.head ||
    clock() >= incident.due
  )
    return late(incident);
  try {
    if (await within(lookUpMs, chat.isApprover(user, service.approvers))) return undefined;
  } catch (error) {
    log.warn("approver look-up failed", { incident: incident.id, user, error });
    return "it could not be checked whether you may decide this; nothing was changed, please try again";
  }
  log.warn("decision refused", { incident: incident.id, user });
  return `you are not an approver of ${service.name}; nothing was changed`;
};

const late = (incident: Incident): string => {
  const now = incident.status === "closed" ? `closed (${incident.outcome})` : incident.status;
  return `this question is no longer open: the incident is ${now}; your click changed nothing`;
};

const mention = ({ user, userName }: { user: string; userName?: string }): string =>
  userName === undefined ? user : `${userName} (${user})`;

/** Slack waits 3 s for the acknowledgement: https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response */
const lookUpMs = 1_500;
const modalMs = 2_500;
const whisperMs = 1_000;

const within = async <T>(ms: number, work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new UpstreamError("slack", `no answer within ${ms} ms`, { retryable: true })),
      ms,
    );
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
};

/** A private answer is a kindness: that it fails changes nothing. */
const whisper = ({ chat, log }: Doors, channel: string, user: string, text: string): Promise<void> =>
  within(whisperMs, chat.whisper(channel, user, text)).catch((error: unknown) =>
    log.warn("private answer failed", { channel, user, error }),
  );
