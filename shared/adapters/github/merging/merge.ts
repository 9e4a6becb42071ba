import { UpstreamError } from "../../../errors.ts";
import type { Pull } from "../../../incident/model.ts";
import type { MergeResult } from "../../../ports/pulls.ts";
import type { Service } from "../../../ports/service.ts";
import { ask } from "../api/call.ts";
import { type Github, type MergeMethod, repoOf } from "../api/repository.ts";
import { nameOf, readDetails, someone } from "../pulls/pulls.ts";
import { readChecks } from "./checks.ts";
import { refusalOf } from "./refusal.ts";

/** Tries the allowed merge methods, the preferred one first: a ruleset may refuse what the repository allows. */
export const merge = async (github: Github, service: Service, pull: Pull): Promise<MergeResult> => {
  const [before, methods, by] = await Promise.all([
    readDetails(github, service, pull.number),
    mergeMethods(github, service),
    github.login(),
  ]);
  const already = judge(before, pull);
  if (already) return already;
  let refused: MergeResult | undefined;
  for (const method of methods) {
    const tried = await tryMerge(github, service, { pull, method, by });
    if (!("other" in tried)) return tried;
    refused ??= tried.other;
  }
  return (
    refused ?? { result: "refused", detail: `merge ${nameOf(service, pull.number)}`, instruction: noMethod }
  );
};

const noMethod = "no merge method is allowed: allow one for this branch, or merge it on GitHub";

type Try = { pull: Pull; method: MergeMethod; by: string };

/** `other`: only the method was refused, so the next one is worth a try. */
const tryMerge = async (
  github: Github,
  service: Service,
  { pull, method, by }: Try,
): Promise<MergeResult | { other: MergeResult }> => {
  try {
    const { sha } = await ask(`merge ${nameOf(service, pull.number)}`, () =>
      github.octokit.pulls.merge({
        ...{ ...repoOf(service), pull_number: pull.number },
        ...{ sha: pull.head, merge_method: method },
      }),
    );
    return { result: "merged", sha, by };
  } catch (error) {
    if (!(error instanceof UpstreamError) || ![405, 409, 422].includes(error.status ?? 0)) throw error;
    github.mergeMethods.forget(service.repository);
    return refusal(github, service, { pull, error });
  }
};

const refusal = async (
  github: Github,
  service: Service,
  { pull, error }: { pull: Pull; error: UpstreamError },
): Promise<MergeResult | { other: MergeResult }> => {
  const { message: detail } = error;
  const now = await readDetails(github, service, pull.number);
  const judged = judge(now, pull);
  if (judged) return judged;
  if (now.mergeable === false)
    return { result: "conflict", detail: `#${pull.number} conflicts with ${pull.base} as it is now` };
  const why = refusalOf(detail);
  if (why.kind === "method") return { other: { result: "refused", detail, instruction: noMethod } };
  if (why.kind === "person") return { result: "refused", detail, instruction: why.instruction };
  if (error.status === 409) return { result: "moved", detail };
  const checks = await readChecks(github, service, {
    ...{ head: pull.head, base: now.base.sha, branch: pull.base },
  });
  return { result: "blocked", detail, checks: checks() };
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

/** The merge methods that the repository allows; GitHub shows them only to accounts that may push. */
export const mergeMethods = (github: Github, service: Service): Promise<MergeMethod[]> =>
  github.mergeMethods.read(service.repository, async () => {
    const data = await ask(`read ${service.repository}`, () => github.octokit.repos.get(repoOf(service)));
    const allowed = {
      squash: data.allow_squash_merge,
      merge: data.allow_merge_commit,
      rebase: data.allow_rebase_merge,
    };
    const methods = preferred.filter((method) => allowed[method] === true);
    return methods.length === 0 ? preferred : methods;
  });
