import type { Chat } from "../../../shared/ports/chat.ts";
import { hear } from "../hear.ts";
import type { Holder } from "./state.ts";

export const chatOf = ({ state, trap }: Holder): Chat => ({
  async post(channel, view) {
    hear(view);
    trap("post");
    const known = [...state.messages].find(([, posted]) => posted.marker === view.marker);
    const ts = known?.[0] ?? `${++state.posted}.0`;
    state.messages.set(ts, view);
    trap("post after it was applied");
    return { channel, ts };
  },
  async update({ ts }, view) {
    hear(view);
    trap("update");
    state.messages.set(ts, view);
  },
  async upload(picture) {
    trap("upload");
    return `F${state.pictures.push(picture)}`;
  },
  async reply(_, notes) {
    for (const { lines } of notes) hear({ lines });
    for (const { marker, lines } of notes)
      state.replies.set(marker, lines.map(({ label, text }) => `${label}: ${text}`).join("\n"));
  },
  async whisper(_, user, text) {
    state.whispers.push(`${user}: ${text}`);
  },
  async askReason() {},
  async listedAs(user) {
    trap("listedAs");
    return state.listedAs[user] ?? user;
  },
  async standing({ id }) {
    trap("standing");
    return state.standings[id] ?? "member";
  },
  async isApprover(user, approvers) {
    trap("isApprover");
    return approvers.some((one) => one === user || state.groups[one]?.includes(user));
  },
  async names(ids) {
    return ids.map((id) => id.slice(1).toLowerCase());
  },
  async linkTo({ channel, ts }) {
    return `http://slack.test/archives/${channel}/p${ts}`;
  },
});
