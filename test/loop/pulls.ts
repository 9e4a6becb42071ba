import { pull, revertOf, sha, suspect } from "../support/incident.ts";
import { service, type World, world } from "../support/world.ts";

export const other = "checkout/production";
export const two = (): World => world({ others: [service({ name: "checkout" })] });
export const statesOf = ({ state }: World) => [...state.pulls.values()].map((pull) => pull.state);

export const diagnosis = { suspects: [suspect()], none: 0.1, onsetAt: 10_000, remedies: [revertOf()] };

export const gitops = { repository: "acme/env", branch: "main", paths: [] };
export const inGitops = { ...revertOf({ sha: sha("b"), title: "raise the gateway" }), in: "gitops" as const };
export const numberedAlike = {
  ...pull,
  url: "http://github.test/acme/env/pull/7",
  branch: "countersteer/revert-b",
};
