import { Sha256 } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";
import { awsDomain } from "../../shared/adapters/aws-access.ts";
import { type Answer, askAgain, call } from "./asking.ts";

/** The tokens of `senders`: their names are those that the configuration gives them, and all begin so. */
export const ofSenders = "SENDER_*";
/** The former secret counts beside the present one while it is changed. */
const verifying = {
  alerts: [
    ...(["ALERTMANAGER_TOKEN", "ALERTMANAGER_TOKEN_PREVIOUS"] as const),
    ...(["GRAFANA_SECRET", "GRAFANA_SECRET_PREVIOUS"] as const),
    ofSenders,
  ],
  deploys: ["DEPLOYS_TOKEN", "DEPLOYS_TOKEN_PREVIOUS", ofSenders],
  flags: ["FLAGS_TOKEN", "FLAGS_TOKEN_PREVIOUS", ofSenders],
  github: ["GITHUB_WEBHOOK_SECRET", "GITHUB_WEBHOOK_SECRET_PREVIOUS"],
  answers: ["SLACK_SIGNING_SECRET", "SLACK_SIGNING_SECRET_PREVIOUS"],
} as const;
/** A credential of GitHub is a token, or an App: of the three names, one or two are there. */
const githubKey = ["GITHUB_TOKEN", "GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY"] as const;
/** Reads code and pull requests, writes nothing. */
const githubReader = ["GITHUB_READ_TOKEN", "GITHUB_READ_APP_ID", "GITHUB_READ_APP_PRIVATE_KEY"] as const;
/** Comments on pull requests, closes them and sets statuses; can neither push nor merge. */
const githubTeller = ["GITHUB_TELL_TOKEN", "GITHUB_TELL_APP_ID", "GITHUB_TELL_APP_PRIVATE_KEY"] as const;
/** Reads log lines, where the log store asks who reads. */
const logReader = ["LOKI_TOKEN", "ELASTICSEARCH_API_KEY"] as const;
/** Reads traces, where their store asks who reads. */
const traceReader = ["TEMPO_TOKEN", "JAEGER_TOKEN"] as const;
/** Calls people and silences alerts. */
const pageSender = ["ALERTMANAGER_API_TOKEN", "PAGERDUTY_ROUTING_KEY", "PAGE_WEBHOOK_TOKEN"] as const;
/** Marks graphs. */
const annotator = ["GRAFANA_TOKEN"] as const;
/** Reads metrics and silences, where Prometheus and Alertmanager ask for a token, and the rules of Grafana. */
const metricsReader = ["PROMETHEUS_TOKEN", "PROMETHEUS_LOGINS", "GRAFANA_RULES_TOKEN"] as const;
/** Asks the policy server, where it wants to know who asks. */
const opaReader = ["OPA_TOKEN"] as const;
/** Logins of container registries, as the auth file that docker and podman write. */
const registryReader = ["REGISTRY_AUTH"] as const;
/** Asks the model for second opinions, where it wants to know who asks. */
const opinionReader = ["OPINION_TOKEN"] as const;
const slackToken = ["SLACK_BOT_TOKEN"] as const;
/** The kill switch in Parameter Store, which is read before every write. */
const killSwitch = ["MODE"] as const;

/** The secrets by which readers of the pages sign in, and may press Retry. */
const signingIn = [
  "PAGES_TOKEN",
  "PAGES_TOKEN_PREVIOUS",
  "PAGES_PROXY_SECRET",
  "PAGES_SESSION_SECRET",
  "PAGES_SESSION_SECRET_PREVIOUS",
] as const;

/** Which function reads which secrets; its role allows exactly these. Names are those of the environment on one machine. */
export const secretsOf = {
  ...verifying,
  deploys: [...verifying.deploys, ...registryReader],
  github: [...killSwitch, ...verifying.github, ...githubTeller],
  answers: [
    ...verifying.answers,
    ...slackToken,
    ...githubReader,
    "OPERATOR_TOKEN",
    "OPERATOR_TOKEN_PREVIOUS",
    ...signingIn,
  ],
  pages: [...signingIn, "PAGES_OIDC_CLIENT_SECRET"],
  diagnose: [
    ...killSwitch,
    ...githubReader,
    ...logReader,
    ...traceReader,
    ...metricsReader,
    ...opinionReader,
    "ALERTMANAGER_API_TOKEN",
    ...registryReader,
  ],
  propose: [...killSwitch, ...githubKey, ...metricsReader, ...opaReader],
  ask: [...killSwitch, ...githubReader, ...slackToken, ...metricsReader],
  merge: [...killSwitch, ...githubKey, ...slackToken, ...opaReader],
  watch: [...killSwitch, ...githubReader, ...slackToken, ...metricsReader],
  verify: [...killSwitch, ...githubReader, ...metricsReader, "ALERTMANAGER_API_TOKEN"],
  announce: [...killSwitch, ...githubTeller, ...slackToken, ...pageSender, ...annotator],
  poll: ["ARGOCD_TOKEN", "KUBERNETES_TOKEN", ...registryReader],
  tick: [],
  publish: [],
} as const satisfies Record<string, readonly string[]>;

