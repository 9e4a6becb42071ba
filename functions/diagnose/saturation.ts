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
  const named = (name: "current" | "limit" | "least" | "load", read: typeof current) => {
    const number = value(read);
    return number === undefined ? {} : { [name]: number };
  };
  return {
    ...{ rule, alert: alert.name },
    ...{ ...named("current", current), ...named("limit", limit) },
    ...{ ...named("least", least), ...named("load", load) },
    ...((value(broken) ?? 0) > 0 && { broken: true }),
    ...(live !== undefined && { deployedMs: onsetAt - live.at }),
    // A condition that does not hold has no series, which is not a failed reading.
    unread: [current, limit, load].flatMap((value) =>
      value !== undefined && "unread" in value ? [value.unread] : [],
    ),
  };
};

const lookBackMs = 24 * 60 * 60 * 1000;
