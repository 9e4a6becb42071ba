import { type APIGatewayProxyResult, handle, type LambdaEvent } from "hono/aws-lambda";
import { Hono } from "hono/tiny";
import type { ReceiverContext, Secrets } from "../../functions/http/context.ts";
import { failure, missing } from "../../functions/http/errors.ts";
import { leftAlone } from "../../functions/http/left.ts";
import type { Flagging } from "../../functions/known-bad.ts";
import type { Access } from "../../functions/login/access.ts";
import { asOf } from "../../shared/policy/emergency.ts";
import type { Accounts } from "../../shared/ports/accounts.ts";
import type { Chat } from "../../shared/ports/chat.ts";
import type { Registry } from "../../shared/ports/registry.ts";
import type { Topic } from "../../shared/ports/topic.ts";
import type { Vouching } from "../../shared/ports/vouching.ts";
import { secretsFrom, senderProblems, senderTokens } from "../host/access/senders.ts";
import { deniedPort } from "./adapters/denied.ts";
import { processOf, storeOf } from "./adapters/store.ts";
import type { Definition, FunctionName, Host } from "./host.ts";
import { askForLooks, type Looks } from "./looks.ts";
import { secretsOf as granted, ofSenders, type Secret } from "./secrets.ts";

/** An address that people and machines call, as API Gateway's HTTP API gives it (payload format 2.0). */
export type Receiver = Definition<LambdaEvent, APIGatewayProxyResult>;

/** The systems that a receiver reaches beside its store. */
type Systems = {
  chat?: (host: Host) => Chat;
  accounts?: (host: Host) => Accounts;
  vouching?: (host: Host) => Vouching;
  flagging?: (host: Host) => Flagging;
  access?: (host: Host) => Access;
  registry?: (host: Host) => Registry | undefined;
  topic?: (host: Host) => Topic | undefined;
  looks?: Looks;
};

const noReader: Access = { isOpen: false, tokens: [] };

/**
 * A function behind the HTTP API that serves what `mount` puts on the app, and nothing else. A stored incident wakes steps through the
 * table's stream; a receiver that stores nothing asks with `looks` for a look at the incidents it wakes.
 */
export const receiver = (
  name: FunctionName,
  mount: (app: Hono, context: ReceiverContext) => void,
  { chat, accounts, vouching, flagging, registry, topic, access = () => noReader, looks = [] }: Systems = {},
): Receiver => ({
  name,
  isShut: (host) =>
    lossOf(name, host) !== undefined || lackOf(name, host) !== undefined || lacksSender(name, host),
  make: (host) => {
    const { clock, log, wait, stands } = host;
    const secrets = secretsOf(host);
    logLosses(name, host, secrets);
    const store = storeOf(host);
    const woken = new Set<string>();
    const app = new Hono();
    const leave = leftAlone({ store, clock, log });
    const asked = stands?.registry ?? registry?.(host);
    const heard = topic?.(host);
    mount(app, {
      ...{ store, clock, log, wait, process: processOf(host, store) },
      ...{
        chat: chat === undefined ? deniedPort<Chat>("chat") : (stands?.chat ?? chat(host)),
        accounts: accounts === undefined ? deniedPort<Accounts>("accounts") : accountsOf(host, accounts),
      },
      ...(vouching && { vouching: vouching(host) }),
      ...(flagging && { flagging: flagging(host) }),
      ...(asked && { registry: asked }),
      ...(heard && { topic: heard }),
      get config() {
        return asOf(host.config(), clock());
      },
      secrets,
      ...{ access: access(host), leave },
      wake: (ids) => {
        for (const id of ids) woken.add(id);
      },
    });
    app.notFound(missing);
    app.onError(failure({ log, clock, leave }));
    const answer = handle(app);
    return async (event) => {
      const result = await answer(event);
      const ids = [...woken];
      woken.clear();
      if (looks.length > 0 && ids.length > 0)
        await askForLooks(store, ids, looks).catch((error: unknown) =>
          log.warn("nobody was woken, the tick looks", { incidents: ids, error }),
        );
      return result;
    };
  },
});

/**
 * The reason why a receiver of machines refuses some or all of its senders, as when a parameter was deleted by mistake. It answers 503 then,
 * so that Alertmanager repeats until the secret is back. After a 401 it would forget the notification.
 */
const lossOf = (name: FunctionName, { secret, sender, config, hasVanished }: Host): string | undefined => {
  if (!machines.includes(name)) return undefined;
  const own: readonly Secret[] = granted[name];
  const verifying = own.filter((one) => one !== ofSenders && !/^(GITHUB_TELL_|REGISTRY_AUTH)/.test(one));
  const senders = knowsSenders(name) ? Object.values(senderTokens(config(), sender)).flat() : [];
  if (senders.length === 0 && verifying.every((one) => secret(one) === undefined))
    return "nobody can call: no secret of this receiver is there";
  // A former secret is taken away on purpose.
  return verifying.some((one) => hasVanished(one) && !one.endsWith("_PREVIOUS"))
    ? "a secret of this receiver has vanished"
    : undefined;
};

const machines: readonly FunctionName[] = ["alerts", "deploys", "flags", "github"];

/**
 * The secret of a receiver of machines that is not there. An instance that never saw it cannot tell a mistake from a decision, unless senders
 * of the configuration stand in its place.
 */
const lackOf = (name: FunctionName, host: Host): Secret | undefined => {
  const own: readonly Secret[] = granted[name];
  const token = machines.includes(name)
    ? own.find((one) => /^[A-Z]+_(TOKEN|WEBHOOK_SECRET)$/.test(one))
    : undefined;
  if (token === undefined || host.secret(token) !== undefined) return undefined;
  return sendersTo(name, host).length > 0 ? undefined : token;
};

/** Whether a sender of the configuration that may call this receiver has no token. */
const lacksSender = (name: FunctionName, host: Host): boolean =>
  Object.values(senderTokens({ senders: sendersTo(name, host) }, host.sender)).some(
    (tokens) => tokens.length === 0,
  );

const sendersTo = (name: FunctionName, { config }: Host) =>
  config().senders?.filter(({ kinds }) => kinds.some((kind) => kind === name)) ?? [];

/** The other senders go on: nobody sees the end of a cold start. */
const logLosses = (name: FunctionName, host: Host, secrets: Secrets): void => {
  const loss = lossOf(name, host);
  if (loss !== undefined) host.log.error(loss);
  const lack = loss === undefined ? lackOf(name, host) : undefined;
  if (lack !== undefined) host.log.warn(`${lack} is not there: strangers are answered 503`);
  if (!knowsSenders(name)) return;
  for (const detail of senderProblems(host.config(), secrets))
    host.log.error("a sender is not known", { detail });
};

const accountsOf = (host: Host, accounts: (host: Host) => Accounts): Accounts =>
  host.stands?.source.accounts ?? accounts(host);

const knowsSenders = (name: FunctionName): boolean => granted[name].some((one) => one === ofSenders);

const secretsOf = (host: Host): Secrets => ({
  ...secretsFrom(host.secret),
  get senders() {
    return senderTokens(host.config(), host.sender);
  },
});
