import type { Config } from "../../shared/config.ts";
import type { Intent } from "../../shared/incident/commands.ts";
import type { Active } from "../../shared/incident/model.ts";
import { type Cause, commonCause, type HoldRule, servicesIn } from "../../shared/policy/common-cause.ts";
import type { Store } from "../../shared/ports/store.ts";
import { list, span } from "../../shared/text/format.ts";

type Deps = { store: Store; configuration: () => Config };

/** Statuses in which nothing is merged yet. */
const held: readonly string[] = ["opened", "diagnosed", "proposed", "approved"];

/** The hold or the release that a cause of many services asks for; undefined when it asks for nothing. */
export const byCause = async (deps: Deps, incident: Active): Promise<Intent | undefined> => {
  const { hold: rule, services } = deps.configuration();
  if (rule === undefined || !held.includes(incident.status)) return undefined;
  const active = (await deps.store.active()).map((stored) => stored.incident);
  const now = incident.held;
  if (now?.by === "cause" && servicesIn(rule, now.cause, active).length < rule.services)
    return {
      type: "Release",
      detail: `${now.cause} is over: fewer than ${rule.services} services are still in trouble`,
    };
  const cause = commonCause(rule, incident, { active, configured: services.length });
  if (cause === undefined || incident.released?.includes(cause.key)) return undefined;
  if (now?.by === "cause" && !isLarger(cause, incident)) return undefined;
  const { key, leader } = cause;
  return {
    ...{ type: "Hold", by: "cause", cause: key, leader, services: cause.services.length },
    detail: sentence(rule, cause, incident),
  };
};

/** The leader tells of a cause again once it has doubled. */
const isLarger = ({ services, leader }: Cause, { id, held: now }: Active): boolean =>
  leader === id && now?.by === "cause" && services.length >= 2 * (now.services ?? services.length);

const sentence = (rule: HoldRule, { key, services, leader }: Cause, { id }: Active): string => {
  const shared = `${services.length} services (${list(services).replace("more files", "more")}) share ${key} and broke within ${span(rule.withinMs)}`;
  return leader === id
    ? `${shared}: no change of one service explains that, so nothing is reverted. This incident goes on when fewer than ${rule.services} of them are in trouble, or when a person releases it`
    : `${shared}; it waits for that cause, of which ${leader} tells`;
};
