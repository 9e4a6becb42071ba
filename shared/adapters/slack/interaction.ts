import { type infer as Infer, int, lazy, object, optional, string, type ZodType } from "zod";
import { BadRequest } from "../../errors.ts";

/** The person of a click: `team` is their own workspace. */
type Who = { user: string; userName?: string; team?: string };
/** The question that a button names, and where the button is. */
type Where = {
  channel: string;
  messageTs: string;
  incident: string;
  round: number;
  head: string;
  nonce?: string;
};

/** A person's click on one of our buttons, or their answer in our modal. */
export type Interaction =
  | ({ kind: "approve" | "reject"; triggerId: string } & Who & Where)
  /** It was not this one; wait a while; look once more. */
  | ({ kind: "rule-out" | "snooze" | "look" } & Who & Where)
  /** Another remedy instead of the one proposed: `choice` is its index among the diagnosis' remedies. */
  | ({ kind: "choose"; choice: number } & Who & Where)
  /** An escalated incident is to go on. */
  | ({ kind: "retry"; channel: string; incident: string; round: number } & Who)
  /** A draft is to bring back what was reverted. */
  | ({ kind: "reland"; channel: string; incident: string; round: number } & Who)
  | ({ kind: "reason"; state: string; reason: string; viewId: string } & Who)
  | { kind: "other" };

const id = string().min(1).max(255);
const user = object({
  id,
  username: optional(string()),
  name: optional(string()),
  team_id: optional(string()),
});
const click = object({
  user,
  trigger_id: id,
  container: object({ channel_id: id, message_ts: id }),
});
const action = object({
  action_id: string().regex(/^(approve|reject|retry|reland|rule-out|snooze|look|choose:\d+)$/),
  value: string().max(2000),
});
const value = object({
  incident: id,
  round: int().min(0),
  head: id,
  nonce: optional(id),
  choice: optional(int().min(0)),
});
const retried = lazy(() => object({ incident: id, round: int().min(0) }));
const submission = lazy(() =>
  object({
    user,
    view: object({
      id,
      private_metadata: string().max(3000),
      state: object({
        values: object({ reason: object({ reason: object({ value: string().max(3000) }) }) }),
      }),
    }),
  }),
);

/** Reads the form that Slack posts for an interaction. Throws BadRequest for what Slack would not send for our messages. */
export const parseInteraction = (body: Uint8Array): Interaction => {
  const payload = payloadOf(body);
  if (payload.type === "view_submission" && payload.view?.callback_id === "reject") {
    const { user, view } = read(submission, payload);
    const reason = view.state.values.reason.reason.value.trim();
    return { kind: "reason", ...who(user), state: view.private_metadata, reason, viewId: view.id };
  }
  if (payload.type !== "block_actions") return { kind: "other" };
  const pressed = action.safeParse(payload.actions?.[0]);
  if (!pressed.success) return { kind: "other" };
  const { user, trigger_id: triggerId, container } = read(click, payload);
  const { channel_id: channel, message_ts: messageTs } = container;
  const { action_id: pressedKind } = pressed.data;
  if (pressedKind === "retry" || pressedKind === "reland")
    return { kind: pressedKind, ...who(user), channel, ...read(retried, json(pressed.data.value)) };
  const { choice, nonce, ...question } = read(value, json(pressed.data.value));
  const where = { channel, messageTs, ...question, ...(nonce !== undefined && { nonce }) };
  const { action_id: kind } = pressed.data;
  if (kind === "approve" || kind === "reject") return { kind, ...who(user), ...where, triggerId };
  if (kind === "rule-out" || kind === "snooze" || kind === "look") return { kind, ...who(user), ...where };
  if (choice === undefined) throw new BadRequest(400, "payload: value.choice is missing");
  return { kind: "choose", ...who(user), ...where, choice };
};

type Payload = { type?: unknown; view?: { callback_id?: unknown }; actions?: unknown[] };

const payloadOf = (body: Uint8Array): Payload => {
  const text = new URLSearchParams(Buffer.from(body).toString("utf8")).get("payload");
  if (text === null) throw new BadRequest(400, "no payload in the form");
  const payload = json(text);
  if (typeof payload !== "object" || payload === null) throw new BadRequest(400, "payload: not an object");
  return payload;
};

const json = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadRequest(400, "payload: not JSON");
  }
};

const read = <T>(schema: ZodType<T>, input: unknown): T => {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new BadRequest(400, `payload: ${parsed.error.issues[0]?.path.join(".")} is malformed`);
};

const who = ({ id, username, name, team_id: team }: Infer<typeof user>): Who => {
  const userName = username ?? name;
  return { user: id, ...(userName !== undefined && { userName }), ...(team !== undefined && { team }) };
};
