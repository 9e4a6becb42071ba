import type { Intent } from "../../shared/incident/commands.ts";
import type { In } from "../../shared/incident/model.ts";
import { mergeMove, unreadyChecks } from "../../shared/policy/merge-move.ts";
import type { Armed, Gates } from "../../shared/ports/merging.ts";
import { approvalCheck, type PullNow } from "../../shared/ports/pulls.ts";
import type { Service } from "../../shared/ports/service.ts";
import { personName } from "../../shared/text/format.ts";
import { gatesAsTexts } from "../approval/gates.ts";
import type { Work } from "../step.ts";
import { blocked } from "./blocked.ts";

type Approved = In<"approved">;
export type Merging = { incident: Approved; now: PullNow };
type Here = Merging & { work: Work; place: Service; gates: Gates };

/** Moves the approved pull request on by GitHub's conditions. Undefined: nothing stands between it and the merge. */
export const beforeMerge = async (
  work: Work,
  place: Service,
  { incident, now }: Merging,
): Promise<Intent | null | undefined> => {
  const gates = await work.merging.gates(place, now.pull);
  const here = { work, place, incident, now, gates };
  const move = mergeMove(gates, shownFor(work, incident));
  switch (move.do) {
    case "merge":
      return undefined;
    case "update":
      return updated(here);
    case "follow":
      return followed(here);
    case "enqueue":
      return armed(here, "queue");
    case "arm":
      return armed(here, "auto-merge");
    case "wait":
      return waiting(here);
  }
};

/** The time for which people have had this head before them. */
const shownFor = ({ clock }: Pick<Work, "clock">, { terms, approval }: Approved): number =>
  clock() - Math.min(terms?.at ?? approval.at, approval.at);

/** The update makes another head, which nobody has approved. */
const updated = async ({ work, place, incident }: Here): Promise<Intent> => {
  const { pull } = incident;
  await work.merging.updateBranch(place, pull);
  const { pull: now } = await work.pulls.pull(place, pull);
  const detail = `#${pull.number} lacked the newest commits of ${pull.base}, so its branch was updated`;
  if (now.head === pull.head)
    return {
      type: "Delay",
      step: "merge",
      detail: `the branch of #${pull.number} is updated from ${pull.base}`,
    };
  return { type: "RecordMove", detail, pull: now };
};

const inQueue = ({ pull }: Approved): string =>
  `approved, and #${pull.number} is in the merge queue of ${pull.base}`;

/** The queue tests a commit of its own, which needs the approval's status where that is required. */
const followed = async ({ work, place, incident, gates }: Here): Promise<Intent> => {
  const head = gates.queue?.head;
  const description = `approved by ${personName(incident.approval.by)}`;
  if (head !== undefined && gates.required.includes(approvalCheck))
    await work.pulls.setCheck(place, { head, state: "success", description, unlessSet: true });
  return { type: "Delay", step: "merge", detail: inQueue(incident), until: work.clock() };
};

/** It is noted first, so that whoever stops the incident also takes it back. */
const armed = async (here: Here, how: Armed): Promise<Intent | null | undefined> => {
  const { work, place, incident, now, gates } = here;
  const { pull } = incident;
  if (how === "queue" && incident.delay?.detail === inQueue(incident)) return droppedFromQueue(incident);
  const texts = await gatesAsTexts(work, place, { paths: now.paths, gates });
  const missing = texts.length === 0 ? "something that GitHub does not tell" : texts.join(", ");
  const detail =
    how === "queue"
      ? `#${pull.number} goes into the merge queue of ${pull.base}`
      : `still missing: ${missing}`;
  if (incident.armed?.how !== how || incident.armed.pull.head !== pull.head)
    return { type: "RecordArming", how, head: pull.head, detail };
  const refused = await work.merging.arm(place, pull, how);
  // Somebody may have said no while GitHub was told.
  if ((await work.store.load(incident.id)).incident.status !== "approved") {
    await work.merging.disarm(place, pull);
    return null;
  }
  if (refused !== undefined) return undefined;
  const told = how === "queue" ? inQueue(incident) : `approved, and merged by GitHub itself; ${detail}`;
  return { type: "Delay", step: "merge", detail: told, until: work.clock() };
};

const droppedFromQueue = ({ pull }: Approved): Intent => ({
  ...{ type: "Escalate", reason: "merge_refused" },
  detail: `the merge queue of ${pull.base} took #${pull.number} out again, as its checks failed there or somebody removed it: see why on GitHub and press Retry, or merge it there`,
});

/** GitHub does not wait for every check that counts here. */
const waiting = async ({ work, place, incident, gates }: Here): Promise<Intent> => {
  if (incident.armed !== undefined) {
    await work.merging.disarm(place, incident.pull);
    const detail = "it waits for its checks, those that GitHub does not require included";
    return { type: "RecordDisarming", pull: incident.pull.number, detail };
  }
  const { checks } = gates;
  const absent = unreadyChecks(gates, shownFor(work, incident)).filter(
    (name) => !checks.running.includes(name),
  );
  return blocked(work, { detail: "", checks }, absent);
};
