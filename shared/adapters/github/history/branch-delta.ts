import type { RestEndpointMethodTypes } from "@octokit/rest";
import type { OpenPull, Since } from "../../../ports/history.ts";
import type { Service } from "../../../ports/service.ts";
import { ask } from "../api/call.ts";
import { type Github, never, repoOf } from "../api/repository.ts";
import { listed, maxFiles } from "../git/commits.ts";
import { toLanded } from "./landed.ts";

type Compared = RestEndpointMethodTypes["repos"]["compareCommitsWithBasehead"]["response"]["data"];

/** GitHub lists this many commits of a comparison on its first page. */
const maxCommits = 250;

/** The commits on the branch since `sha`. Throws a final error when the branch does not hold it. */
export const since = async (github: Github, service: Service, sha: string): Promise<Since> => {
  const { repository, branch } = service;
  const basehead = `${sha}...${branch}`;
  const data = await ask(`compare ${basehead} of ${repository}`, () =>
    github.octokit.repos.compareCommitsWithBasehead({
      ...repoOf(service),
      basehead,
      per_page: maxCommits,
    }),
  );
  if (data.status !== "ahead" && data.status !== "identical")
    throw never(`${sha} is not on ${branch} of ${repository}`);
  return { ...headOf(data), age: data.ahead_by, ...landed(data) };
};

/** The branch's head, unless more has landed than GitHub lists. */
const headOf = ({ commits, base_commit, ahead_by }: Compared): Pick<Since, "head"> => {
  if (commits.length < ahead_by) return {};
  const head = commits.at(-1) ?? base_commit;
  return { head: { sha: head.sha, tree: head.commit.tree.sha } };
};

const landed = ({ commits, files = [] }: Compared): Pick<Since, "commits" | "files"> => ({
  commits: commits.map(toLanded),
  ...(files.length < maxFiles && { files: listed(files) }),
});

/** Open pull requests to the branch, the newest hundred. */
export const openPulls = async (github: Github, service: Service): Promise<OpenPull[]> => {
  const pulls = await ask(`list the open pull requests of ${service.repository}`, () =>
    github.octokit.pulls.list({
      ...{ ...repoOf(service), base: service.branch, state: "open" as const },
      ...{ sort: "created" as const, direction: "desc" as const, per_page: 100 },
    }),
  );
  return pulls.map(({ number, html_url: url, title, body, head }) => ({
    ...{ number, url, title, body: body ?? "" },
    branch: head.ref,
    own: head.repo?.full_name.toLowerCase() === service.repository.toLowerCase(),
  }));
};
