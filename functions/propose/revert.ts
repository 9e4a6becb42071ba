import type { In, Intent, Pull, Revert } from "../../shared/incident/model.ts";
import type { PullNow, Service, Snapshot } from "../../shared/ports.ts";
import { pullBody } from "../../shared/remedy/body.ts";
import { branchFor } from "../../shared/remedy/branch.ts";
import type { Conflict } from "../../shared/remedy/conflict.ts";
import { guards } from "../../shared/remedy/guards.ts";
import { revert as takeBack } from "../../shared/remedy/revert.ts";
import { within } from "../../shared/remedy/series.ts";
import { commitMessage, rangeTitle, revertTitle } from "../../shared/remedy/text.ts";
import type { Work } from "../step.ts";

/** What a proposal is made with: the service as it is where the remedy's pull request goes. */
export type Proposing = {
  work: Work;
  incident: In<"diagnosed">;
  service: Service;
  /** The merged rollback that this follows: then nobody is asked about it in chat. */
  after?: Pull;
};

export const labels = ["countersteer", "revert"];

/** Opens the pull request that takes the change back, or says why not. */
export const revert = async (
  { work, incident, service, after }: Proposing,
  remedy: Revert,
): Promise<Intent> => {
  const branch = branchFor(remedy, service.paths);
  const [found, whole] = await Promise.all([
    work.source.findPull(service, branch),
    work.source.snapshot(service, remedy.sha, remedy.from),
  ]);
  const snapshot = remedy.from === undefined ? whole : scoped(whole, service.paths);
  const touched = guards(snapshot.commit.paths);
  if (found !== undefined && found.state !== "open") return settled(found);
  const result = await takeBack(snapshot, (sha) => work.source.blob(service, sha));
  if ("conflicts" in result) return unclean(remedy.sha, result.conflicts);
  const elsewhere = result.edits.find(({ path }) => !snapshot.commit.paths.includes(path));
  if (elsewhere !== undefined) return moved(remedy.sha, elsewhere.path);
  if (result.edits.length === 0)
    return {
      type: "Escalate",
      reason: "already_reverted",
      detail: `nothing of ${remedy.sha.slice(0, 12)} is left on ${service.branch}`,
    };
  const pull = await work.source.openPull(service, {
    ...{ snapshot, labels, branch, edits: result.edits },
    commitMessage: commitMessage(snapshot.commit, incident, remedy.from),
    title: remedy.from === undefined ? revertTitle(snapshot.commit.title) : rangeTitle(remedy.from),
    body: pullBody(incident, {
      service,
      remedy,
      commit: snapshot.commit,
      guarded: touched,
      page: work.pageOf(incident.id),
      ...(after && { after }),
    }),
  });
  return { type: "RecordProposal", remedy, pull, guarded: touched.length > 0 };
};

/** What a deploy brought below the service's paths: the rest of the repository is others'. */
const scoped = (snapshot: Snapshot, paths: string[]): Snapshot => {
  const { theirs } = within({ ...snapshot, sha: snapshot.commit.sha }, paths);
  const { base, commit } = snapshot;
  const touched = commit.paths.filter(
    (path) =>
      base.get(path)?.sha !== theirs.get(path)?.sha || base.get(path)?.mode !== theirs.get(path)?.mode,
  );
  return { ...snapshot, theirs, commit: { ...commit, paths: touched } };
};

/** This revert was proposed in an earlier round. One that is still open is taken over. */
export const settled = ({ state, pull }: PullNow): Intent => {
  const detail = `pull request #${pull.number}`;
  return state === "merged"
    ? { type: "Escalate", reason: "already_reverted", detail: `${detail} has taken this change back already` }
    : {
        type: "Escalate",
        reason: "declined_before",
        detail: `${detail} proposed this revert before and was closed without merging`,
      };
};

/** A revert that follows a file to where it was moved since writes where the change never wrote: right as git sees it, for a person to see. */
const moved = (sha: string, path: string): Intent => ({
  type: "Escalate",
  reason: "unclean_revert",
  detail: `taking ${sha.slice(0, 12)} back would change ${path}, where a file of it was moved since; the command line's revert opens it`,
});

export const unclean = (sha: string, conflicts: Conflict[]): Intent => {
  const listed = conflicts
    .slice(0, 5)
    .map(({ path, detail }) => `${path} (${detail})`)
    .join("; ");
  const more = conflicts.length > 5 ? ` and ${conflicts.length - 5} more` : "";
  return {
    type: "Escalate",
    reason: "unclean_revert",
    detail: `${sha.slice(0, 12)} cannot be taken back cleanly: ${listed}${more}`,
  };
};
