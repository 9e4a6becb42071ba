import { boolean, object, optional, string } from "zod";
import type { AccountKind, ChatUser } from "../../ports/chat.ts";
import { call, codeOf, type Slack } from "./api.ts";

const shown = object({
  id: optional(string()),
  team_id: optional(string()),
  deleted: optional(boolean()),
  is_bot: optional(boolean()),
  is_restricted: optional(boolean()),
  is_ultra_restricted: optional(boolean()),
  is_stranger: optional(boolean()),
  enterprise_user: optional(object({ id: optional(string()), enterprise_id: optional(string()) })),
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
  if (typeof user === "string")
    return team !== undefined && team !== self.team_id && !isOfOrganisation(id) ? "stranger" : user;
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

/** An id that begins with W is of an Enterprise Grid organisation, whatever workspace its person comes from. */
const isOfOrganisation = (id: string): boolean => id.startsWith("W");

/** An account has one or two ids: https://docs.slack.dev/enterprise/developing-for-enterprise-orgs#user-ids */
export const listedAs = async (app: Slack, id: string, listed: string[]): Promise<string> => {
  const users = listed.filter((one) => /^[UW]/.test(one));
  if (users.includes(id) || users.length === 0) return id;
  const { enterprise_id } = own.parse(await app.self());
  if (enterprise_id === undefined && ![id, ...users].some(isOfOrganisation)) return id;
  const theirs = await idsOf(app, id);
  const known = users.find((one) => theirs.includes(one));
  if (known !== undefined) return known;
  const others = await Promise.all(users.slice(0, mostRead).map((one) => idsOf(app, one)));
  return users.find((_, index) => others[index]?.some((one) => theirs.includes(one))) ?? id;
};

/** Slack waits 3 s for the answer to a click. */
const mostRead = 20;

const idsOf = async (app: Slack, id: string): Promise<string[]> => {
  const user = await readUser(app, id);
  if (typeof user === "string") return [id];
  return [id, user.id, user.enterprise_user?.id].filter((one) => one !== undefined);
};

const readUser = async (app: Slack, user: string): Promise<User | "unseen" | "unknown"> => {
  try {
    return shown.parse((await call(app, "users.info", { where: `of ${user}`, user })).user);
  } catch (error) {
    const code = codeOf(error) ?? "";
    if (invisible.has(code)) return "unseen";
    if (unreadable.has(code)) return "unknown";
    throw error;
  }
};
