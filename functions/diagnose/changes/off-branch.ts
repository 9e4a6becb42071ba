import type { Changes } from "../../../shared/ports/changes.ts";
import type { Service } from "../../../shared/ports/service.ts";
import { short } from "../../../shared/text/format.ts";

const maxCommits = 250;

/** The commits of a deploy that are not on the service's branch, and the branch where a revert of them must go. */
type OffBranch = { shas: Set<string>; branch: string; notes: string[] };

export const onBranch: OffBranch = { shas: new Set(), branch: "", notes: [] };

export const offBranch = async (changes: Changes, target: Service, deployed: string): Promise<OffBranch> => {
  const range = { from: target.branch, to: deployed, limit: maxCommits };
  const compared = await changes.compare(target, range);
  if (compared === undefined || compared.total === 0) return onBranch;
  const [branch = ""] = await changes.branchesAt(target, deployed);
  const where = branch === "" ? "a branch that has moved on or is gone" : branch;
  return {
    shas: new Set(compared.commits.map(({ sha }) => sha)),
    branch: where,
    notes: [
      `${short(deployed)}, which is deployed, is not on ${target.branch} but on ${where}: a revert of its changes must go there`,
    ],
  };
};
