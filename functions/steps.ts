import { isWatched, type Status } from "../shared/incident/model.ts";
import { type StepName, stepsOf } from "../shared/incident/schedule/due-steps.ts";
import type { Stored } from "../shared/ports/store.ts";
import type { Handled, Process, Step } from "../shared/process.ts";
import { ask } from "./ask.ts";
import { diagnose } from "./diagnose/diagnose.ts";
import { merge } from "./merge/merge.ts";
import { propose } from "./propose/propose.ts";
import type { Work } from "./step.ts";
import { verify } from "./verify/verify.ts";
import { watch } from "./watch.ts";

/** The steps of the loop by name. Announcing follows every change, one into an ended status included. */
export const steps = { diagnose, propose, ask, merge, watch, verify } as const satisfies Record<
  StepName,
  unknown
>;

/** Runs the steps that the incident's status asks for, up to the first that moved it; undefined when there was nothing to do. */
export const runner =
  (process: Process, work: Work) =>
  async (seen: Stored): Promise<Handled | undefined> => {
    const { incident } = seen;
    if (!isWatched(incident)) return undefined;
    for (const name of stepsOf(incident.status)) {
      const handled = await process.run<Status>(steps[name](work) as Step, seen);
      if (handled !== undefined && handled.events.length > 0) return handled;
    }
    return undefined;
  };
