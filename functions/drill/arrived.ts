import type { Alert } from "../../shared/incident/model.ts";
import { drillLabel } from "../../shared/policy/drill.ts";
import type { ReceiverContext } from "../http/context.ts";
import { changeDrill } from "./record.ts";

/** Notes that the alert of a drill came here, the first time. One of a drill that nobody began is on the page of those that were left alone. */
export const noteArrival = async (
  { store, clock, leave }: Pick<ReceiverContext, "store" | "clock" | "leave">,
  { name, labels, status }: Alert,
): Promise<void> => {
  const id = labels[drillLabel] ?? "";
  const at = clock();
  const known = await changeDrill(store, id, (drill) => {
    if (drill === undefined || status !== "firing" || drill.arrivedAt !== undefined) return drill;
    return { ...drill, arrivedAt: at };
  });
  if (known === undefined)
    await leave([{ kind: "alerts", name, reason: "drill", about: () => ({ looked: { [drillLabel]: id } }) }]);
};
