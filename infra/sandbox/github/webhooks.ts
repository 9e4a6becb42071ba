import { randomUUID } from "node:crypto";
import { sign } from "@octokit/webhooks-methods";
import { accountJson, repoJson } from "./json.ts";
import type { Account, Github, Repo } from "./state.ts";

export type Webhook = { url: string; secret: string };
/** One event as it was sent. `status` is 0 when nobody answered. */
export type Delivery = {
  id: string;
  event: string;
  action?: string;
  at: number;
  status: number;
  body: string;
};

/** GitHub gives up on a receiver after this time and does not try again. */
const timeoutMs = 10_000;

export type Sender = {
  emit: Github["emit"];
  deliveries: Delivery[];
  /** Sends a delivery once more, with the id it had. */
  redeliver(id: string): Promise<Delivery>;
  settled(): Promise<void>;
};

/** Sends a delivery, and notes the status of the answer in it. */
const post = async (hook: Webhook, delivery: Delivery, log: (line: string) => void): Promise<void> => {
  const { id, event, body } = delivery;
  const headers = {
    "Content-Type": "application/json",
    // A kept connection may be closed by the receiver in the instant in which it is used again.
    Connection: "close",
    "User-Agent": "GitHub-Hookshot/sandbox",
    "X-GitHub-Event": event,
    "X-GitHub-Delivery": id,
    "X-GitHub-Hook-ID": "1",
    "X-Hub-Signature-256": await sign(hook.secret, body),
  };
  try {
    const response = await fetch(hook.url, {
      method: "POST",
      headers,
      body,
      signal: AbortSignal.timeout(timeoutMs),
      redirect: "manual",
    });
    await response.arrayBuffer();
    delivery.status = response.status;
    if (!response.ok) log(`webhook ${event} to ${hook.url}: ${response.status}`);
  } catch (error) {
    const { message, cause } = error as Error;
    log(`webhook ${event} to ${hook.url}: ${message}${cause instanceof Error ? `: ${cause.message}` : ""}`);
  }
};

/** Sends signed events one after the other, each once: a failure is logged and not retried, as GitHub does it. */
export const webhookSender = (
  github: () => Github,
  target: () => Webhook | undefined,
  log: (line: string) => void,
): Sender => {
  const deliveries: Delivery[] = [];
  let last: Promise<unknown> = Promise.resolve();

  const send = async (id: string, event: string, body: string): Promise<Delivery | undefined> => {
    const hook = target();
    if (!hook) return undefined;
    const action = JSON.parse(body).action;
    const sent = { id, event, at: github().clock(), status: 0, body };
    const delivery: Delivery = { ...sent, ...(action && { action }) };
    deliveries.push(delivery);
    await post(hook, delivery, log);
    return delivery;
  };

  const queue = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch((error) => log(`webhook: ${error}`));
    return done;
  };

  const emitted = async (
    repo: Repo,
    event: string,
    by: Account,
    payload: Record<string, unknown>,
  ): Promise<void> => {
    const installation = { id: github().app.installationId, node_id: "" };
    const repository = await repoJson(github(), repo);
    const body = JSON.stringify({ ...payload, repository, sender: accountJson(github(), by), installation });
    await send(randomUUID(), event, body);
  };

  return {
    emit(repo, event, by, payload) {
      queue(() => emitted(repo, event, by, payload)).catch(() => {});
    },
    deliveries,
    async redeliver(id) {
      const found = deliveries.find((one) => one.id === id);
      if (!found) throw new Error(`no delivery ${id}`);
      const sent = await queue(() => send(id, found.event, found.body));
      if (!sent) throw new Error("no webhook is connected");
      return sent;
    },
    settled: () => last.then(() => {}),
  };
};
