import type { Change } from "../../incident/model.ts";
import type { Judged } from "../verdict.ts";

/** The change that a suspect is, with the deploy that brought it. */
export const describeChange = ({ commit, live }: Pick<Judged, "commit" | "live">): Change => {
  const { sha, pull, commits = [sha], branch } = commit;
  return {
    kind: pull === undefined ? "commit" : "pull",
    ...(pull && { pull }),
    commits,
    ...(live?.deploy && { deploy: { ...live.deploy, at: live.at, status: live.rollout ?? "succeeded" } }),
    ...(branch !== undefined && { branch }),
  };
};
