import { followUp } from "../../functions/announce/follow-up.ts";
import { propose } from "../../functions/propose/propose.ts";
import { type BusEvent, readNote } from "../../shared/adapters/eventbridge/detail.ts";
import { decisionsOf } from "./adapters/decisions.ts";
import { metricsOf } from "./adapters/metrics.ts";
import { sourceOf } from "./adapters/source.ts";
import { processOf, storeOf } from "./adapters/store.ts";
import type { Definition } from "./host.ts";
import { portsOf, stepFunction, workOf } from "./step.ts";

const ports = {
  source: (host: Parameters<typeof sourceOf>[0]) => sourceOf(host, "GITHUB"),
  /** Whether a scale that was for a time is still needed. */
  metrics: metricsOf,
  decisions: decisionsOf,
};

/** Opens pull requests: the one proposed, and the one that follows a merged rollback, which is due whatever the status is by then. */
export const proposer: Definition<BusEvent, void> = {
  name: "propose",
  make: (host) => {
    const step = stepFunction(propose, ports).make(host);
    const store = storeOf(host);
    const process = processOf(host, store);
    const work = workOf(host, store, portsOf(host, ports));
    return async (event) => {
      const type = event["detail-type"];
      if (type !== "FollowUpDue") await step(event);
      if (type !== "FollowUpDue" && type !== "LookAsked") return;
      const { incident } = await store.load(readNote(event).incidentId);
      await followUp(process, work, incident);
    };
  },
};
