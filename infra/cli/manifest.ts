import { runCommand, standardIo } from "../host/command.ts";
import { UsageError } from "../host/errors.ts";
import { githubManifest, slackManifest } from "../host/manifests.ts";
import { readConfig } from "../host/settings/settings.ts";

const help = `usage: npm run --silent cli -- manifest github|slack [--url URL] [--config FILE]

Prints the manifest of the GitHub App or of the Slack app, with the permissions and events that your configuration needs and no others.
  github  JSON for https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
  slack   JSON for https://api.slack.com/apps?new_app=1, From a manifest
  --url URL      the public address of the server; default: baseUrl of the configuration
  --config FILE  the configuration; default: COUNTERSTEER_CONFIG. Without one, what every configuration needs is printed

It writes nothing anywhere. Exit codes: 0 printed, 1 the configuration cannot be read, 2 wrong usage.`;

type Env = Record<string, string | undefined>;

/** `manifest`: the two apps as their makers read them. */
export const manifest = (argv: string[], io = standardIo(), env: Env = process.env): Promise<number> =>
  runCommand(
    {
      name: "manifest",
      help,
      options: { url: { type: "string" }, config: { type: "string" } },
      positionals: true,
    },
    { argv, io },
    ({ values, positionals: [kind, ...more] }) => {
      if ((kind !== "github" && kind !== "slack") || more.length > 0)
        throw new UsageError("give github or slack");
      const file = values.config ?? env.COUNTERSTEER_CONFIG;
      const config = file === undefined ? { services: [] } : readConfig(file);
      const url = addressOf(values.url ?? config.baseUrl);
      const made = kind === "github" ? githubManifest(config, url) : slackManifest(url);
      io.out(`${JSON.stringify(made, null, 2)}\n`);
      return 0;
    },
  );

const addressOf = (given: string | undefined): string => {
  const url = given === undefined ? undefined : URL.parse(given);
  if (url === undefined) throw new UsageError("give --url, the public address of the server");
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new UsageError(`--url is a web address, not ${given}`);
  return url.href.replace(/\/$/, "");
};
