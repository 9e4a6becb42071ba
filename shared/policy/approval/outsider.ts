import type { AccountKind } from "../../ports/chat.ts";

const never: Partial<Record<AccountKind, string>> = {
  guest: "guests never decide",
  bot: "bots never decide",
  stranger: "people of another Slack organisation never decide",
  unseen:
    "Slack does not show your account to this app, so it is not known whether you are of this organisation; another approver may decide, or list the id that your Slack profile shows",
  deactivated: "this Slack account is deactivated",
};

/** Why a person may not decide, whatever the lists say. */
export const outsider = (standing: AccountKind): string | undefined => never[standing];

/** The reason why only people that the configuration names one by one are trusted. */
export const unknownStanding = "the Slack app lacks the scope users:read, so it is not known who is a guest";
