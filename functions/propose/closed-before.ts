import type { Sha } from "../../shared/brands.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { Intent } from "../../shared/incident/commands.ts";
import type { Incident, Revert } from "../../shared/incident/model.ts";
import { declined, type No } from "../../shared/incident/remedies/declined.ts";
import type { PullNow } from "../../shared/ports/pulls.ts";
import type { Service } from "../../shared/ports/service.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import { clock, short, span } from "../../shared/text/format.ts";
import { isBot, someone } from "../pull-state.ts";
import type { Work } from "../step.ts";

/** The incident that would propose the revert, and the service where it would. */
type Asking = { work: Work; incident: Pick<Incident, "id" | "service" | "environment">; service: Service };

/**
 * Why the revert is not proposed again: its pull request `found` was merged, or a person said no within the cooldown.
 * Countersteer closes a pull request itself when the alert resolves, and bots close stale ones: that is not a no.
 */
export const closedBefore = async (
  { work, incident, service }: Asking,
  found: PullNow | undefined,
  remedy: Revert,
): Promise<Intent | undefined> => {
  const { sha } = remedy;
  if (found === undefined || found.state === "open" || found.pull.base !== service.branch) return undefined;
  const { number } = found.pull;
  if (found.state === "merged") return takenBackBefore({ work, incident, service }, found, sha);
  const { no, closedByUs } = declined(await work.store.log(incident.id), sha);
  const isNobodys = closedByUs.has(number) || found.closedByUs || isBot(found.by);
  const said = isNobodys ? no : latest(no, closing(found));
  const { cooldownMs } = work.serviceOf(incident.service).policy;
  if (said === undefined || work.clock() >= said.at + cooldownMs) return undefined;
  const why = said.detail === "" ? "" : ` (${said.detail})`;
  const until = span(said.at + cooldownMs - work.clock());
  return {
    type: "Escalate",
    reason: "declined_before",
    // People may open it again.
    made: { remedy, pull: found.pull },
    detail: `${said.by} said no to this revert, pull request #${number}${why}; it is not proposed again for another ${until}. Open the pull request again if it is wanted after all`,
  };
};

/** The revert is merged: either what was deployed last does not hold it, and a deploy is missing, or the trouble has another cause. */
const takenBackBefore = async (asking: Asking, found: PullNow, sha: Sha): Promise<Intent> => {
  const { work, incident, service } = asking;
  const { pull, by } = found;
  const who = by === undefined ? "" : `, merged by ${by},`;
  const escalated = (detail: string): Intent => ({
    ...{ type: "Escalate", reason: "already_reverted" },
    detail: `pull request #${pull.number}${who} has taken this change back already${detail}`,
  });
  const deploys = await work.store.deploys(incident.service, incident.environment, 0);
  const live = deploys.find(({ status }) => status === "succeeded");
  if (live === undefined || found.mergeSha === undefined)
    return escalated(`, and no report tells what is deployed: deploy ${service.branch}, unless it runs`);
  const isHeld = await work.history
    .contains(service, { ancestor: found.mergeSha, descendant: live.sha })
    .catch(unlessFinal);
  if (isHeld === true)
    return escalated(`, and ${short(live.sha)}, which runs, holds it: the trouble has another cause`);
  return isHeld === false
    ? notRunning(asking, { ...found, mergeSha: found.mergeSha }, { sha, live })
    : escalated("");
};

type Lost = { sha: Sha; live: DeployRecord };

const notRunning = (
  { work, service }: Asking,
  { pull, mergeSha, by = someone }: PullNow & { mergeSha: Sha },
  { sha, live }: Lost,
): Intent => {
  const detail = `pull request #${pull.number} took ${short(sha)} back (${short(mergeSha)}), and ${short(live.sha)}, deployed at ${clock(live.at)}, runs without it; deploy ${service.branch} again`;
  const { number, url } = pull;
  return {
    type: "RecordFix",
    fix: {
      kind: "deploy",
      at: work.clock(),
      sha: mergeSha,
      by,
      pull: { number, url },
      takesBack: sha,
      detail,
    },
  };
};

const unlessFinal = (error: unknown): undefined => {
  if (!(error instanceof UpstreamError) || error.retryable) throw error;
  return undefined;
};

/** Somebody closed the pull request while no incident looked. */
const closing = ({ by = someone, closedAt = 0 }: PullNow): No => ({ by, at: closedAt, detail: "" });

const latest = (a: No | undefined, b: No): No => (a !== undefined && a.at >= b.at ? a : b);
