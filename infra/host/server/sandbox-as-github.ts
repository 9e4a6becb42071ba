import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../../shared/config.ts";
import { messageOf } from "../../../shared/errors.ts";
import type { Log } from "../../../shared/ports/log.ts";
import { startSandbox } from "../../sandbox/index.ts";
import { ConfigurationError } from "../errors.ts";
import { git } from "../git.ts";
import type { Settings } from "../settings/settings.ts";

type Wanted = Pick<Settings, "dataDir" | "secrets">;

/** Starts the sandbox as GitHub and Slack, with an empty repository for each configured one. Secrets of the environment win. */
export const startSandboxUpstreams = async (config: Config, { dataDir, secrets }: Wanted, log: Log) => {
  const sandbox = await startSandbox({
    repos: await emptyRepositories(config, dataDir),
    secrets: {
      ...(secrets.github !== undefined && { webhookSecret: secrets.github }),
      ...(secrets.slack !== undefined && { slackSigningSecret: secrets.slack }),
    },
  });
  log.warn("no credentials are set: the sandbox plays GitHub and Slack", {
    pages: sandbox.url,
    github: sandbox.github,
  });
  return {
    real: {
      github: { apiUrl: sandbox.github, token: sandbox.token },
      slack: { apiUrl: sandbox.slack, token: sandbox.slackToken },
    } satisfies Settings["real"],
    secrets: { ...secrets, github: sandbox.webhookSecret, slack: sandbox.slackSigningSecret },
    connect: (url: string): void =>
      sandbox.connect({
        webhook: { url: `${url}/webhooks/github`, secret: sandbox.webhookSecret },
        slackInteractions: { url: `${url}/slack/interactions` },
      }),
    stop: () => sandbox.close(),
  };
};

const emptyRepositories = async ({ services }: Config, dataDir: string): Promise<Record<string, string>> => {
  const names = new Set(
    services.flatMap(({ repository, gitops = [] }) => [
      repository,
      ...gitops.map((place) => place.repository),
    ]),
  );
  const paths = [...names].map(
    async (name): Promise<[string, string]> => [
      name,
      await emptyRepository(join(dataDir, "sandbox", `${name}.git`)),
    ],
  );
  return Object.fromEntries(await Promise.all(paths));
};

const emptyRepository = async (path: string): Promise<string> => {
  if (existsSync(path)) return path;
  mkdirSync(path, { recursive: true });
  try {
    await git(path, ["init", "--quiet", "--bare", "--initial-branch=main"]);
    return path;
  } catch (error) {
    throw new ConfigurationError(`the sandbox cannot make its repository ${path}: ${messageOf(error)}`);
  }
};
