import type { EpochMs } from "../brands.ts";

/**
 * A deploy as a tool tells it that knows no services. `name` is the tool's own name of what it deploys. `values` are parameters, labels and
 * metadata, of which the configuration may name some. `images` are references, `NAME:TAG@DIGEST` or `NAME@DIGEST`.
 */
export type Told = {
  tool: "argocd" | "flux" | "tekton" | "jenkins" | "cdevents" | "kubernetes";
  name: string;
  values: Record<string, string>;
  environment?: string;
  commits: { sha: string; repository?: string }[];
  images: string[];
  /** The tag of the service's image, where the event names no image: the configuration knows which one it is. */
  tag?: string;
  status: "succeeded" | "failed" | "started";
  /** It failed, and the cluster went back by itself to the version that ran before. Git still names the failed one. */
  rolledBack?: true;
  at?: EpochMs;
  url?: string;
  version?: string;
  /** Why it failed, in the words of the tool; of one that succeeded, that the cluster made it by itself. */
  detail?: string;
};

/** A tool that is asked what it runs, because it may tell nothing by itself. */
export interface LiveDeploys {
  /** The state of this name as the tool tells it now; empty while it has deployed nothing yet. Reading changes nothing. Throws UpstreamError. */
  read(name: string): Promise<Told[]>;
}

/** The tools that are asked. */
export type AskedTools = Partial<Record<Told["tool"], LiveDeploys>>;
