/** The bot scopes of the Slack app, and what each is for. `isNeeded`: without it no question is asked. */
export const scopes: { name: string; purpose: string; isNeeded?: true }[] = [
  { name: "chat:write", purpose: "the question, its updates, the thread", isNeeded: true },
  { name: "channels:history", purpose: "its own message is found again after a crash", isNeeded: true },
  { name: "groups:history", purpose: "the same in private channels" },
  { name: "commands", purpose: "/countersteer" },
  { name: "files:write", purpose: "the chart of the alert in the message" },
  { name: "usergroups:read", purpose: "approvers that are user groups" },
  { name: "users:read", purpose: "whether an approver is a guest or a bot, and names" },
];
