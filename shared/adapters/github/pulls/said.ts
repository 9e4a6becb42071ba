import type { RestEndpointMethodTypes } from "@octokit/rest";
import type { Pull } from "../../../incident/model.ts";
import type { Review, Said, Spoken } from "../../../ports/accounts.ts";
import type { Service } from "../../../ports/service.ts";
import { ownValue } from "../../../records.ts";
import { readPages } from "../api/pages.ts";
import { type Github, repoOf } from "../api/repository.ts";
import { nameOf, readComments } from "./pulls.ts";

type Listed = RestEndpointMethodTypes["pulls"]["listReviews"]["response"]["data"][number];

const states: Record<string, Review["state"]> = {
  APPROVED: "approved",
  CHANGES_REQUESTED: "changes_requested",
  DISMISSED: "dismissed",
};

export const said = async (github: Github, service: Service, pull: Pull): Promise<Said> => {
  const [reviews, comments] = await Promise.all([
    readReviews(github, service, pull),
    readComments(github, service, pull),
  ]);
  const latest = new Map(reviews.flatMap((review) => deciding(review)).map((review) => [review.by, review]));
  return { reviews: [...latest.values()], commands: comments.flatMap((comment) => spoken(comment)) };
};

const readReviews = (github: Github, service: Service, { number }: Pull): Promise<Listed[]> =>
  readPages(`read the reviews of ${nameOf(service, number)}`, (page) =>
    github.octokit.pulls.listReviews({ ...repoOf(service), pull_number: number, ...page }),
  );

/** A review that only comments decides nothing. */
const deciding = ({ user, state, commit_id }: Listed): Review[] => {
  const decided = ownValue(states, state);
  if (decided === undefined || !user || user.type === "Bot") return [];
  return [{ by: user.login, state: decided, head: commit_id ?? "" }];
};

type Comment = Awaited<ReturnType<typeof readComments>>[number];

const spoken = ({ id, user, body = "", created_at, updated_at }: Comment): Spoken[] => {
  if (!/^\s*\/countersteer\b/.test(body) || !user || user.type === "Bot" || created_at !== updated_at)
    return [];
  return [{ id, by: user.login, text: body.trim(), at: Date.parse(created_at) }];
};
