import { boolean, lazy, nullable, number, object, optional, string } from "zod";
import type { Pull } from "../../../incident/model.ts";
import { graphql } from "../api/graphql.ts";
import { type Github, repoOf } from "../api/repository.ts";
import { nameOf, unlessRefused } from "../pulls/pulls.ts";

type Place = { repository: string };

const query = `query ($owner: String!, $repo: String!, $number: Int!) {
  repository(owner: $owner, name: $repo) {
    autoMergeAllowed
    pullRequest(number: $number) {
      id mergeStateStatus reviewDecision isMergeQueueEnabled
      autoMergeRequest { enabledAt }
      mergeQueueEntry { headCommit { oid } }
      baseRef { refUpdateRule { requiredApprovingReviewCount requiresCodeOwnerReviews requiresConversationResolution requiresSignatures requiresLinearHistory } }
    }
  }
}`;

const answer = lazy(() =>
  object({
    repository: object({
      autoMergeAllowed: boolean(),
      pullRequest: object({
        id: string(),
        mergeStateStatus: string(),
        reviewDecision: nullable(string()),
        isMergeQueueEnabled: optional(nullable(boolean())),
        autoMergeRequest: nullable(object({})),
        mergeQueueEntry: nullable(object({ headCommit: nullable(object({ oid: string() })) })),
        baseRef: nullable(
          object({
            refUpdateRule: nullable(
              object({
                requiredApprovingReviewCount: nullable(number()),
                requiresCodeOwnerReviews: boolean(),
                requiresConversationResolution: boolean(),
                requiresSignatures: boolean(),
                requiresLinearHistory: boolean(),
              }),
            ),
          }),
        ),
      }),
    }),
  }),
);

/** The merge of a pull request as only GraphQL tells it; undefined where the server does not know these fields. */
export const readMergeState = async (github: Github, place: Place, pull: Pick<Pull, "number">) => {
  const data = await unlessRefused(
    graphql<unknown>(github, place, {
      what: `read how ${nameOf(place, pull.number)} merges`,
      query,
      variables: { ...repoOf(place), number: pull.number },
    }),
  );
  const read = answer.safeParse(data).data?.repository;
  return read && { ...read.pullRequest, autoMergeAllowed: read.autoMergeAllowed };
};
