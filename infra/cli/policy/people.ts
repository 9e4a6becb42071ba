import type { Accounts } from "../../../shared/ports/accounts.ts";
import type { Chat } from "../../../shared/ports/chat.ts";

export const accountKinds = ["member", "guest", "bot", "stranger", "unknown"] as const;
type Kind = (typeof accountKinds)[number];

/** Slack and GitHub as the file describes them. */
export const peopleOf = (members: Record<string, string[]>, kinds: Map<string, Kind>) => {
  const isIn = (list: string, person: string): boolean =>
    (members[list] ?? []).some((one) => one.toLowerCase() === person.toLowerCase());
  const chat: Pick<Chat, "standing" | "isApprover" | "listedAs"> = {
    standing: async ({ id }) => kinds.get(id) ?? "member",
    isApprover: async (user, approvers) => approvers.some((one) => one === user || isIn(one, user)),
    listedAs: async (user) => user,
  };
  const accounts: Pick<Accounts, "isMember"> = {
    isMember: async ({ org, slug }, login) => isIn(`github:team/${org}/${slug}`, login),
  };
  return { chat, accounts };
};
