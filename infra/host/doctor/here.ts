import { accessSync, constants, existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type Finding, failed, ok, warning } from "../../../functions/ready/finding.ts";
import { checkSpace } from "../../../shared/adapters/sqlite/files.ts";
import type { Config } from "../../../shared/config.ts";
import { messageOf } from "../../../shared/errors.ts";
import type { Settings } from "../settings/settings.ts";
import { version } from "../version.ts";

const timeoutMs = 10_000;

/** The folder of the data, or the nearest above it: the server makes what is missing. */
export const checkDisk = (dataDir: string): Finding => {
  let folder = resolve(dataDir);
  while (!existsSync(folder)) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
    checkSpace(join(folder, "countersteer.db"));
    return ok("disk", `${dataDir} can be written`);
  } catch (error) {
    return failed("disk", messageOf(error), "free space, or set DATA_DIR to a folder that can be written");
  }
};

export const versions = (): Finding =>
  ok("version", `Countersteer ${version()} on Node ${process.versions.node}`);

/** GitHub refuses an App whose clock is a minute ahead, and the signatures of Slack and of SNS are good for minutes only. */
const skewMs = { doubtful: 10_000, wrong: 45_000 };

/** Our clock beside that of GitHub. Every answer has a date, a refusal too. */
export const checkClock = async (apiUrl: string, clock: () => number): Promise<Finding[]> => {
  const asked = clock();
  const answer = await fetch(apiUrl, {
    ...{ method: "HEAD", redirect: "manual", signal: AbortSignal.timeout(timeoutMs) },
  }).catch(() => undefined);
  // Another finding says that GitHub does not answer.
  const told = Date.parse(answer?.headers.get("date") ?? "");
  if (Number.isNaN(told)) return [];
  // The date is in whole seconds.
  const ahead = Math.round(((asked + clock()) / 2 - (told + 500)) / 1000);
  const apart = Math.abs(ahead) * 1000;
  const text = `our clock is ${Math.abs(ahead)} s ${ahead > 0 ? "ahead of" : "behind"} GitHub's`;
  const todo = "set the clock of this machine by NTP";
  if (apart > skewMs.wrong) return [failed("clock", text, todo)];
  if (apart > skewMs.doubtful) return [warning("clock", text, todo)];
  return [ok("clock", "within 10 s of GitHub's")];
};

/** Whether the address that people and senders use leads here. */
export const checkAddress = async (
  { baseUrl }: Pick<Config, "baseUrl">,
  port: number,
): Promise<Finding[]> => {
  if (baseUrl === undefined)
    return [
      warning(
        "address",
        `baseUrl is not set: links in messages lead to http://127.0.0.1:${port}`,
        "write the address that people use into the configuration as baseUrl",
      ),
    ];
  const url = new URL("/healthz", baseUrl).href;
  const todo = "start the server, then look at DNS, TLS and the proxy before it";
  try {
    const answer = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(timeoutMs) });
    const text = await answer.text();
    if (answer.status === 200 && text.includes('"status":"ok"')) return [ok("address", `${url} leads here`)];
    return [warning("address", `${url} answers ${answer.status}, and not as Countersteer does`, todo)];
  } catch (error) {
    const { cause } = error instanceof Error ? error : {};
    return [warning("address", `${url} cannot be reached: ${messageOf(cause ?? error)}`, todo)];
  }
};

/** Doors that stay closed for want of a secret, although the configuration counts on them. */
export const checkDoors = (
  { secrets }: Pick<Settings, "secrets">,
  { services, senders = [] }: Config,
): Finding[] => [
  ...(secrets.github === undefined
    ? [
        warning(
          "github webhook",
          "GITHUB_WEBHOOK_SECRET is not set: reviews, merges and deploys on GitHub come late",
          "set it to the secret of the webhook (docs/connect-github.md)",
        ),
      ]
    : []),
  ...(secrets.deploys === undefined && secrets.github === undefined && senders.length === 0
    ? services
        .filter(({ deploys = [] }) => deploys.length === 0)
        .slice(0, 1)
        .map(({ name }) =>
          warning(
            "deploys",
            `nothing can tell of deploys of ${name}: a fix is never seen live`,
            "set DEPLOYS_TOKEN or GITHUB_WEBHOOK_SECRET, or name its deployer (docs/connect-deploys.md)",
          ),
        )
    : []),
];
