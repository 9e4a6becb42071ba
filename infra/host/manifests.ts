import { scopes } from "../../shared/adapters/slack/scopes.ts";
import { eventsOf, type Needing, permissionsOf } from "./doctor/permissions.ts";

/** The GitHub App as GitHub reads it: https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest */
export const githubManifest = (config: Needing, url: string) => ({
  name: "Countersteer",
  url,
  hook_attributes: { url: `${url}/webhooks/github`, active: true },
  redirect_url: url,
  public: false,
  default_permissions: Object.fromEntries(permissionsOf(config).map(({ name, level }) => [name, level])),
  default_events: eventsOf(config),
});

/** The Slack app as Slack reads it: https://docs.slack.dev/reference/app-manifest */
export const slackManifest = (url: string) => ({
  display_information: { name: "Countersteer" },
  features: {
    bot_user: { display_name: "countersteer", always_online: true },
    slash_commands: [
      {
        command: "/countersteer",
        description: "Ask about incidents, or stop Countersteer and start it again",
        usage_hint: "status | why SERVICE | retry SERVICE | reland SERVICE | stop WHY | start",
        url: `${url}/slack/commands`,
      },
    ],
  },
  oauth_config: { scopes: { bot: scopes.map(({ name }) => name) } },
  settings: { interactivity: { is_enabled: true, request_url: `${url}/slack/interactions` } },
});
