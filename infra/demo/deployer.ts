import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { git } from "../host/git.ts";
import { startFront } from "./front.ts";
import { type Running, startService } from "./service.ts";

export type Deployed = { sha: string; status: "succeeded" | "failed"; at: number };
export type DeployerOptions = {
  /** The remote that git fetches from: a path or an HTTP address. */
  gitUrl: string;
  branch: string;
  /** Where the code is, when what is followed only says which commit of it to run. */
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
  /** When what runs first went live, for a service that was there before: reported instead of the time of its start. */
  liveSince?: number;
  onDeploy?: (deployed: Deployed) => void;
  onProblem?: (problem: string) => void;
};
/** `endpoint` stays the same over all deploys. `current` is the commit that serves now. */
export type Deployer = {
  endpoint: string;
  current(): string;
  settled(): Promise<void>;
  stop(): Promise<void>;
};

const pollMs = 500;

/**
 * Plays the GitOps controller: follows the branch, checks each new head out, replaces the running service without
 * dropping a request, and reports the deploy until somebody takes it. Returns once the first commit serves.
 */
export const startDeployer = async (options: DeployerOptions): Promise<Deployer> => {
  const { gitUrl, branch, workDir, logDir, onDeploy, onProblem } = options;
  const mirror = join(workDir, "mirror.git");
  await mkdir(workDir, { recursive: true });
  await git(workDir, ["init", "--quiet", "--bare", mirror]);
  const front = await startFront();
  const stopped = new AbortController();
  let running: Running | undefined;
  let tried = "";
  let count = 0;
  let reported = Promise.resolve();

  const deploy = async (sha: string): Promise<void> => {
    const checkout = await checkOut(sha);
    tried = sha;
    const next = await startService(checkout).catch((error: Error) => error);
    if (next instanceof Error) {
      onProblem?.(next.message);
      return announce({ sha, status: "failed", at: Date.now() });
    }
    const previous = running;
    const at = previous ? Date.now() : (options.liveSince ?? Date.now());
    running = next;
    const drained = front.switchTo(next.port)?.idle();
    announce({ sha, status: "succeeded", at });
    await drained;
    await previous?.child.stop();
  };

  const checkOut = async (sha: string) => {
    count += 1;
    const name = `${count}-${sha.slice(0, 12)}`;
    const dir = join(workDir, name);
    await git(mirror, ["fetch", "--quiet", gitUrl, `+refs/heads/${branch}:refs/heads/${branch}`]);
    await git(mirror, ["worktree", "add", "--quiet", "--detach", dir, sha]);
    const log = join(logDir, `payment-gateway-${name}.log`);
    return options.image === undefined
      ? { dir, sha, log }
      : { sha, log, ...(await pull(dir, options.image)) };
  };

  /** The code that a checkout of the configuration names, as pulling its image would give. */
  const pull = async (dir: string, { gitUrl: from, commitOf }: NonNullable<DeployerOptions["image"]>) => {
    const code = join(workDir, "code.git");
    await git(workDir, ["init", "--quiet", "--bare", code]);
    await git(code, ["fetch", "--quiet", from, "+refs/heads/*:refs/heads/*"]);
    const commit = await git(code, ["rev-parse", "--verify", `${await commitOf(dir)}^{commit}`]);
    await git(code, ["worktree", "add", "--quiet", "--detach", `${dir}-code`, commit]);
    return { dir: `${dir}-code`, commit };
  };

  const announce = (deployed: Deployed): void => {
    onDeploy?.(deployed);
    reported = reported
      .then(() => options.healthy?.(deployed, stopped.signal))
      .then(() => report(options, deployed, stopped.signal));
  };

  const poll = async (): Promise<void> => {
    const sha = (await git(workDir, ["ls-remote", gitUrl, `refs/heads/${branch}`])).split("\t")[0] ?? "";
    if (sha !== "" && sha !== tried) await deploy(sha);
  };

  const follow = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      await poll().catch((error: Error) => onProblem?.(error.message));
      await delay(pollMs, undefined, { signal: stopped.signal }).catch(() => {});
    }
  };

  const stop = async (): Promise<void> => {
    stopped.abort();
    await following;
    await reported;
    await front.stop();
    await running?.child.stop();
  };

  let following = Promise.resolve();
  try {
    await poll();
    if (!running) throw new Error(`nothing could be deployed from ${gitUrl} ${branch}`);
  } catch (error) {
    await stop();
    throw error;
  }
  following = follow();
  return { endpoint: front.url, current: () => running?.sha ?? "", settled: () => reported, stop };
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
