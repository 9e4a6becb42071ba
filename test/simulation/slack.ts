import { UpstreamError } from "../../shared/errors.ts";
import type { Chat, View } from "../../shared/ports/chat.ts";
import type { WaitingDoor } from "./door.ts";

export type Posted = {
  channel: string;
  ts: string;
  view: View;
  isDeleted: boolean;
  /** Replies by marker, each time that one was posted. */
  replies: { marker: string; text: string; at: number }[];
};

export type Slack = ReturnType<typeof createSlack>;

export const createSlack = (clock: () => number) => {
  const messages = new Map<string, Posted>();
  const modals: { trigger: string; state: string }[] = [];
  const gone = new Set<string>();
  let count = 0;
  return {
    messages,
    modals,
    /** People who have left. */
    gone,
    whispers: [] as string[],
    pictures: 0,
    post: (channel: string, view: View): Posted => {
      count += 1;
      const made = {
        channel,
        ts: `${Math.floor(clock() / 1000)}.${count}`,
        view,
        isDeleted: false,
        replies: [],
      };
      messages.set(made.ts, made);
      return made;
    },
    clock,
  };
};

/** Receivers wait at least 1 s for Slack by a real timer; in virtual time they wait a little less, so that the timer never decides. */
const soonMs = 900;

/** Slack for one process of the product. Like the adapter, it reads before it posts. */
export const chatOf = (slack: Slack, door: WaitingDoor): Chat => {
  const call = <T>(name: string, work: () => T): Promise<T> => door.call("slack", name, work);
  const soon = <T>(name: string, work: () => T): Promise<T> => door.soon("slack", soonMs, call(name, work));
  const must = (ts: string): Posted => {
    const found = slack.messages.get(ts);
    if (found !== undefined && !found.isDeleted) return found;
    throw new UpstreamError("slack", `no message ${ts}`, { retryable: false, gone: true });
  };
  const update = (ts: string, view: View) =>
    call("update message", () => {
      must(ts).view = view;
    });
  return {
    post: async (channel, view) => {
      const known = await call("find message", () =>
        [...slack.messages.values()].find(
          (one) => !one.isDeleted && one.channel === channel && one.view.marker === view.marker,
        ),
      );
      if (known === undefined) {
        const { ts } = await call("post message", () => slack.post(channel, view));
        return { channel, ts };
      }
      await update(known.ts, view);
      return { channel, ts: known.ts };
    },
    update: ({ ts }, view) => update(ts, view),
    upload: () => call("upload a picture", () => `F${++slack.pictures}`),
    reply: async ({ ts }, notes) => {
      if (notes.length === 0) return;
      const known = await call("read thread", () => new Set(must(ts).replies.map(({ marker }) => marker)));
      for (const { marker, lines } of notes.filter((note) => !known.has(note.marker)))
        await call("reply", () => {
          const text = lines.map(({ label, text: line }) => `${label}: ${line}`).join("\n");
          must(ts).replies.push({ marker, text, at: slack.clock() });
        });
    },
    whisper: (_, user, text) => soon("whisper", () => void slack.whispers.push(`${user}: ${text}`)),
    askReason: (trigger, state) => soon("open modal", () => void slack.modals.push({ trigger, state })),
    listedAs: async (user) => user,
    standing: ({ id }) => soon("read user", () => (slack.gone.has(id) ? "deactivated" : "member")),
    isApprover: (user, approvers) => soon("read group", () => approvers.includes(user)),
    names: async (ids) => ids.map((id) => id.slice(1).toLowerCase()),
    linkTo: async ({ channel, ts }) => `http://slack.test/archives/${channel}/p${ts}`,
  };
};
