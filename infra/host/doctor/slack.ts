import type { WebClient } from "@slack/web-api";
import { type Finding, failed, ok, orFailed, warning } from "../../../functions/ready/finding.ts";
import { call, connect, type Slack } from "../../../shared/adapters/slack/api.ts";
import { scopes } from "../../../shared/adapters/slack/scopes.ts";
import type { Configured } from "../../../shared/config.ts";
import { messageOf, UpstreamError } from "../../../shared/errors.ts";
import { recordOf } from "../../../shared/records.ts";

/** Whether Slack takes our messages in every channel, and knows every approver and every user who is on call. */
export const checkSlack = async (client: WebClient, services: Configured[]): Promise<Finding[]> => {
  const app = connect(client);
  const self = await orFailed("slack", "check SLACK_BOT_TOKEN: the bot token begins with xoxb-", async () => {
    const { response_metadata: told } = await app.self();
    return [ok("slack", "answers"), ...missingScopes(told?.scopes)];
  });
  if (self.some(({ level }) => level === "failed")) return self;
  const channels = [...new Set(services.map(({ channel }) => channel))];
  const ids = [...new Set(services.flatMap(idsOf))];
  const found: Finding[] = [];
  for (const channel of channels) found.push(await checkChannel(app, channel));
  for (const id of ids) found.push(...(await checkId(app, id)));
  return [...self, ...found];
};

/** Slack tells the scopes of the token with each answer. */
const missingScopes = (granted: string[] | undefined): Finding[] => {
  if (granted === undefined) return [];
  return scopes
    .filter(({ name }) => !granted.includes(name))
    .map(({ name, purpose, isNeeded }) => {
      const text = `the token lacks the scope ${name}: ${purpose}`;
      const todo = `add it to the app and install the app again (docs/connect-slack.md)`;
      return isNeeded ? failed("slack", text, todo) : warning("slack", text, todo);
    });
};

const idsOf = ({ approvers, policy }: Configured): string[] =>
  [...approvers, ...(policy.oncall ?? [])].filter((id) => /^[UWS][A-Z0-9]+$/.test(id));

/** Reading needs the membership that posting needs, and says nothing in the channel. */
const checkChannel = async (app: Slack, channel: string): Promise<Finding> => {
  const about = `slack ${channel}`;
  try {
    await call(app, "conversations.history", { where: `of ${channel}`, channel, limit: 1 });
    return ok(about, "can be read and written");
  } catch (error) {
    const message = messageOf(error);
    const isLeftOut = /not_in_channel|channel_not_found/.test(message);
    return failed(
      about,
      isLeftOut ? "the bot is not in this channel" : message,
      isLeftOut
        ? "invite it there: /invite @countersteer; or mend the id"
        : "see docs/connect-slack.md for the scopes",
    );
  }
};

const checkId = async (app: Slack, id: string): Promise<Finding[]> => {
  const isGroup = id.startsWith("S");
  const { method, args } = isGroup
    ? { method: "usergroups.users.list", args: { usergroup: id } }
    : { method: "users.info", args: { user: id } };
  try {
    const { users, user } = await call(app, method, { where: `of ${id}`, ...args });
    if (isGroup && Array.isArray(users) && users.length === 0)
      return [
        failed(`slack ${id}`, "the user group is empty: nobody could approve", "add its people in Slack"),
      ];
    const isGone = recordOf(user).deleted === true;
    return isGone ? [failed(`slack ${id}`, "the account is deactivated", "name another person")] : [];
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    return [failed(`slack ${id}`, error.message, "mend the id, or add the scope (docs/connect-slack.md)")];
  }
};
