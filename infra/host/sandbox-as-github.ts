import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../shared/config.ts";
import type { Log } from "../../shared/ports/log.ts";
import { startSandbox } from "../sandbox/index.ts";
import { git } from "./git.ts";
import { ConfigurationError, type Settings } from "./settings.ts";

/** The sandbox in the place of GitHub and Slack, for a server started without credentials: an empty repository for each one configured. */
export const startSandboxUpstreams = async (config: Config, dataDir: string, log: Log) => {
  const names = [
    ...new Set(
      config.services.flatMap(({ repository, gitops }) => [repository, gitops?.repository ?? repository]),
    ),
  ];
  const repos = Object.fromEntries(
    await Promise.all(
      names.map(async (name) => [name, await bare(join(dataDir, "sandbox", `${name}.git`))] as const),
    ),
  );
  const sandbox = await startSandbox({ repos });
  log.warn("no credentials are set: the sandbox plays GitHub and Slack", {
    pages: sandbox.url,
    github: sandbox.github,
  });
  return {
    real: {
      github: { apiUrl: sandbox.github, token: sandbox.token },
      slack: { apiUrl: sandbox.slack, token: sandbox.slackToken },
    } satisfies Settings["real"],
    secrets: { github: sandbox.webhookSecret, slack: sandbox.slackSigningSecret },
    connect: (url: string): void =>
      sandbox.connect({
        webhook: { url: `${url}/webhooks/github`, secret: sandbox.webhookSecret },
        slackInteractions: { url: `${url}/slack/interactions` },
      }),
    stop: () => sandbox.close(),
  };
};

const bare = async (path: string): Promise<string> => {
  if (existsSync(path)) return path;
  mkdirSync(path, { recursive: true });
  try {
    await git(path, ["init", "--quiet", "--bare", "--initial-branch=main", "--", path]);
    return path;
  } catch (error) {
    throw new ConfigurationError(
      `the sandbox cannot make its repository ${path}: ${(error as Error).message}`,
    );
  }
};
