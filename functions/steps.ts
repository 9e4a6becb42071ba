import { isWatched, type Status, type Watched } from "../shared/incident/model.ts";
import type { Stored } from "../shared/ports/store.ts";
import type { Handled, Process, Step } from "../shared/process.ts";
import { ask } from "./ask.ts";
import { diagnose } from "./diagnose/diagnose.ts";
import { merge } from "./merge.ts";
import { propose } from "./propose/propose.ts";
import type { Work } from "./step.ts";
import { verify } from "./verify/verify.ts";
import { watch } from "./watch.ts";

/** Which status asks for which step. Announcing follows every change, that into an ended status included. */
export const steps = {
  opened: diagnose,
  diagnosed: propose,
  proposed: ask,
  approved: merge,
  merged: watch,
  deployed: verify,
  escalated: watch,
  closed: watch,
} as const satisfies Record<Watched["status"], unknown>;

/** Runs the step that the incident's status asks for; undefined when there was nothing to do. */
export const runner =
  (process: Process, work: Work) =>
  (seen: Stored): Promise<Handled | undefined> => {
    const { incident } = seen;
    return isWatched(incident)
      ? process.run<Status>(steps[incident.status](work) as Step, seen)
      : Promise.resolve(undefined);
  };
