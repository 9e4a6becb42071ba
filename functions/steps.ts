import type { Active } from "../shared/incident/model.ts";
import type { Process, Step } from "../shared/process.ts";
import { ask } from "./ask.ts";
import { diagnose } from "./diagnose/diagnose.ts";
import { merge } from "./merge.ts";
import { propose } from "./propose/propose.ts";
import type { Work } from "./step.ts";
import { verify } from "./verify.ts";
import { watch } from "./watch.ts";

/** Which status asks for which step. Announcing follows every change, that into an ended status included. */
export const steps = {
  opened: diagnose,
  diagnosed: propose,
  proposed: ask,
  approved: merge,
  merged: watch,
  deployed: verify,
} as const satisfies Record<Active["status"], unknown>;

/** Runs the step that a status asks for. True when it stored something, so that the next status may ask for more. */
export const runner =
  (process: Process, work: Work) =>
  (id: string, status: Active["status"]): Promise<boolean> =>
    process.run(steps[status](work) as Step, id);
