import { type Finding, failed, ok, orFailed } from "../../../functions/ready/finding.ts";
import { ask, unlessMissing } from "../../../shared/adapters/github/api/call.ts";
import type { GithubClient } from "../../../shared/adapters/github/api/client.ts";
import { repoOf } from "../../../shared/adapters/github/api/repository.ts";
import type { Configured } from "../../../shared/config.ts";

/** The repositories in which drafts of post-mortems are opened as issues: whether each is there, is not archived, and has issues. */
export const checkDrafts = async (client: GithubClient, services: Configured[]): Promise<Finding[]> => {
  const wanted = services.flatMap(({ postmortem }) =>
    postmortem === undefined || postmortem === "comment" ? [] : [postmortem.issue],
  );
  const found: Finding[] = [];
  for (const repository of new Set(wanted)) found.push(...(await checkIssues(client, repository)));
  return found;
};

const checkIssues = (client: GithubClient, repository: string): Promise<Finding[]> => {
  const about = `post-mortems ${repository}`;
  const todo = "grant the app or the token access to it, or mend postmortem in the configuration";
  return orFailed(about, todo, async () => {
    const found = await unlessMissing(
      ask(`read ${repository}`, () => client.octokit.repos.get(repoOf({ repository }))),
    );
    if (found === undefined) return [failed(about, "is not there, or cannot be seen", todo)];
    if (found.archived) return [failed(about, "is archived: no issue can be opened", "unarchive it")];
    return found.has_issues === false
      ? [failed(about, "has no issues", "turn issues on in its settings, or set postmortem: comment")]
      : [ok(about, "drafts are opened there as issues")];
  });
};
