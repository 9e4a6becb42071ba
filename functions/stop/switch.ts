import { ConflictError } from "../../shared/errors.ts";
import type { Intent } from "../../shared/incident/commands.ts";
import type { SwitchRecord } from "../../shared/ports/store.ts";
import type { Process } from "../../shared/process.ts";
import type { ReceiverContext } from "../http/context.ts";
import { stoppedBy } from "./kill-switch.ts";

type Deps = Pick<ReceiverContext, "store" | "process" | "clock" | "wake">;
type Turn = { stopped: boolean; by: string; why: string };

/** Stops Countersteer, or lets it go on, and tells so on every incident under way. Returns how it stands, and whether that was new. */
export const turn = async (
  deps: Deps,
  { stopped, by, why }: Turn,
): Promise<{ now: SwitchRecord; isNew: boolean; incidents: number }> => {
  const written = await write(deps, { stopped, by, why, at: deps.clock() });
  const intent: Intent = stopped
    ? { type: "Hold", by: "stop", detail: stoppedBy(written.now) }
    : { type: "Release", detail: `${by} started Countersteer again` };
  return { ...written, incidents: await tellAll(deps, intent) };
};

const attempts = 20;

const write = async (
  { store }: Deps,
  wanted: SwitchRecord,
): Promise<{ now: SwitchRecord; isNew: boolean }> => {
  for (let attempt = 1; ; attempt++) {
    const { version, value } = await store.register("switch");
    if ((value?.stopped ?? false) === wanted.stopped) return { now: value ?? wanted, isNew: false };
    try {
      await store.setRegister("switch", version, wanted);
      return { now: wanted, isNew: true };
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt >= attempts) throw error;
    }
  }
};

/** Returns the number of incidents that it changed. The others learn it when they are looked at next. */
const tellAll = async ({ store, process, clock, wake }: Deps, intent: Intent): Promise<number> => {
  const told: string[] = [];
  for (const { incident, version } of await store.active()) {
    const { id, round } = incident;
    // A cause of many services is not over because Countersteer was started.
    if (intent.type === "Release" && !("held" in incident && incident.held?.by === "stop")) continue;
    const command: Parameters<Process["handle"]>[1] = { ...intent, at: clock(), round };
    if ((await process.handle(id, command, { incident, version })).events.length > 0) told.push(id);
  }
  wake(told);
  return told.length;
};
