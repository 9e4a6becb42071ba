import type { Intent } from "../../shared/incident/commands.ts";
import { type Incident, isActive } from "../../shared/incident/model.ts";
import type { KillSwitch } from "../../shared/ports/kill-switch.ts";

/** The intent of a step that must not go on; null: it only waits. */
export type Instead = { intent: Intent | null };

/** Steps that change nothing outside. */
const reading: readonly string[] = ["diagnose", "watch", "verify"];

/** Why a step must not run now, or what has to be recorded first; undefined when it may run. */
export const holding = async (
  { killSwitch }: { killSwitch?: KillSwitch },
  name: string,
  incident: Incident,
): Promise<Instead | undefined> => {
  if (killSwitch === undefined || !isActive(incident)) return undefined;
  const { held } = incident;
  const reason = await killSwitch.stopped();
  if (reason !== undefined && held?.by !== "stop")
    return { intent: { type: "Hold", by: "stop", detail: reason } };
  if (reason === undefined && held?.by === "stop")
    return { intent: { type: "Release", detail: "Countersteer was started again" } };
  return reason === undefined || reading.includes(name) ? undefined : { intent: null };
};
