import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { git } from "../host/git.ts";
import type { Child } from "./child.ts";
import { type Front, startFront } from "./front.ts";
import { type Running, startService } from "./service.ts";

export type Deployed = { sha: string; status: "succeeded" | "failed"; at: number };
export type DeployerOptions = {
  /** The remote that git fetches from: a path or an HTTP address. */
  gitUrl: string;
  branch: string;
  /** The code, when the followed repository only names the commit of it to run. */
  image?: { gitUrl: string; commitOf: (checkout: string) => Promise<string> };
  workDir: string;
  /** Where the services' output goes. */
  logDir: string;
  service: string;
  environment: string;
  /** Where each deploy is reported, with a bearer token. */
  report: { url: string; token: string };
  /** Returns once the rollout is healthy: a deploy is reported after that. */
  healthy?: (deployed: Deployed, signal: AbortSignal) => Promise<void>;
  /** How long a new head is built before it is deployed. A commit that was built before is deployed at once. */
  buildMs?: number;
  /** Deploys that somebody ordered, such as dispatched runs of a workflow. */
  orders?: Orders;
  /** The time at which an earlier service went live, reported for the first deploy instead of its start. */
  liveSince?: number;
  onDeploy?: (deployed: Deployed) => void;
  onProblem?: (problem: string) => void;
};
/** Each order is begun, deployed, and ended by its outcome. */
export type Orders = {
  next(): { id: number; sha: string } | undefined;
  begin(id: number): void;
  end(id: number, isDone: boolean): void;
};
/**
 * `endpoint` stays the same over all deploys. `current` is the commit that serves now, and `process` serves it. `revive` starts it again when it
 * has ended, as a supervisor does: that is not a deploy. Several pushes that are made `together` are one deploy, of the last.
 */
export type Deployer = {
  endpoint: string;
  current(): string;
  process(): Child | undefined;
  revive(): Promise<void>;
  settled(): Promise<void>;
  together<T>(push: () => Promise<T>): Promise<T>;
  stop(): Promise<void>;
};

const pollMs = 500;

/** The deployer's parts and its progress. `tried` is the last commit that was deployed, or failed to. */
type State = {
  options: DeployerOptions;
  mirror: string;
  front: Front;
  stopped: AbortController;
  running?: Running;
  /** How the running service was started. */
  started?: Checkout;
  tried: string;
  count: number;
  reported: Promise<void>;
  /** Deploys come one after the other. */
  deploying: Promise<unknown>;
  /** The look at the branch that is under way, and the pushes that the next look waits for. */
  looking: Promise<void>;
  pushing: Promise<unknown>;
};

/**
 * Plays the GitOps controller: follows the branch, checks each new head out, replaces the running service without
 * dropping a request, and reports the deploy until somebody takes it. Returns once the first commit serves.
 */
export const startDeployer = async (options: DeployerOptions): Promise<Deployer> => {
  const { gitUrl, branch, workDir } = options;
  const mirror = join(workDir, "mirror.git");
  await mkdir(workDir, { recursive: true });
  await git(workDir, ["init", "--quiet", "--bare", mirror]);
  const state: State = {
    ...{ options, mirror, front: await startFront(), stopped: new AbortController() },
    ...{ tried: "", count: 0, reported: Promise.resolve(), deploying: Promise.resolve() },
    ...{ looking: Promise.resolve(), pushing: Promise.resolve() },
  };
  let following = Promise.resolve();
  const stop = () => stopAll(state, following);
  try {
    await deployHead(state);
    if (!state.running) throw new Error(`nothing could be deployed from ${gitUrl} ${branch}`);
  } catch (error) {
    await stop();
    throw error;
  }
  following = Promise.all([follow(state), serve(state)]).then(() => {});
  return {
    endpoint: state.front.url,
    current: () => state.running?.sha ?? "",
    process: () => state.running?.child,
    revive: () => revive(state),
    settled: () => state.reported,
    together: (push) => together(state, push),
    stop,
  };
};

const stopAll = async (state: State, following: Promise<void>): Promise<void> => {
  state.stopped.abort();
  await following;
  await state.reported;
  await state.front.stop();
  await state.running?.child.stop();
};

const follow = async (state: State): Promise<void> => {
  const { signal } = state.stopped;
  while (!signal.aborted) {
    await state.pushing;
    state.looking = deployHead(state).catch((error: Error) => state.options.onProblem?.(error.message));
    await state.looking;
    await delay(pollMs, undefined, { signal }).catch(() => {});
  }
};

const together = async <T>(state: State, push: () => Promise<T>): Promise<T> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  state.pushing = promise;
  await state.looking;
  return push().finally(resolve);
};

