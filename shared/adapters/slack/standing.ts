import { boolean, object, optional, string } from "zod";
import type { AccountKind, ChatUser } from "../../ports/chat.ts";
import { call, codeOf, type Slack } from "./api.ts";

const shown = object({
  team_id: optional(string()),
  deleted: optional(boolean()),
  is_bot: optional(boolean()),
  is_restricted: optional(boolean()),
  is_ultra_restricted: optional(boolean()),
  is_stranger: optional(boolean()),
  enterprise_user: optional(object({ enterprise_id: optional(string()) })),
});
const own = object({ team_id: optional(string()), enterprise_id: optional(string()) });
type User = ReturnType<typeof shown.parse>;
type Own = ReturnType<typeof own.parse>;

/**
 * The kind of an account, by the team of the signed payload and Slack's record of the user:
 * https://docs.slack.dev/reference/objects/user-object
 */
export const standing = async (app: Slack, { id, team }: ChatUser): Promise<AccountKind> => {
  const [self, user] = await Promise.all([app.self().then((answer) => own.parse(answer)), readUser(app, id)]);
  if (typeof user === "string") return team !== undefined && team !== self.team_id ? "stranger" : user;
  if (user.is_stranger || !isOfUs(user, team, self)) return "stranger";
  if (user.is_bot || id === "USLACKBOT") return "bot";
  if (user.is_restricted || user.is_ultra_restricted) return "guest";
  return user.deleted ? "deactivated" : "member";
};

/** Whether the account belongs to this workspace, or to another one of the same enterprise. */
const isOfUs = ({ team_id, enterprise_user }: User, team: string | undefined, self: Own): boolean => {
  const enterprise = enterprise_user?.enterprise_id;
  if (enterprise !== undefined && enterprise === self.enterprise_id) return true;
  return [team, team_id].every((one) => one === undefined || one === self.team_id);
};

/** Errors of an app whose token lacks the scope, and of a server that does not know the method. */
const unreadable = new Set(["missing_scope", "no_permission", "unknown_method"]);
const invisible = new Set(["user_not_found", "user_not_visible"]);

const readUser = async (app: Slack, user: string): Promise<User | "stranger" | "unknown"> => {
  try {
    return shown.parse((await call(app, "users.info", { where: `of ${user}`, user })).user);
  } catch (error) {
    const code = codeOf(error) ?? "";
    if (invisible.has(code)) return "stranger";
    if (unreadable.has(code)) return "unknown";
    throw error;
  }
};
