import { type Finding, failed, ok, warning } from "../../../functions/ready/finding.ts";
import { type Heard, heardFindings } from "../../../functions/ready/heard.ts";
import { type GithubClient, githubClient } from "../../../shared/adapters/github/api/client.ts";
import { prometheusApi } from "../../../shared/adapters/prometheus/api.ts";
import { slackClient } from "../../../shared/adapters/slack/client.ts";
import type { Config } from "../../../shared/config.ts";
import { messageOf } from "../../../shared/errors.ts";
import { counted } from "../../../shared/text/format.ts";
import { checkSignIn, checkVisibility } from "../access/access.ts";
import { ConfigurationError } from "../errors.ts";
import { readWithAdvice, type Settings } from "../settings/settings.ts";
import { checkDeployers } from "./deployers.ts";
import { checkGithub } from "./github.ts";
import { checkGrafana, checkGrafanaRules } from "./grafana.ts";
import { checkAddress, checkClock, checkDisk, checkDoors, versions } from "./here.ts";
import { checkIssuer } from "./issuer.ts";
import { checkAlertmanager, checkPrometheus } from "./metrics.ts";
import { checkRedeploys } from "./redeploy.ts";
import { checkSlack } from "./slack.ts";

/** `now` is of the alerts and deploys, `clock` that of this machine. `heard` is absent where no store is there yet. */
export type Examination = { settings: Settings; now: number; clock: () => number; heard?: Heard };

/** Asks every system of the set-up what would fail the first incident. Writes nothing. */
export const examine = async ({ settings, now, clock, heard }: Examination): Promise<Finding[]> => {
  const read = readFile(settings);
  if ("broken" in read) return [read.broken, checkDisk(settings.dataDir)];
  const { config, findings } = read;
  return [
    ...findings,
    ...readersFindings(settings, config),
    ...[checkDisk(settings.dataDir), versions()],
    ...(settings.real === undefined ? [] : checkDoors(settings, config)),
    ...(heard === undefined ? [] : await heardFindings(heard, config.services, now)),
    ...(await outside({ settings, config, now, clock })),
  ];
};

const mend = "mend the file; docs/configuration.md describes every key";
type Read = { config: Config; findings: Finding[] } | { broken: Finding };

/** The file as it is now: a server goes on with the former one where this one is wrong. */
const readFile = (settings: Settings): Read => {
  const about = "configuration";
  try {
    const { config, advice } = readWithAdvice(settings.configFile);
    const found = [
      ...advice.map(({ text, isBroken }) =>
        (isBroken ? failed : warning)(about, text.replace("warning: ", ""), mend),
      ),
      ...settings
        .advice(config)
        .map((text) => warning(about, text, "set the variable (docs/environment.md)")),
    ];
    const services = `${settings.configFile}: ${counted(config.services.length, "service")}`;
    return { config, findings: found.length > 0 ? found : [ok(about, services)] };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { broken: failed(about, error.message, mend) };
  }
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

type Asked = Omit<Examination, "heard"> & { config: Config };

const outside = async (asked: Asked): Promise<Finding[]> => {
  const { settings, config, now } = asked;
  const { prometheus, paging, access } = settings;
  const { services, baseUrl = `http://127.0.0.1:${settings.port}` } = config;
  const { token, rulesToken, url: grafanaUrl } = settings.grafana;
  const found = await Promise.all([
    credentialed(asked),
    prometheus.url === undefined
      ? [
          warning(
            "prometheus",
            "PROMETHEUS_URL is not set: no recovery can be verified",
            "set it to the address of your Prometheus, such as http://prometheus:9090",
          ),
        ]
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
    grafanaUrl === undefined || rulesToken === undefined
      ? []
      : checkGrafanaRules({ system: "grafana", url: grafanaUrl, token: rulesToken }),
  ]);
  return found.flat();
};

/** The systems that the sandbox plays where no credentials are set. */
const credentialed = async ({ settings, config, clock }: Asked): Promise<Finding[]> => {
  const { real, port } = settings;
  if (real === undefined) return [sandboxed];
  const found = await Promise.all([
    checkAllOfGithub(githubClient(real.github), config),
    checkSlack(slackClient(real.slack), config.services),
    checkClock(real.github.apiUrl, clock),
    checkAddress(config, port),
  ]);
  return found.flat();
};

const checkAllOfGithub = async (client: GithubClient, config: Config): Promise<Finding[]> => [
  ...(await checkGithub(client, config)),
  ...(await checkRedeploys(client, config.services)),
];

const sandboxed = warning(
  "github",
  "no credentials are set: GitHub and Slack are played by the sandbox",
  "set GITHUB_TOKEN (or the App's variables), SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET (docs/install.md)",
);
