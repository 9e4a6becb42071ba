import type { Repository } from "../../../ports/pulls.ts";
import type { Merged, Text } from "../../../text/check-pull.ts";
import type { Github } from "../api/repository.ts";
import { nameOf, readComments, readDetails } from "./pulls.ts";

/** The texts of the account that opened the pull request, in their order. `foreign`: comments of others, which count for nothing. */
export type RecordTexts = { account: string; texts: Text[]; foreign: number; pull: Merged };

export const recordTexts = async (
  github: Github,
  repository: Repository,
  number: number,
): Promise<RecordTexts> => {
  const [details, comments] = await Promise.all([
    readDetails(github, repository, number),
    readComments(github, repository, { number }),
  ]);
  const own = comments.filter(({ user }) => user?.id !== undefined && user.id === details.user.id);
  const body: Text = { place: `the body of ${nameOf(repository, number)}`, text: details.body ?? "" };
  return {
    account: details.user.login,
    texts: [body, ...own.map(textOf)],
    foreign: comments.length - own.length,
    pull: {
      head: details.head.sha,
      ...(details.merged_at && details.merge_commit_sha && { mergeSha: details.merge_commit_sha }),
      ...(details.merged_by && { by: details.merged_by.login }),
    },
  };
};

type Comment = Awaited<ReturnType<typeof readComments>>[number];

const textOf = ({ html_url, body = "", created_at, updated_at }: Comment): Text => ({
  place: html_url,
  text: body,
  ...(created_at !== updated_at && { edited: true }),
});
