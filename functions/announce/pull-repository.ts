import { UpstreamError } from "../../shared/errors.ts";
import type { Pull, Remedy } from "../../shared/incident/model.ts";
import type { Repository } from "../../shared/ports/pulls.ts";
import { repositoryIn } from "../../shared/text/pull-name.ts";
import { repositoryOf, type Work } from "../step.ts";
import { isConfigured } from "../stop/hold.ts";

export type Proposal = { remedy: Pick<Remedy, "in" | "repository">; pull: Pull };

/** The pull request of a service that is no longer configured is where its own address says. */
export const placeOf = (
  work: Pick<Work, "serviceOf">,
  name: string,
  { remedy, pull }: Proposal,
): Repository => {
  if (isConfigured(work.serviceOf, name)) return repositoryOf(work, name, remedy);
  const repository = repositoryIn(new URL(pull.url).pathname);
  if (repository !== undefined) return { repository };
  throw new UpstreamError("configuration", `nobody can tell which repository ${pull.url} is in`, {
    retryable: false,
  });
};
