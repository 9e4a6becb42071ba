import type { ListedPull } from "../../../ports/changes.ts";
import type { Service } from "../../../ports/service.ts";
import { ask } from "../api/call.ts";
import { type Github, repoOf } from "../api/repository.ts";

const pageSize = 100;
const maxBody = 20_000;

/** One call for the latest hundred closed pull requests. */
export const mergedPulls = async (github: Github, service: Service): Promise<ListedPull[]> => {
  const pulls = await ask(`list the merged pull requests of ${service.repository}`, () =>
    github.octokit.pulls.list({
      ...{ ...repoOf(service), state: "closed" as const },
      ...{ sort: "updated" as const, direction: "desc" as const, per_page: pageSize },
    }),
  );
  return pulls.flatMap(({ number, title, body, html_url: url, labels, user, merged_at, merge_commit_sha }) =>
    merged_at && merge_commit_sha
      ? [
          {
            ...{ number, title, url, body: (body ?? "").slice(0, maxBody) },
            labels: labels.map(({ name }) => name),
            author: user?.login ?? "unknown",
            ...{ mergeSha: merge_commit_sha, mergedAt: Date.parse(merged_at) },
          },
        ]
      : [],
  );
};
