import type { Intent } from "../../shared/incident/commands.ts";
import type { In } from "../../shared/incident/model.ts";
import { firstOf, putBackBy } from "../../shared/incident/remedies/redeploy.ts";
import { clock, short } from "../../shared/text/format.ts";
import { deployName } from "../../shared/text/timeline.ts";
import { repositoryOf, type Work } from "../step.ts";

/** A deploy since the redeploy that holds the culprit while the revert waits for its merge: people are told before it is live, if it can be seen. */
export const culpritReturns = async (work: Work, incident: In<"approved">): Promise<Intent | undefined> => {
  const { service, environment, remedy, pull, redeploy } = incident;
  const first = firstOf(remedy);
  if (first === undefined || remedy.kind !== "revert" || redeploy?.end?.how !== "live") return undefined;
  const [newest] = await work.store.deploys(service, environment, redeploy.at);
  if (newest === undefined || newest.sha === first.sha || newest.status === "failed") return undefined;
  if (putBackBy(incident)?.warned?.includes(newest.sha)) return undefined;
  const place = repositoryOf(work, service, remedy);
  if (!(await work.history.contains(place, { ancestor: remedy.sha, descendant: newest.sha })))
    return undefined;
  const what = newest.status === "started" ? "is being deployed" : "was deployed";
  return {
    ...{ type: "RecordReturn", sha: newest.sha },
    detail: `${short(newest.sha)} ${what} at ${clock(newest.at)} in the place of ${deployName(first)}, and holds ${short(remedy.sha)} “${remedy.title}”; #${pull.number}, which takes that back, is not merged yet`,
  };
};
