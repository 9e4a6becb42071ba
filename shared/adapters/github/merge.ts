import { UpstreamError } from "../../errors.ts";
import type { Pull } from "../../incident/model.ts";
import type { MergeResult } from "../../ports/pulls.ts";
import type { Service } from "../../ports/service.ts";
import { ask } from "./call.ts";
import { nameOf, readDetails, someone } from "./pulls.ts";
import { type Github, type MergeMethod, repoOf } from "./repository.ts";

export const merge = async (github: Github, service: Service, pull: Pull): Promise<MergeResult> => {
  const [before, method, by] = await Promise.all([
    readDetails(github, service, pull.number),
    mergeMethod(github, service),
    github.login(),
  ]);
  const already = judge(before, pull);
  if (already) return already;
  try {
    const { sha } = await ask(`merge ${nameOf(service, pull.number)}`, () =>
      github.octokit.pulls.merge({
        ...{ ...repoOf(service), pull_number: pull.number },
        ...{ sha: pull.head, merge_method: method },
      }),
    );
    return { result: "merged", sha, by };
  } catch (error) {
    if (!(error instanceof UpstreamError) || (error.status !== 405 && error.status !== 409)) throw error;
    github.mergeMethods.forget(service.repository);
    const now = judge(await readDetails(github, service, pull.number), pull);
    return now ?? { result: error.status === 409 ? "moved" : "blocked", detail: error.message };
  }
};

/** The result without a merge; undefined while the pull request is open as it was approved. */
const judge = (now: Awaited<ReturnType<typeof readDetails>>, pull: Pull): MergeResult | undefined => {
  if (now.base.ref !== pull.base)
    return { result: "moved", detail: `#${pull.number} goes to ${now.base.ref} now, not to ${pull.base}` };
  if (now.merged_at && now.head.sha === pull.head)
    return { result: "merged", sha: now.merge_commit_sha ?? pull.head, by: now.merged_by?.login ?? someone };
  if (!now.merged_at && now.state === "closed") return { result: "closed", by: someone };
  if (now.head.sha === pull.head) return undefined;
  const merged = now.merged_at ? ", and was merged there" : "";
  return {
    result: "moved",
    detail: `#${pull.number} is at ${now.head.sha} now, not at ${pull.head}${merged}`,
  };
};

const preferred: MergeMethod[] = ["squash", "merge", "rebase"];

/** The first one that the repository allows; GitHub tells only those who may push. */
const mergeMethod = (github: Github, service: Service): Promise<MergeMethod> => {
  return github.mergeMethods.read(service.repository, async () => {
    const data = await ask(`read ${service.repository}`, () => github.octokit.repos.get(repoOf(service)));
    const allowed = {
      squash: data.allow_squash_merge,
      merge: data.allow_merge_commit,
      rebase: data.allow_rebase_merge,
    };
    return preferred.find((method) => allowed[method] === true) ?? "squash";
  });
};
