import type { Saturation } from "../../shared/diagnosis/load.ts";
import type { Alert } from "../../shared/incident/model.ts";
import { queriesOf, ruleFor } from "../../shared/policy/scaling.ts";
import type { Work } from "../step.ts";

type Trouble = { service: string; environment: string; alerts: Alert[]; onsetAt: number };

/** What the rules for scaling and the metrics say of the service's capacity; undefined when no rule is about these alerts. */
export const saturation = async (
  { store, metrics, serviceOf, clock }: Work,
  { service, environment, alerts, onsetAt }: Trouble,
): Promise<Saturation | undefined> => {
  const found = ruleFor(serviceOf(service).scaling ?? [], alerts);
  if (found === undefined) return undefined;
  const { rule, alert } = found;
  const now = clock();
  const queries = queriesOf(rule);
  const ask = async (query: string | undefined) =>
    query === undefined ? undefined : metrics.value(query, now);
  const [current, limit, least, load, broken, deploys] = await Promise.all([
    ask(queries.current),
    ask(queries.limit),
    ask(queries.least),
    ask(queries.load),
    ask(queries.broken),
    store.deploys(service, environment, onsetAt - lookBackMs),
  ]);
  const live = deploys.find(({ status, at }) => status === "succeeded" && at <= onsetAt);
  const value = (one: typeof current) => (one !== undefined && "value" in one ? one.value : undefined);
  const known = { current: value(current), limit: value(limit), least: value(least), load: value(load) };
  return {
    ...{ rule, alert: alert.name },
    ...(Object.fromEntries(Object.entries(known).filter(([, one]) => one !== undefined)) as typeof known &
      object),
    ...((value(broken) ?? 0) > 0 && { broken: true }),
    ...(live !== undefined && { deployedMs: onsetAt - live.at }),
    // A condition that does not hold has no series: that is no news.
    unread: [current, limit, load].flatMap((one) =>
      one !== undefined && "unread" in one ? [one.unread] : [],
    ),
  } as Saturation;
};

const lookBackMs = 24 * 60 * 60 * 1000;
