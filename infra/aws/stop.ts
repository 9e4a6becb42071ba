import { killSwitch } from "../../functions/stop/kill-switch.ts";
import type { KillSwitch, StopIssues } from "../../shared/ports/kill-switch.ts";
import type { Store } from "../../shared/ports/store.ts";
import { storeOf } from "./adapters/store.ts";
import type { Host } from "./host.ts";

/** The kill switch of a function that has the secret `MODE`: the command, the issue and the parameter stop it. */
export const stopOf = (
  host: Host,
  issues: StopIssues,
  store: Pick<Store, "register"> = storeOf(host),
): KillSwitch =>
  killSwitch({ store, issues, issue: () => host.config().killSwitch, mode: () => host.fresh("MODE") });
