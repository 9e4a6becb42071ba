import { Hono } from "hono";
import { postEphemeral, postMessage, update } from "./chat.ts";
import { history, replies } from "./conversations.ts";
import { completeUpload, uploadUrl } from "./files.ts";
import { failed, type Method } from "./method.ts";
import { type Json, type Slack, teamOf } from "./state.ts";
import { openView } from "./views.ts";

const methods: Record<string, Method> = {
  "auth.test": ({ origin, team, bot }) => ({
    ok: true,
    url: `${origin}/slack`,
    team: team.domain,
    user: bot.name.toLowerCase(),
    team_id: team.id,
    user_id: bot.user,
    bot_id: bot.botId,
  }),
  "chat.postMessage": postMessage,
  "chat.update": update,
  "chat.postEphemeral": postEphemeral,
  "conversations.history": history,
  "conversations.replies": replies,
  "conversations.info": (slack, args) => {
    const channel = slack.channels.find(({ id }) => id === args.channel);
    if (!channel) return failed("channel_not_found");
    return {
      ok: true,
      channel: { ...channel, is_channel: true, is_private: false, is_archived: false, is_member: true },
    };
  },
  "views.open": openView,
  "files.getUploadURLExternal": uploadUrl,
  "files.completeUploadExternal": completeUpload,
  "usergroups.users.list": (slack, args) => {
    const group = slack.groups.find(({ id }) => id === args.usergroup);
    return group ? { ok: true, users: group.users } : failed("no_such_subteam");
  },
  "usergroups.list": ({ groups }) => ({
    ok: true,
    usergroups: groups.map(({ id, handle }) => ({ id, handle, name: handle })),
  }),
  "users.info": (slack, args) => {
    const person = slack.people.find(({ id }) => id === args.user);
    if (!person) return failed("user_not_found");
    const { id, name, realName, is } = person;
    const profile = { display_name: name, real_name: realName, email: `${name}@example.com` };
    return {
      ok: true,
      user: {
        ...{ id, team_id: teamOf(slack, person), name, real_name: realName, profile },
        ...{ deleted: is === "deactivated", is_bot: is === "bot", is_restricted: is === "guest" },
        ...{ is_ultra_restricted: false, is_stranger: is === "stranger" },
      },
    };
  },
};
const changing = /^(chat|views)\./;

/** Arguments come as JSON or as a form, where objects are JSON texts. */
const argsOf = async (request: Request): Promise<Json> => {
  const body = await request.text();
  if (request.headers.get("Content-Type")?.startsWith("application/json")) return JSON.parse(body || "{}");
  const args: Json = Object.fromEntries(new URLSearchParams(body));
  for (const key of ["blocks", "metadata", "view", "files"])
    if (typeof args[key] === "string") args[key] = JSON.parse(args[key]);
  return args;
};

/** Slack's Web API, to be mounted under `/slack/api`: 200 whatever happens, the error is in the body. */
export const slackApi = (slack: Slack, log: (line: string) => void): Hono => {
  const app = new Hono();
  app.on(["GET", "POST"], "/:method", async (c) => {
    const name = c.req.param("method");
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
    if (!method) log(`sandbox has no Slack method ${name}`);
    if (!method) return c.json(failed("unknown_method", { req_method: name }));
    let args: Json;
    try {
      args = c.req.method === "GET" ? c.req.query() : await argsOf(c.req.raw);
    } catch {
      return c.json(
        failed(
          c.req.header("Content-Type")?.startsWith("application/json")
            ? "invalid_json"
            : "invalid_blocks_format",
        ),
      );
    }
    const token = /^Bearer (.+)$/.exec(c.req.header("Authorization") ?? "")?.[1] ?? args.token;
    if (token === undefined) return c.json(failed("not_authed"));
    if (token !== slack.token) return c.json(failed("invalid_auth"));
    if (slack.scopes !== undefined) c.header("X-OAuth-Scopes", slack.scopes.join(","));
    const answer = method(slack, args);
    if (answer.ok && changing.test(name)) slack.version += 1;
    return c.json(answer);
  });
  return app;
};