/** Deploys the branch's head when it is new. */
const deployHead = async (state: State): Promise<void> => {
  const { workDir, gitUrl, branch, buildMs = 0 } = state.options;
  const sha = (await git(workDir, ["ls-remote", gitUrl, `refs/heads/${branch}`])).split("\t")[0] ?? "";
  if (sha === "" || sha === state.tried) return;
  if (state.tried !== "") await delay(buildMs, undefined, { signal: state.stopped.signal });
  state.tried = sha;
  await deploy(state, sha);
};

/** Deploys what was ordered, beside the branch. */
const serve = async (state: State): Promise<void> => {
  const { signal } = state.stopped;
  const { orders, onProblem } = state.options;
  while (orders !== undefined && !signal.aborted) {
    const order = orders.next();
    if (order !== undefined)
      await carryOut(state, orders, order).catch((error: Error) => onProblem?.(error.message));
    await delay(pollMs, undefined, { signal }).catch(() => {});
  }
};

const carryOut = async (
  state: State,
  orders: Orders,
  { id, sha }: { id: number; sha: string },
): Promise<void> => {
  orders.begin(id);
  await deploy(state, sha);
  await state.reported;
  orders.end(id, state.running?.sha === sha);
};

const deploy = (state: State, sha: string): Promise<void> => {
  const deployed = state.deploying.catch(() => {}).then(() => replace(state, sha));
  state.deploying = deployed;
  return deployed;
};

const replace = async (state: State, sha: string): Promise<void> => {
  const { options, front } = state;
  const checkout = await checkOut(state, sha);
  const next = await startService(checkout).catch((error: Error) => error);
  if (next instanceof Error) {
    options.onProblem?.(next.message);
    return announce(state, { sha, status: "failed", at: Date.now() });
  }
  const previous = state.running;
  const at = previous ? Date.now() : (options.liveSince ?? Date.now());
  state.running = next;
  state.started = checkout;
  const drained = front.switchTo(next.port)?.idle();
  announce(state, { sha, status: "succeeded", at });
  await drained;
  await previous?.child.stop();
};

const revive = async (state: State): Promise<void> => {
  const { started, front } = state;
  if (started === undefined) return;
  state.count += 1;
  const next = await startService({ ...started, log: `${started.log}.${state.count}` });
  state.running = next;
  front.switchTo(next.port);
};

type Checkout = Parameters<typeof startService>[0];

const checkOut = async (state: State, sha: string): Promise<Checkout> => {
  const { mirror, options } = state;
  const { gitUrl, branch, workDir, logDir, image } = options;
  state.count += 1;
  const name = `${state.count}-${sha.slice(0, 12)}`;
  const dir = join(workDir, name);
  await git(mirror, ["fetch", "--quiet", gitUrl, `+refs/heads/${branch}:refs/heads/${branch}`]);
  await git(mirror, ["worktree", "add", "--quiet", "--detach", dir, sha]);
  const log = join(logDir, `payment-gateway-${name}.log`);
  return image === undefined ? { dir, sha, log } : { sha, log, ...(await pull(workDir, dir, image)) };
};

/** The code that a checkout of the configuration names, as pulling its image would give. */
const pull = async (
  workDir: string,
  dir: string,
  { gitUrl, commitOf }: NonNullable<DeployerOptions["image"]>,
) => {
  const code = join(workDir, "code.git");
  await git(workDir, ["init", "--quiet", "--bare", code]);
  await git(code, ["fetch", "--quiet", gitUrl, "+refs/heads/*:refs/heads/*"]);
  const commit = await git(code, ["rev-parse", "--verify", `${await commitOf(dir)}^{commit}`]);
  await git(code, ["worktree", "add", "--quiet", "--detach", `${dir}-code`, commit]);
  return { dir: `${dir}-code`, commit };
};

/** Reports one deploy after the other, each once it is healthy. */
const announce = (state: State, deployed: Deployed): void => {
  const { options, stopped } = state;
  options.onDeploy?.(deployed);
  state.reported = state.reported
    .then(() => options.healthy?.(deployed, stopped.signal))
    .then(() => report(options, deployed, stopped.signal));
};

/** POSTs one deploy as `{"service","environment","sha","status","at"}` until it is answered 2xx or the signal says stop. */
const report = async (
  { report: { url, token }, service, environment }: DeployerOptions,
  { sha, status, at }: Deployed,
  signal: AbortSignal,
) => {
  const body = JSON.stringify({ service, environment, sha, status, at: new Date(at).toISOString() });
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  for (let waitMs = 200; !signal.aborted; waitMs = Math.min(waitMs * 2, 2_000)) {
    const attempt = AbortSignal.any([signal, AbortSignal.timeout(5_000)]);
    const ok = await fetch(url, { method: "POST", headers, body, signal: attempt }).then(
      (answer) => answer.body?.cancel().then(() => answer.ok),
      () => false,
    );
    if (ok) return;
    await delay(waitMs, undefined, { signal }).catch(() => {});
  }
};
