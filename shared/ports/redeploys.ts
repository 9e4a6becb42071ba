import type { EpochMs, Sha } from "../brands.ts";
import type { ListedChange } from "../git/model.ts";
import type { RedeployTool } from "../incident/remedies/redeployment.ts";
import type { Repository } from "./pulls.ts";
import type { Service } from "./service.ts";

/** One redeploy. `id` is a random text that names it; `since`: it was ordered no earlier. */
export type Order = { tool: RedeployTool; sha: Sha; id: string; since: EpochMs };
/** A run of a workflow, or a deployment. `detail` is GitHub's word for its state. */
export type DeployRun = {
  id: number;
  url: string;
  state: "running" | "succeeded" | "failed";
  detail: string;
};

/** Deploys by the service's own tools, through GitHub. Every method throws UpstreamError. */
export interface Redeploys {
  /** The text of a workflow's file at a branch or tag, and its Git blob id; undefined where there is none. */
  workflow(
    place: Repository,
    of: { workflow: string; ref: string },
  ): Promise<{ digest: Sha; text: string } | undefined>;
  /** Starts it. After a retryable error nobody knows whether it began: then `findDeploy`, never this again. Undefined: GitHub took it and names no run. */
  startDeploy(place: Repository, order: Order): Promise<Pick<DeployRun, "id" | "url"> | undefined>;
  /** The run that the order began, by its id; undefined when none is listed that holds it. */
  findDeploy(place: Repository, order: Order): Promise<DeployRun | undefined>;
  readDeploy(place: Repository, of: { tool: RedeployTool; id: number }): Promise<DeployRun>;
  /** The files that differ between two commits; undefined where GitHub does not list them all. */
  changedFiles(place: Service, of: { from: Sha; to: Sha }): Promise<ListedChange[] | undefined>;
  /** Durations in ms of the latest dispatched runs of the workflow that succeeded. */
  deployTimes(place: Repository, workflow: string): Promise<number[]>;
}
