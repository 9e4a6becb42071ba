import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { git } from "../../host/git.ts";
import { perPod } from "./rule.ts";

/** The autoscaler's limits, by the deployed manifests. */
export type Bounds = { min: number; max: number };
export type Cluster = {
  url: string;
  /** How many payments a second customers want to make from now on. */
  demand(perSecond: number): void;
  /** Pods that are wanted and that are ready now. */
  pods(): { desired: number; ready: number; max: number };
  stop(): Promise<void>;
};

const beatMs = 250;
/** How long a new pod takes to be ready. */
const startMs = 1_500;

/**
 * Plays the cluster: an ingress before the one real process that lets through the share of the demand that the ready pods carry and
 * turns the rest away, an autoscaler that follows the demand within the bounds of the deployed manifest, and kube-state-metrics.
 */
export const startCluster = async (to: {
  target: string;
  demand: number;
  bounds: () => Promise<Bounds>;
}): Promise<Cluster> => {
  const agent = new Agent({ keepAlive: false });
  let limits = await to.bounds();
  let { demand } = to;
  const wanted = () => Math.min(limits.max, Math.max(limits.min, Math.ceil(demand / perPod)));
  let ready = wanted();
  let starting: { at: number; count: number } | undefined;
  let turn = 0;

  const beat = async (): Promise<void> => {
    limits = await to.bounds();
    const now = Date.now();
    const count = wanted();
    if (count <= ready) {
      ready = count;
      starting = undefined;
      return;
    }
    if (starting?.count !== count) starting = { at: now + startMs, count };
    if (now >= starting.at) ready = count;
  };

  /** Of every so many customers so many are let in, evenly. */
  const admits = (): boolean => {
    turn += Math.min(1, (ready * perPod) / demand);
    if (turn < 1) return false;
    turn -= 1;
    return true;
  };

  const metrics = (): string => {
    const hpa = 'namespace="payments",horizontalpodautoscaler="payment-gateway"';
    const deployment = 'namespace="payments",deployment="payment-gateway"';
    return [
      `kube_horizontalpodautoscaler_spec_min_replicas{${hpa}} ${limits.min}`,
      `kube_horizontalpodautoscaler_spec_max_replicas{${hpa}} ${limits.max}`,
      `kube_horizontalpodautoscaler_status_desired_replicas{${hpa}} ${wanted()}`,
      `kube_deployment_spec_replicas{${deployment}} ${wanted()}`,
      `kube_deployment_status_replicas_ready{${deployment}} ${ready}`,
      `ingress_demand{namespace="payments"} ${demand}`,
      "",
    ].join("\n");
  };

  const forward = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { method, url: path, headers } = incoming;
    const upstream = request(`${to.target}${path}`, { method, headers, agent }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    upstream.once("error", () => (outgoing.headersSent ? outgoing.destroy() : outgoing.writeHead(502).end()));
    outgoing.once("close", () => upstream.destroy());
    incoming.pipe(upstream);
  };

  const server = createServer((incoming, outgoing) => {
    const plain = { "content-type": "text/plain" };
    if (incoming.url === "/metrics") return outgoing.writeHead(200, plain).end(metrics());
    if (!admits()) return outgoing.writeHead(503, plain).end("no pod has room\n");
    forward(incoming, outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  let beating = beat();
  const timer = setInterval(() => {
    beating = beating.then(beat);
  }, beatMs);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    demand(perSecond) {
      demand = perSecond;
    },
    pods: () => ({ desired: wanted(), ready, max: limits.max }),
    async stop() {
      clearInterval(timer);
      await beating;
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      agent.destroy();
    },
  };
};

const manifest = "k8s/hpa.yaml";

/** The autoscaler's limits in the manifests of a commit. */
export const boundsAt = async (bare: string, sha: string): Promise<Bounds> => {
  const text = await git(bare, ["show", `${sha}:${manifest}`]);
  const read = (field: string) => Number(new RegExp(`^ *${field}: (\\d+)`, "m").exec(text)?.[1]);
  return { min: read("minReplicas"), max: read("maxReplicas") };
};
