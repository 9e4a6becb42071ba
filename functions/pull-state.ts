import type { EpochMs } from "../shared/brands.ts";
import type { Intent } from "../shared/incident/commands.ts";
import type { Pull } from "../shared/incident/model.ts";
import type { PullNow, Pulls, Repository } from "../shared/ports/pulls.ts";
import type { Service } from "../shared/ports/service.ts";

export const someone = "someone on GitHub";

type Ended = { pull: Pull; endedAt: EpochMs };

/** The login that opened the pull request again after the incident's end; undefined when nobody did, or GitHub does not tell. */
export const reopenedSince = async (
  pulls: Pick<Pulls, "reopened">,
  service: Repository,
  { pull, endedAt }: Ended,
): Promise<string | undefined> => {
  const told = await pulls.reopened(service, pull);
  // GitHub tells whole seconds.
  return told !== undefined && told.at + 1000 > endedAt ? told.by : undefined;
};

/** The intent that follows from a merge or a close on GitHub; undefined while the pull request is open on the same branch. */
export const doneOnGitHub = (service: Service, pull: Pull, now: PullNow): Intent | undefined => {
  const { state, mergeSha, by = someone } = now;
  if (isRetargeted(service, now)) return retargeted(service, pull, now);
  if (state === "merged" && mergeSha !== undefined)
    return { type: "RecordMerge", pull: pull.number, sha: mergeSha, by };
  if (state === "closed" && now.closedByUs)
    return {
      ...{ type: "RecordConflict", pull: pull.number, again: true },
      detail: `#${pull.number} was closed when another incident of the same change ended`,
    };
  if (state === "closed" && isBot(by))
    return {
      ...{ type: "Escalate", reason: "declined_before" },
      detail: `#${pull.number} was closed by ${by}, and a bot decides nothing: open it again, or press Retry`,
    };
  if (state === "closed")
    return { type: "Withdraw", pull: pull.number, detail: "the pull request was closed on GitHub", by };
  return now.conflicts
    ? {
        ...{ type: "RecordConflict", pull: pull.number },
        detail: `#${pull.number} conflicts with ${pull.base} as it is now`,
      }
    : undefined;
};

/** Accounts of GitHub Apps. */
export const isBot = (login = ""): boolean => login.endsWith("[bot]");

export const isRetargeted = ({ branch }: Service, { pull }: PullNow): boolean => pull.base !== branch;

/** The base is approved with the rest: a merge into another branch is never ours. */
const retargeted = (
  { branch }: Service,
  { number }: Pull,
  { pull, state, by = someone }: PullNow,
): Intent => {
  const detail =
    state === "merged"
      ? `${by} merged #${number} into ${pull.base}, ${branch} never got it: open it against ${branch}, or revert there by hand`
      : `#${number} goes to ${pull.base} now, not to ${branch}: it is void and is not merged; change its base back to ${branch}, or close it`;
  return { type: "Escalate", reason: "retargeted", detail };
};
