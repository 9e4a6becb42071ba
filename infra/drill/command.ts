import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Config } from "../../shared/config.ts";
import { runCommand, standardIo, wholeNumber } from "../host/command.ts";
import { ConfigurationError, UsageError } from "../host/errors.ts";
import { readConfig, readSettings } from "../host/settings/settings.ts";
import { checkRoute, type Place } from "./alertmanager.ts";
import { type Fault, faults } from "./faults.ts";
import { type Running, runDrill } from "./run.ts";
import { textOf } from "./text.ts";

const help = `usage: npm run --silent cli -- drill --service S [--environment E] [--fault F] [--wait S] [--any-route] [--url URL] [--json]

Plays a trouble that is not real. It sends a marked alert through Alertmanager to the running server at --url (by default
http://127.0.0.1:8080), and takes it through the whole loop in this process, with the environment and configuration of the server. It
reads all that an incident would read. It writes only branches countersteer/drill-… with a draft pull request, asks in the channel of the key drill, and takes all away
again. It never merges, calls nobody, and counts in no history. Then it tells how long each part took, and what would have failed.
  --fault F      ${faults.join(", ")}; default: errors
  --environment  default: the service's first
  --wait S       seconds for which an answer in Slack is waited for; default: 60
  --any-route    send the alert although no route of Alertmanager names drills: it may call people for real

Exit codes: 0 nothing would have failed, 1 something would, 2 wrong usage.`;

const options = {
  service: { type: "string" },
  environment: { type: "string" },
  fault: { type: "string" },
  wait: { type: "string" },
  "any-route": { type: "boolean" },
  url: { type: "string" },
  json: { type: "boolean" },
} as const;

type Env = Record<string, string | undefined>;
type Time = Pick<Running, "clock" | "wait">;

const realTime: Time = { clock: Date.now, wait: (ms) => delay(ms) };

/** `drill --service S`: 0 when nothing would have failed. */
export const drill = (
  argv: string[],
  io = standardIo(),
  { env = process.env, time = realTime }: { env?: Env; time?: Time } = {},
): Promise<number> =>
  runCommand({ name: "drill", help, options }, { argv, io }, async ({ values }) => {
    const settings = readSettings(env);
    const config = readConfig(settings.configFile);
    const { real, paging } = settings;
    const fault = faultOf(values.fault ?? "errors");
    const place = placeOf(config, values);
    const channel = config.drill?.channel;
    if (channel === undefined) throw new ConfigurationError("the configuration has no drill: { channel }");
    if (real === undefined) throw new ConfigurationError("a drill needs the credentials of GitHub and Slack");
    if (paging.alertmanager === undefined)
      throw new ConfigurationError("ALERTMANAGER_URL is not set: a drill's alert goes through Alertmanager");
    const alertmanager = { system: "alertmanager" as const, ...paging.alertmanager };
    if (values["any-route"] !== true) await checkRoute(alertmanager);
    const server = { url: values.url ?? "http://127.0.0.1:8080", token: env.OPERATOR_TOKEN };
    const answerMs = 1_000 * wholeNumber("--wait", values.wait ?? "60", 0);
    const id = randomBytes(4).toString("hex");
    const result = await runDrill(
      { id, place, fault, channel },
      { ...time, settings: { ...settings, real }, config, alertmanager, server, answerMs },
    );
    io.out(values.json ? `${JSON.stringify(result)}\n` : textOf(result));
    return result.passed ? 0 : 1;
  });

const faultOf = (text: string): Fault => {
  const fault = faults.find((one) => one === text);
  if (fault === undefined) throw new UsageError(`--fault is one of ${faults.join(", ")}`);
  return fault;
};

const placeOf = (
  { services }: Config,
  { service: name, environment }: { service?: string | undefined; environment?: string | undefined },
): Place => {
  if (name === undefined) throw new UsageError("give --service");
  const service = services.find((one) => one.name === name);
  if (service === undefined) throw new UsageError(`the configuration has no service ${name}`);
  const place = environment ?? service.environments[0] ?? "";
  if (!service.environments.includes(place)) throw new UsageError(`${name} has no environment ${place}`);
  return { service, environment: place };
};
