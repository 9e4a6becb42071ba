import type { Hono } from "hono";
import type { Secrets } from "../../functions/http/context.ts";
import { leftAlone } from "../../functions/http/left.ts";
import type { Flagging } from "../../functions/known-bad.ts";
import type { Access } from "../../functions/login/access.ts";
import { routes } from "../../functions/routes.ts";
import { signGitHub, signLaunchDarkly, signSlack } from "../../shared/adapters/http/signature.ts";
import type { Config, Configured } from "../../shared/config.ts";
import type { StopIssue } from "../../shared/ports/kill-switch.ts";
import type { Log } from "../../shared/ports/log.ts";
import type { Registry } from "../../shared/ports/registry.ts";
import type { Store } from "../../shared/ports/store.ts";
import type { Topic } from "../../shared/ports/topic.ts";
import type { Vouching } from "../../shared/ports/vouching.ts";
import { secrets } from "./payloads.ts";
import { type World, world } from "./world.ts";

/** Every door of the product over the hand-written world, with what was logged and who was woken. */
export const doors = (
  made: World = world(),
  over: {
    store?: Store;
    services?: Configured[];
    admins?: string[];
    killSwitch?: StopIssue;
    vouching?: Vouching;
    flagging?: Flagging;
    registry?: Registry;
    topic?: Topic;
    /** Another way to the doors than in this process, with a host's own. */
    send?: (request: Request) => Promise<Response>;
    wake?: (id: string) => void;
    wait?: () => Promise<void>;
    access?: Access;
    secrets?: Partial<Secrets>;
    config?: Partial<Config>;
  } = {},
) => {
  const woken: string[] = [];
  const lines: string[] = [];
  const write = (message: string) => void lines.push(message);
  const log: Log = { info: write, warn: write, error: write };
  const { work, process } = made;
  const store = over.store ?? made.store;
  const clock = () => made.state.now;
  const app: Hono = routes({
    ...{
      process,
      chat: work.chat,
      accounts: work.accounts,
      ...{ store, leave: leftAlone({ store, clock, log }) },
      access: over.access ?? { isOpen: true, tokens: [] },
      secrets: { ...secrets, ...over.secrets },
      log,
    },
    get config() {
      return {
        ...made.work.configuration(),
        ...(over.services && { services: over.services }),
        ...(over.admins && { admins: over.admins }),
        ...over.config,
        ...(over.killSwitch && { killSwitch: over.killSwitch }),
      };
    },
    clock,
    ...(over.wait && { wait: over.wait }),
    ...(over.vouching && { vouching: over.vouching }),
    ...(over.flagging && { flagging: over.flagging }),
    ...(over.registry && { registry: over.registry }),
    ...(over.topic && { topic: over.topic }),
    wake: (ids) => {
      woken.push(...ids);
      for (const one of ids) over.wake?.(one);
    },
  });
  const { send = async (request: Request) => app.request(request) } = over;
  const post = (
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
  ): Promise<Response> =>
    send(new Request(new URL(path, "http://localhost"), { method: "POST", body, headers }));
  return {
    made,
    app,
    woken,
    lines,
    post,
    published: (message: object) => post("/webhooks/sns", JSON.stringify(message)),
    notify: (body: unknown, authorization = `Bearer ${secrets.alertmanager}`) =>
      post("/webhooks/alertmanager", typeof body === "string" ? body : JSON.stringify(body), {
        authorization,
      }),
    deployed: (body: unknown, authorization = `Bearer ${secrets.deploys}`) =>
      post("/webhooks/deploys", JSON.stringify(body), { authorization }),
    flipped: (body: unknown, authorization = `Bearer ${secrets.flags}`) =>
      post("/webhooks/flags", JSON.stringify(body), { authorization }),
    launchDarkly: (payload: unknown, secret = secrets.flags) => {
      const body = JSON.stringify(payload);
      return post("/webhooks/flags", body, {
        "x-ld-signature": signLaunchDarkly({ secret, body: Buffer.from(body) }),
      });
    },
    github: (event: string, payload: unknown, secret = secrets.github, delivery?: string) => {
      const body = JSON.stringify(payload);
      return post("/webhooks/github", body, {
        "x-github-event": event,
        ...(delivery !== undefined && { "x-github-delivery": delivery }),
        "x-hub-signature-256": signGitHub({ secret, body: Buffer.from(body) }),
      });
    },
    operate: (path: string, body: unknown = {}, authorization = `Bearer ${secrets.operator}`) =>
      post(path, JSON.stringify(body), { authorization }),
    command: (text: string, user = "UANN", secret = secrets.slack) => {
      const fields = { command: "/countersteer", text, user_id: user, user_name: user.toLowerCase() };
      const body = new URLSearchParams({ ...fields, channel_id: "C1" }).toString();
      const timestamp = String(Math.floor(made.state.now / 1000));
      return post("/slack/commands", body, {
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": signSlack({ secret, timestamp, body: Buffer.from(body) }),
      });
    },
    interact: (payload: unknown, { secret = secrets.slack, at = made.state.now } = {}) => {
      const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
      const timestamp = String(Math.floor(at / 1000));
      return post("/slack/interactions", body, {
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": signSlack({ secret, timestamp, body: Buffer.from(body) }),
      });
    },
  };
};
