import type { Config, Configured } from "../../shared/config.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { Intent } from "../../shared/incident/commands.ts";
import { type Incident, isActive } from "../../shared/incident/model.ts";
import type { KillSwitch } from "../../shared/ports/kill-switch.ts";
import type { Store } from "../../shared/ports/store.ts";
import { byCause } from "./cause.ts";

/** The intent of a step that must not go on; null: it only waits. */
export type Instead = { intent: Intent | null };
type Deps = {
  store: Store;
  killSwitch?: KillSwitch;
  configuration: () => Config;
  serviceOf: (name: string) => Configured;
};

/** Steps that change nothing outside. */
const reading: readonly string[] = ["diagnose", "watch", "verify"];

/** Why a step must not run now, or what has to be recorded first; undefined when it may run. */
export const holding = async (deps: Deps, name: string, incident: Incident): Promise<Instead | undefined> => {
  const { killSwitch, serviceOf } = deps;
  if (!isActive(incident)) return undefined;
  if (!isConfigured(serviceOf, incident.service)) return { intent: abandon(incident.service) };
  if (killSwitch === undefined) return undefined;
  const { held } = incident;
  const reason = await killSwitch.stopped();
  if (reason !== undefined && held?.by !== "stop")
    return { intent: { type: "Hold", by: "stop", detail: reason } };
  if (reason === undefined && held?.by === "stop")
    return { intent: { type: "Release", detail: "Countersteer was started again" } };
  if (reason !== undefined) return reading.includes(name) ? undefined : { intent: null };
  const intent = await byCause(deps, incident);
  if (intent !== undefined) return { intent };
  return held?.by === "cause" ? { intent: null } : undefined;
};

export const isConfigured = (serviceOf: Deps["serviceOf"], name: string): boolean => {
  try {
    serviceOf(name);
    return true;
  } catch (error) {
    if (error instanceof UpstreamError && error.system === "configuration") return false;
    throw error;
  }
};

const abandon = (service: string): Intent => ({
  type: "Abandon",
  detail: `the service ${service} is no longer in the configuration: nothing is done about it any more`,
});
