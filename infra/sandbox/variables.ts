import type { Sandbox } from "./index.ts";

/** The variables that point a server at the sandbox, as at GitHub and Slack. */
export const sandboxVariables = (sandbox: Sandbox): Record<string, string> => ({
  GITHUB_API_URL: sandbox.github,
  GITHUB_TOKEN: sandbox.token,
  GITHUB_WEBHOOK_SECRET: sandbox.webhookSecret,
  SLACK_API_URL: sandbox.slack,
  SLACK_BOT_TOKEN: sandbox.slackToken,
  SLACK_SIGNING_SECRET: sandbox.slackSigningSecret,
});
