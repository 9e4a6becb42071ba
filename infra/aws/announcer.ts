import { isFinal } from "../../functions/announce/all.ts";
import { announce } from "../../functions/announce/announce.ts";
import { postsFirst } from "../../functions/announce/chat.ts";
import { type BusEvent, readNote } from "../../shared/adapters/eventbridge/detail.ts";
import { annotationsFor } from "../host/adapters/grafana.ts";
import { chatOf } from "./adapters/chat.ts";
import { pagingPorts } from "./adapters/paging.ts";
import { sourceOf } from "./adapters/source.ts";
import { processOf, storeOf } from "./adapters/store.ts";
import type { Definition } from "./host.ts";
import { leaseOf, portsOf, workOf } from "./step.ts";

/**
 * Announces what is new of an incident, one announcer an incident at a time: before it ends, it looks for news that came meanwhile.
 * News that cannot be announced now stays unconsumed, and the tick has it announced again.
 */
export const announcer: Definition<BusEvent, void> = {
  name: "announce",
  make: (host) => {
    const { log } = host;
    const store = storeOf(host);
    const given = {
      ...portsOf(host, { source: (to) => sourceOf(to, "GITHUB_TELL"), chat: chatOf }),
      ...pagingPorts(host),
      ...annotationsFor({ url: host.env.GRAFANA_URL || undefined, token: host.secret("GRAFANA_TOKEN") }),
    };
    const lease = leaseOf(host);
    return async (event) => {
      const { incidentId: id, version } = readNote(event);
      const claim = await store.claim(id, {
        purpose: "announce",
        version,
        leaseMs: lease,
        alone: postsFirst,
      });
      if ("refused" in claim) {
        log.info("nothing to tell", { incident: id, because: claim.refused, version });
        return;
      }
      try {
        for (let told = claim.version; ; ) {
          const work = workOf(host, claim.store, given);
          // The propose function opens follow-ups: a pull request needs a key that this function does not have.
          await announce(
            processOf(host, claim.store),
            work,
          )(await claim.store.load(id)).catch((error: unknown) => {
            if (!isFinal(error)) throw error;
            log.error("announcing was refused for good, nobody is told this", { incident: id, error });
          });
          const next = await claim.announced(told);
          if (next === undefined) return;
          told = next;
        }
      } catch (error) {
        // The table knows which news was not announced, and the tick announces it: only a failing store needs a dead letter.
        if (!(error instanceof AggregateError)) throw error;
        log.warn("announcing failed, the tick has it tried again", { incident: id, error });
      } finally {
        await claim.release();
      }
    };
  },
};
