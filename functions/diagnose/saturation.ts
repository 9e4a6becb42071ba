import type { Saturation } from "../../shared/diagnosis/load.ts";
import type { Alert } from "../../shared/incident/model.ts";
import { queriesOf, ruleFor } from "../../shared/policy/scaling.ts";
import type { Work } from "../step.ts";

type Trouble = { service: string; environment: string; alerts: Alert[]; onsetAt: number };

/** The capacity of the service, by its scaling rules and metrics; undefined when no rule is about these alerts. */
export const readSaturation = async (
  { store, metrics, serviceOf, clock }: Work,
  { service, environment, alerts, onsetAt }: Trouble,
): Promise<Saturation | undefined> => {
  const configured = serviceOf(service);
  const matched = ruleFor(configured.scaling ?? [], alerts);
  if (matched === undefined) return undefined;
  const { rule, alert } = matched;
  const now = clock();
  const queries = queriesOf(rule);
  const ask = async (query: string | undefined) =>
    query === undefined ? undefined : metrics.value(configured, query, now);
  const [current, limit, least, load, broken, deploys] = await Promise.all([
    ask(queries.current),
    ask(queries.limit),
    ask(queries.least),
    ask(queries.load),
    ask(queries.broken),
    store.deploys(service, environment, onsetAt - lookBackMs),
  ]);
  const live = deploys.find(({ status, at }) => status === "succeeded" && at <= onsetAt);
  const value = (value: typeof current) =>
    value !== undefined && "value" in value ? value.value : undefined;
  const numbers = { current: value(current), limit: value(limit), least: value(least), load: value(load) };
  return {
    ...{ rule, alert: alert.name },
    ...(Object.fromEntries(
      Object.entries(numbers).filter(([, value]) => value !== undefined),
    ) as typeof numbers & object),
    ...((value(broken) ?? 0) > 0 && { broken: true }),
    ...(live !== undefined && { deployedMs: onsetAt - live.at }),
    // A condition that does not hold has no series, which is not a failed reading.
    unread: [current, limit, load].flatMap((value) =>
      value !== undefined && "unread" in value ? [value.unread] : [],
    ),
  } as Saturation;
};

const lookBackMs = 24 * 60 * 60 * 1000;
