import { accessSync, constants, existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type GithubClient, githubClient } from "../../../shared/adapters/github/api/client.ts";
import { prometheusApi } from "../../../shared/adapters/prometheus/api.ts";
import { slackClient } from "../../../shared/adapters/slack/client.ts";
import { checkSpace } from "../../../shared/adapters/sqlite/files.ts";
import type { Config, Configured } from "../../../shared/config.ts";
import { messageOf } from "../../../shared/errors.ts";
import { counted } from "../../../shared/text/format.ts";
import { checkSignIn, checkVisibility } from "../../host/access/access.ts";
import { runCommand, standardIo } from "../../host/command.ts";
import { readSettings, readWithAdvice, type Settings } from "../../host/settings/settings.ts";
import { checkDeployers } from "./deployers.ts";
import { type Finding, failed, lineOf, ok, warning } from "./finding.ts";
import { checkGithub } from "./github.ts";
import { checkGrafana } from "./grafana.ts";
import { checkIssuer } from "./issuer.ts";
import { checkAlertmanager, checkPrometheus } from "./metrics.ts";
import { checkRedeploys } from "./redeploy.ts";
import { checkSlack } from "./slack.ts";

const help = `usage: npm run --silent cli -- doctor [--json]

Looks for what would fail the first incident, with the same environment and configuration as the server: tokens and their rights in
every repository, Slack channels and people, Prometheus' rules, the alerts of the last day that no service would take, Alertmanager,
the issuer that signs people in, the deployers that are asked what runs, the disk. Each finding is one line, with what to do. It writes nothing anywhere.
  --json  one JSON object: findings, each with level (ok, warning, failed), about, text and todo

Exit codes: 0 nothing would fail, 1 something would, 2 wrong usage.`;

type Env = Record<string, string | undefined>;

export const doctor = (
  argv: string[],
  io = standardIo(),
  { env = process.env, now = Date.now() }: { env?: Env; now?: number } = {},
): Promise<number> =>
  runCommand(
    { name: "doctor", help, options: { json: { type: "boolean" } } },
    { argv, io },
    async ({ values }) => {
      const settings = readSettings(env);
      const { config, advice } = readWithAdvice(settings.configFile);
      const findings = [
        ...fileFindings(settings, config, advice),
        ...readersFindings(settings, config),
        ...disk(settings.dataDir),
        ...(await outside(settings, config, now)),
      ];
      if (values.json) io.out(`${JSON.stringify({ findings })}\n`);
      else for (const finding of findings) io.out(`${lineOf(finding)}\n`);
      return findings.some(({ level }) => level === "failed") ? 1 : 0;
    },
  );

const mend = "mend the file; docs/configuration.md describes every key";
const fileFindings = (
  settings: Settings,
  config: Config,
  advice: { text: string; isBroken: boolean }[],
): Finding[] => {
  const about = "configuration";
  const found = [
    ...advice.map(({ text, isBroken }) =>
      (isBroken ? failed : warning)(about, text.replace("warning: ", ""), mend),
    ),
    ...settings.advice(config).map((text) => warning(about, text, "set the variable (docs/environment.md)")),
  ];
  return found.length > 0
    ? found
    : [ok(about, `${settings.configFile}: ${counted(config.services.length, "service")}`)];
};

/** The server would not start: nobody could sign in to the pages, or no reader be told from another. */
const readersFindings = (settings: Settings, config: Config): Finding[] => {
  try {
    checkVisibility(config, settings.access);
    checkSignIn(config, settings);
    return [];
  } catch (error) {
    return [failed("pages", messageOf(error), "see docs/security.md, Readers of the pages")];
  }
};

/** The folder of the data, or the nearest above it: the server makes what is missing. */
const disk = (dataDir: string): Finding[] => {
  let folder = resolve(dataDir);
  while (!existsSync(folder)) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
    checkSpace(join(folder, "countersteer.db"));
    return [ok("disk", `${dataDir} can be written`)];
  } catch (error) {
    return [failed("disk", messageOf(error), "free space, or set DATA_DIR to a folder that can be written")];
  }
};

const outside = async (settings: Settings, config: Config, now: number): Promise<Finding[]> => {
  const { real, prometheus, paging, access } = settings;
  const { services, baseUrl = `http://127.0.0.1:${settings.port}` } = config;
  const { token, url: grafanaUrl } = settings.grafana;
  const [github, slack, metrics, alertmanager, issuer, deployers, grafana] = await Promise.all([
    real === undefined ? [sandboxed] : checkAllOfGithub(githubClient(real.github), services),
    real === undefined ? [] : checkSlack(slackClient(real.slack), services),
    prometheus.url === undefined
      ? [warning("prometheus", "PROMETHEUS_URL is not set: no recovery can be verified", "set it")]
      : checkPrometheus(
          prometheusApi({ ...prometheus, url: prometheus.url, clock: () => now }),
          services,
          now,
        ),
    paging.alertmanager === undefined
      ? []
      : checkAlertmanager({ system: "alertmanager", ...paging.alertmanager }),
    access.issuer === undefined ? [] : checkIssuer(access.issuer, baseUrl),
    checkDeployers(settings.deployers, config),
    grafanaUrl === undefined || token === undefined
      ? []
      : checkGrafana({ system: "grafana", url: grafanaUrl, token }),
  ]);
  return [...github, ...slack, ...metrics, ...alertmanager, ...issuer, ...deployers, ...grafana];
};

const checkAllOfGithub = async (client: GithubClient, services: Configured[]): Promise<Finding[]> => [
  ...(await checkGithub(client, services)),
  ...(await checkRedeploys(client, services)),
];

const sandboxed = warning(
  "github",
  "no credentials are set: GitHub and Slack are played by the sandbox",
  "set GITHUB_TOKEN (or the App's variables), SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET (docs/install.md)",
);
