import type { Hono } from "hono";
import { z } from "zod";
import { body, type Env, iso, notFound, paged, refused } from "../answers.ts";
import { accountJson } from "../json.ts";
import type { Github, PullRecord, Repo, Review } from "../state.ts";
import { pullJson, pullOf, pullPage } from "./pull.ts";

const newReview = z.object({
  event: z.enum(["APPROVE", "REQUEST_CHANGES", "COMMENT"]).optional(),
  body: z.string().default(""),
  commit_id: z.string().optional(),
});
const states = { APPROVE: "APPROVED", REQUEST_CHANGES: "CHANGES_REQUESTED", COMMENT: "COMMENTED" } as const;

export const reviewRoutes = (app: Hono<Env>, github: Github): void => {
  app.get("/repos/:owner/:repo/pulls/:number/reviews", async (c) => {
    const pull = await pullOf(c);
    const all = pull.reviews.map((review) => reviewJson(github, c.var.repo, pull, review));
    return c.json(paged(c, github.origin, all));
  });

  app.post("/repos/:owner/:repo/pulls/:number/reviews", async (c) => {
    const pull = await pullOf(c);
    const given = await body(c, newReview);
    // GitHub refuses both for the account that opened the pull request.
    if (given.event !== "COMMENT" && c.var.actor.login === pull.user.login)
      throw refused(
        422,
        `Can not ${given.event === "APPROVE" ? "approve" : "request changes on"} your own pull request`,
      );
    if (given.event === "REQUEST_CHANGES" && given.body.trim() === "")
      throw refused(422, "Unprocessable Entity", ["Body can not be blank"]);
    const review: Review = {
      ...{ id: github.nextId(), user: c.var.actor, body: given.body, at: github.clock() },
      state: given.event === undefined ? "PENDING" : states[given.event],
      head: given.commit_id ?? pull.headSha,
    };
    pull.reviews.push(review);
    await emitReview(github, c.var.repo, { pull, review, action: "submitted" });
    return c.json(reviewJson(github, c.var.repo, pull, review));
  });

  app.put("/repos/:owner/:repo/pulls/:number/reviews/:id/dismissals", async (c) => {
    const pull = await pullOf(c);
    await body(c, z.object({ message: z.string("message wasn't supplied").min(1) }));
    const review = pull.reviews.find(({ id }) => id === Number(c.req.param("id")));
    if (review === undefined) throw notFound();
    review.state = "DISMISSED";
    await emitReview(github, c.var.repo, { pull, review, action: "dismissed" });
    return c.json(reviewJson(github, c.var.repo, pull, review));
  });
};

type Emitted = { pull: PullRecord; review: Review; action: "submitted" | "dismissed" };

const emitReview = async (github: Github, repo: Repo, { pull, review, action }: Emitted): Promise<void> => {
  if (!github.listening()) return;
  const payload = {
    review: reviewJson(github, repo, pull, review),
    pull_request: await pullJson(github, repo, pull),
  };
  github.emit(repo, "pull_request_review", review.user, { action, ...payload });
};

const reviewJson = (github: Github, repo: Repo, pull: PullRecord, review: Review) => ({
  ...{
    id: review.id,
    node_id: `PRR_${review.id}`,
    user: accountJson(github, review.user),
    body: review.body,
  },
  ...{ state: review.state, commit_id: review.head, submitted_at: iso(review.at) },
  ...{ html_url: `${pullPage(github, repo, pull.number)}#pullrequestreview-${review.id}` },
  author_association: "MEMBER",
});
