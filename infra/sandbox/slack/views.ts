import { randomBytes } from "node:crypto";
import { checkView } from "./blocks.ts";
import { failed, type Method, malformed, string, withIds } from "./method.ts";
import type { Json, Slack, View } from "./state.ts";

/** The time in which a trigger may be exchanged for a view. */
const triggerMs = 3_000;

export const openView: Method = (slack, args) => {
  if (typeof args.view !== "object" || args.view === null)
    return failed("invalid_arguments", {
      response_metadata: { messages: ["[ERROR] missing required field: view"] },
    });
  const problems = checkView(args.view);
  if (problems.length > 0) return malformed("invalid_arguments", problems);
  const trigger = slack.triggers.get(string(args.trigger_id));
  if (!trigger) return failed("invalid_trigger_id");
  if (trigger.used) return failed("exchanged_trigger_id");
  if (slack.clock() - trigger.at > triggerMs) return failed("expired_trigger_id");
  trigger.used = true;
  const id = `V${randomBytes(5).toString("hex").toUpperCase()}`;
  const given = args.view as Json;
  const view = {
    private_metadata: "",
    callback_id: "",
    external_id: "",
    ...given,
    blocks: withIds(given.blocks as Json[]),
  };
  const opened = { id, hash: `${slack.nextTs()}`, user: trigger.user, view, errors: {} };
  slack.views.push(opened);
  const { team, bot } = slack;
  return {
    ok: true,
    view: {
      id,
      team_id: team.id,
      ...view,
      hash: opened.hash,
      root_view_id: id,
      app_id: bot.appId,
      bot_id: bot.botId,
    },
  };
};

/** The entered values in the shape of `view.state.values`. */
export const stateOf = (view: View, values: Record<string, string>): Json =>
  Object.fromEntries(
    (view.view.blocks as Json[])
      .filter((block) => block.type === "input")
      .map(({ block_id, element }) => {
        const { action_id = "input" } = element as Json;
        return [
          block_id,
          { [String(action_id)]: { type: "plain_text_input", value: values[String(block_id)] || null } },
        ];
      }),
  );

export const closeView = (slack: Slack, view: View): void => {
  slack.views = slack.views.filter((one) => one !== view);
  slack.version += 1;
};

/** Does with a submitted modal what the app answered: close it, renew it, or show what is wrong. */
export const applyAnswer = (
  slack: Slack,
  view: View,
  { status, body }: { status: number; body: string },
): void => {
  view.errors = {};
  delete view.notice;
  const trouble = "We had some trouble connecting. Try again?";
  if (status < 200 || status > 299) {
    view.notice = trouble;
    return;
  }
  try {
    const { response_action, errors, view: next } = JSON.parse(body.trim() || "{}");
    if (response_action === "errors") view.errors = errors;
    if (response_action === "clear") closeView(slack, view);
    if (response_action === "update")
      Object.assign(view, { view: { ...next, blocks: withIds(next.blocks) }, hash: slack.nextTs() });
    if (response_action === undefined) closeView(slack, view);
  } catch {
    view.notice = trouble;
  }
};
