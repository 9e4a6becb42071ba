/** A person of the workspace. `approver` is only shown on the page; the user group decides. */
export type Person = {
  id: string;
  name: string;
  realName: string;
  note?: string;
  /** A guest, a bot, somebody of another organisation, or an account that is closed. */
  is?: "guest" | "bot" | "stranger" | "deactivated";
};
export type Group = { id: string; handle: string; users: string[] };
export type Channel = { id: string; name: string };
export type Json = Record<string, unknown>;

export type Message = {
  channel: string;
  ts: string;
  user: string;
  text: string;
  blocks?: Json[];
  metadata?: Json;
  threadTs?: string;
  /** A reply that is shown in the channel as well. */
  broadcast?: true;
  editedTs?: string;
  /** Only this person sees it. */
  onlyFor?: string;
};
/** A modal that is open for one person. `errors` are by block id, as the app answered them. */
export type View = {
  id: string;
  hash: string;
  user: string;
  view: Json;
  errors: Record<string, string>;
  notice?: string;
};

/** A picture of the app. `bytes`: once it was sent; `isComplete`: once the app said so. */
export type File = { id: string; length: number; alt: string; bytes?: Buffer; isComplete?: true };

export type Slack = {
  origin: string;
  clock: () => number;
  token: string;
  signingSecret: string;
  interactionsUrl(): string | undefined;
  team: { id: string; domain: string };
  bot: { user: string; botId: string; appId: string; name: string };
  people: Person[];
  groups: Group[];
  channels: Channel[];
  messages: Message[];
  views: View[];
  files: Map<string, File>;
  scopes: string[] | undefined;
  patienceMs: number;
  triggers: Map<string, { user: string; at: number; used: boolean }>;
  /** The message to which a `response_url` leads. */
  responses: Map<string, { channel: string; ts: string; user: string; left: number }>;
  /** Grows with every change, for the page. */
  version: number;
  nextTs(): string;
};

export type SlackOptions = {
  people?: Person[];
  groups?: Group[];
  channels?: Channel[];
  /** Those of the app's token, told with each answer. */
  scopes?: string[];
  /** The time for which it waits for the app's answer to a person, in place of Slack's own. */
  patienceMs?: number;
};

/** The time for which Slack waits for an app (docs: Handling user interaction). */
const patienceOfSlackMs = 3_000;

export const defaults = {
  people: [
    { id: "U0ANN", name: "ann", realName: "Ann", note: "approver" },
    { id: "U0BEN", name: "ben", realName: "Ben", note: "approver" },
    { id: "U0EVE", name: "eve", realName: "Eve", note: "not an approver" },
  ],
  groups: [{ id: "S0APPROVERS", handle: "approvers", users: ["U0ANN", "U0BEN"] }],
  channels: [
    { id: "C0OPS", name: "ops" },
    { id: "C0PAYMENTS", name: "payments" },
  ],
} satisfies SlackOptions;

type Given = SlackOptions & Pick<Slack, "origin" | "clock" | "token" | "signingSecret" | "interactionsUrl">;

export const newSlack = ({
  people,
  groups,
  channels,
  scopes,
  patienceMs = patienceOfSlackMs,
  ...given
}: Given): Slack => {
  let last = 0;
  return {
    ...given,
    patienceMs,
    team: { id: "T0SANDBOX", domain: "sandbox" },
    bot: { user: "U0COUNTERSTEER", botId: "B0COUNTERSTEER", appId: "A0COUNTERSTEER", name: "Countersteer" },
    people: people ?? defaults.people,
    groups: groups ?? defaults.groups,
    channels: channels ?? defaults.channels,
    messages: [],
    views: [],
    files: new Map(),
    scopes,
    triggers: new Map(),
    responses: new Map(),
    version: 1,
    nextTs() {
      last = Math.max(given.clock() * 1000, last + 1);
      return `${Math.floor(last / 1_000_000)}.${String(last % 1_000_000).padStart(6, "0")}`;
    },
  };
};

/** A stranger belongs to a workspace of their own. */
export const teamOf = ({ team }: Slack, { is }: Person): string =>
  is === "stranger" ? "T0ELSEWHERE" : team.id;

/** A ts as a number that orders: microseconds. */
export const order = (ts: string): bigint => {
  const [seconds = "0", micros = ""] = ts.split(".");
  return /^\d+$/.test(seconds + micros)
    ? BigInt(seconds) * 1_000_000n + BigInt(micros.padEnd(6, "0").slice(0, 6))
    : 0n;
};

export const channelOf = (slack: Slack, name: unknown): Channel | undefined =>
  slack.channels.find(
    (channel) => channel.id === name || channel.name === String(name ?? "").replace(/^#/, ""),
  );

/** A message as the API shows it. */
export const messageJson = (slack: Slack, message: Message, withMetadata = true): Json => {
  const replies = slack.messages.filter(
    (one) => one.threadTs === message.ts && one.channel === message.channel && !one.onlyFor,
  );
  const ours = message.user === slack.bot.user;
  return {
    type: "message",
    user: message.user,
    ts: message.ts,
    text: message.text,
    team: slack.team.id,
    ...(ours && { bot_id: slack.bot.botId, app_id: slack.bot.appId }),
    ...(message.blocks && { blocks: message.blocks }),
    ...(message.editedTs && { edited: { user: message.user, ts: message.editedTs } }),
    ...(message.metadata && withMetadata && { metadata: message.metadata }),
    ...(message.broadcast && { subtype: "thread_broadcast" }),
    ...(message.threadTs && { thread_ts: message.threadTs, parent_user_id: slack.bot.user }),
    ...(replies.length > 0 && {
      thread_ts: message.ts,
      reply_count: replies.length,
      reply_users_count: new Set(replies.map((reply) => reply.user)).size,
      latest_reply: replies.at(-1)!.ts,
    }),
  };
};
