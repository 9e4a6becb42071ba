import type { Intent } from "../../shared/incident/commands.ts";
import type { Incident, Pull } from "../../shared/incident/model.ts";
import type { PullNow } from "../../shared/ports/pulls.ts";
import type { Service } from "../../shared/ports/service.ts";
import { personName, short } from "../../shared/text/format.ts";
import { othersOf } from "../propose/shared-pull.ts";
import { doneOnGitHub } from "../pull-state.ts";
import type { Work } from "../step.ts";

type Followed = Incident & { pull: Pull };
type Approval = { by: string; head: string; diff: string };
type Done = Extract<Intent, { type: "RecordMerge" }>;

/** The intent that follows from a merge or a close on GitHub. A merge that Countersteer left to GitHub is compared with what was approved. */
export const doneAsApproved = async (
  work: Work,
  place: Service,
  incident: Followed,
  now: PullNow,
): Promise<Intent | undefined> => {
  const done = doneOnGitHub(place, incident.pull, now);
  return done?.type === "RecordMerge" ? asApproved(work, place, incident, { done, now }) : done;
};

/** The merge, with the reason why it is not the approved one. A person's own merge is theirs, so it is compared with nothing. */
export const asApproved = async (
  work: Work,
  place: Service,
  incident: Followed,
  { done, now }: { done: Done; now: PullNow },
): Promise<Done> => {
  const armed = await armedFor(work, incident);
  if (armed === undefined) return done;
  const differs =
    "differs" in armed
      ? armed.differs
      : await difference(work, place, { pull: now.pull, approval: armed.approval, sha: done.sha });
  return differs === undefined ? done : { ...done, differs };
};

/**
 * The approval by which GitHub merges the pull request by itself, for this incident or another one that shares it; or the
 * finding about the merge that the other one has stored already. Undefined where nobody left the merge to GitHub.
 */
const armedFor = async (
  work: Work,
  incident: Followed,
): Promise<{ approval: Approval | undefined } | { differs: string } | undefined> => {
  const { url } = incident.pull;
  const own = approvalOf(incident);
  if (isArmed(incident, url)) return { approval: own };
  const others = await othersOf(work, incident);
  const arming = others.find((other) => isArmed(other, url));
  if (arming !== undefined) return { approval: own ?? approvalOf(arming) };
  const differs = own === undefined ? others.map((other) => differsIn(other, url)).find(Boolean) : undefined;
  return differs === undefined ? undefined : { differs };
};

const isArmed = (incident: Incident, url: string): boolean =>
  "armed" in incident && incident.armed?.pull.url === url;

const approvalOf = (incident: Incident): Approval | undefined =>
  "approval" in incident ? incident.approval : undefined;

const differsIn = (incident: Incident, url: string): string | undefined =>
  "merge" in incident && incident.pull?.url === url ? incident.merge?.differs : undefined;

type Merged = { pull: Pull; approval: Approval | undefined; sha: string };

const difference = async (
  { merging }: Pick<Work, "merging">,
  place: Service,
  { pull, approval, sha }: Merged,
): Promise<string | undefined> => {
  if (approval === undefined) return "GitHub merged it before auto-merge could be taken back";
  const approved = `${short(approval.head)}, which ${personName(approval.by)} approved`;
  if (pull.head !== approval.head) return `it was merged at ${short(pull.head)}, not at ${approved}`;
  const isSame = await merging.isSameMerged(place, { ...pull, diff: approval.diff }, sha);
  return isSame ? undefined : `its changes are not those of ${approved}`;
};