export type Secret = (typeof secretsOf)[keyof typeof secretsOf][number];
/**
 * Where parameters are: `path` as `/countersteer/prod`, without a slash at the end. Below `/aws/reference/secretsmanager` it passes on to
 * Secrets Manager: https://docs.aws.amazon.com/systems-manager/latest/userguide/integration-ps-secretsmanager.html; `endpoint` is
 * AWS's unless given.
 */
export type Vault = { path: string; region: string; credentials: Credentials; endpoint?: string };
export type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

const timeoutMs = 1_500;
/** Parameter Store takes no more names in one call: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html */
const maxNames = 10;

/**
 * The values of the parameters `<path>/<name>` that exist, decrypted. Throws an Error that holds no value when Parameter Store refuses,
 * or does not answer however often it is asked.
 */
export const loadSecrets = async <Name extends string>(
  names: readonly Name[],
  vault: Vault,
): Promise<Partial<Record<Name, string>>> => {
  const parts = Array.from({ length: Math.ceil(names.length / maxNames) }, (_, part) =>
    names.slice(part * maxNames, (part + 1) * maxNames),
  );
  return Object.assign({}, ...(await Promise.all(parts.map((part) => loadPart(part, vault)))));
};

const loadPart = async (names: readonly string[], vault: Vault): Promise<Record<string, string>> => {
  const full = names.map((name) => `${vault.path}/${name}`);
  const { status, body } = await askAgain(() => ask(vault, full), isThrottling);
  if (isMissing({ status, body })) {
    if (names.length === 1) return {};
    return Object.assign({}, ...(await Promise.all(names.map((name) => loadPart([name], vault)))));
  }
  if (status !== 200) throw new Error(`read ${full.join(", ")}: ${status} ${reason(body)}`);
  const { Parameters }: { Parameters: { Name: string; Value: string }[] } = JSON.parse(body);
  return Object.fromEntries(Parameters.map(({ Name, Value }) => [Name.slice(vault.path.length + 1), Value]));
};

/** A reference to Secrets Manager may fail the whole call where one secret does not exist. */
const isMissing = ({ status, body }: Pick<Answer, "status" | "body">): boolean =>
  status === 400 && /^(ParameterNotFound|ResourceNotFoundException)\b/.test(reason(body));

const isThrottling = ({ status, body }: Answer): boolean =>
  status === 429 || (status === 400 && /Throttling|TooManyRequests|RequestLimitExceeded/.test(body));

/** Parameter Store's address in the partition of its region, or the one that is given. */
export const vaultAddress = ({ region, endpoint }: Pick<Vault, "region" | "endpoint">): string =>
  endpoint ?? `https://ssm.${region}.${awsDomain(region)}`;

/** One signed GetParameters. A signed request is 80 KB and 0.1 of an empty start less than a client of its own. */
const ask = async (vault: Vault, names: string[]): Promise<Answer> => {
  const { region, credentials } = vault;
  const url = new URL(vaultAddress(vault));
  const signer = new SignatureV4({ service: "ssm", region, credentials, sha256: Sha256 });
  const body = JSON.stringify({ Names: names, WithDecryption: true });
  const signed = await signer.sign({
    method: "POST",
    protocol: url.protocol,
    hostname: url.hostname,
    path: "/",
    headers: {
      host: url.host,
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "AmazonSSM.GetParameters",
    },
    body,
  });
  const { headers } = signed;
  return call(url, { system: "Parameter Store", method: "POST", headers, body, timeoutMs });
};

/** AWS's own words for a refusal; they name parameters and roles, no value. */
const reason = (body: string): string => {
  try {
    const { __type = "", message, Message }: Record<string, string | undefined> = JSON.parse(body);
    return `${__type.replace(/^.*#/, "")} ${message ?? Message ?? ""}`.trim();
  } catch {
    return "(no reason given)";
  }
};
