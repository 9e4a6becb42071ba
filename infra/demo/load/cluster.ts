import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream";
import { git } from "../../host/git.ts";
import { perPod } from "./rule.ts";

/** The autoscaler's limits, by the deployed manifests. */
export type Bounds = { min: number; max: number };
export type Cluster = {
  url: string;
  /** Sets the payments that customers want to make each second. */
  demand(perSecond: number): void;
  /** Pods that are wanted and that are ready now. */
  pods(): { desired: number; ready: number; max: number };
  stop(): Promise<void>;
};

const beatMs = 250;
/** How long a new pod takes to be ready. */
const startMs = 1_500;

type State = {
  limits: Bounds;
  demand: number;
  ready: number;
  starting?: { at: number; count: number };
  turn: number;
};

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
  const state: State = { limits: await to.bounds(), demand: to.demand, ready: 0, turn: 0 };
  state.ready = wanted(state);
  const server = createServer((incoming, outgoing) => {
    const plain = { "content-type": "text/plain" };
    if (incoming.url === "/metrics") return outgoing.writeHead(200, plain).end(metrics(state));
    if (!admits(state)) return outgoing.writeHead(503, plain).end("no pod has room\n");
    forward(incoming, outgoing, { target: to.target, agent });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const autoscaler = startAutoscaler(state, to.bounds);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    demand(perSecond) {
      state.demand = perSecond;
    },
    pods: () => ({ desired: wanted(state), ready: state.ready, max: state.limits.max }),
    async stop() {
      await autoscaler.stop();
      await closeServer(server);
      agent.destroy();
    },
  };
};

const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

const wanted = ({ limits, demand }: State): number =>
  Math.min(limits.max, Math.max(limits.min, Math.ceil(demand / perPod)));

/** Follows the demand: more pods are ready after their start, fewer at once. */
const startAutoscaler = (state: State, bounds: () => Promise<Bounds>): { stop(): Promise<void> } => {
  const scale = async (): Promise<void> => {
    state.limits = await bounds();
    const now = Date.now();
    const count = wanted(state);
    if (count <= state.ready) {
      state.ready = count;
      delete state.starting;
      return;
    }
    if (state.starting?.count !== count) state.starting = { at: now + startMs, count };
    if (now >= state.starting.at) state.ready = count;
  };
  let scaling = scale();
  const timer = setInterval(() => {
    scaling = scaling.then(scale);
  }, beatMs);
  return {
    async stop() {
      clearInterval(timer);
      await scaling;
    },
  };
};

/** Whether the next customer is let in, so that the admitted ones are spread evenly. */
const admits = (state: State): boolean => {
  state.turn += Math.min(1, (state.ready * perPod) / state.demand);
  if (state.turn < 1) return false;
  state.turn -= 1;
  return true;
};

const metrics = (state: State): string => {
  const hpa = 'namespace="payments",horizontalpodautoscaler="payment-gateway"';
  const deployment = 'namespace="payments",deployment="payment-gateway"';
  const { limits, ready, demand } = state;
  return [
    `kube_horizontalpodautoscaler_spec_min_replicas{${hpa}} ${limits.min}`,
    `kube_horizontalpodautoscaler_spec_max_replicas{${hpa}} ${limits.max}`,
    `kube_horizontalpodautoscaler_status_desired_replicas{${hpa}} ${wanted(state)}`,
    `kube_deployment_spec_replicas{${deployment}} ${wanted(state)}`,
    `kube_deployment_status_replicas_ready{${deployment}} ${ready}`,
    `ingress_demand{namespace="payments"} ${demand}`,
    "",
  ].join("\n");
};

const forward = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { target, agent }: { target: string; agent: Agent },
): void => {
  const { method, url: path, headers } = incoming;
  const upstream = request(`${target}${path}`, { method, headers, agent }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    pipeline(answer, outgoing, () => {});
  });
  upstream.once("error", () => (outgoing.headersSent ? outgoing.destroy() : outgoing.writeHead(502).end()));
  outgoing.once("close", () => upstream.destroy());
  incoming.pipe(upstream);
};

const manifest = "k8s/hpa.yaml";

/** The autoscaler's limits in the manifests of a commit. */
export const boundsAt = async (bare: string, sha: string): Promise<Bounds> => {
  const text = await git(bare, ["show", `${sha}:${manifest}`]);
  const read = (field: string) => Number(new RegExp(`^ *${field}: (\\d+)`, "m").exec(text)?.[1]);
  return { min: read("minReplicas"), max: read("maxReplicas") };
};
