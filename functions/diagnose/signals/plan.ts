import type { Configured } from "../../../shared/config.ts";
import type { Alert } from "../../../shared/incident/model.ts";
import type { Metrics } from "../../../shared/ports/metrics.ts";
import type { Service } from "../../../shared/ports/service.ts";
import { compared } from "../../../shared/promql/compared.ts";
import type { Signal } from "../../../shared/promql/conventions.ts";
import {
  forService,
  type OwnRule,
  serviceLabel,
  type Telling,
  watches,
} from "../../../shared/promql/for-service.ts";
import { keptApart } from "../../../shared/promql/group-by-label.ts";
import {
  type Also,
  type Found,
  foundIn,
  type Named,
  presenceQuery,
} from "../../../shared/promql/presence.ts";
import { signalQueries } from "../../../shared/promql/signal-queries.ts";
import { ownValue } from "../../../shared/records.ts";
import { tracedAs } from "../traces.ts";

/** An incident as its neighbours' signals are looked for: `rules` are those of its alerts. */
export type Around = { service: string; environment: string; alerts: Alert[]; rules: Rule[] };
export type Rule = { expr: string; labels: Record<string, string> };

/** One query. `from` tells where it comes from: the configuration, the alert's expression, or a convention. */
export type Sought = {
  signal: Signal;
  metric: string;
  query: string;
  from: "its signals" | "the alert's expression" | (string & {});
  by?: { label: string; query: string };
};
/** The queries for the signals of one service, the most telling first, and the sentences on what cannot be asked. */
export type Plan = { service: Configured; sought: Sought[]; unread: string[]; isOff?: true };

/** Finds the queries for a service: those of its configuration, then the alert's expression about it, then what the conventions tell. */
export const planFor = async (
  { metrics, clock }: { metrics: Pick<Metrics, "labels">; clock: () => number },
  around: Around,
  service: Configured,
): Promise<Plan> => {
  const configured = configuredOf(service);
  if (service.signals === "off") return { service, sought: configured, unread: [], isOff: true };
  const has = (some: Sought[], signal: Signal) => some.some((one) => one.signal === signal);
  if (signals.every((signal) => has(configured, signal))) return { service, sought: configured, unread: [] };
  const named = namesOf(service, around);
  const derivable = service.name === around.service ? [] : tellingOf(around);
  const also: Also[] = derivable.map(({ telling }) => telling);
  const answer = await metrics.labels(service, presenceQuery(named, also), clock());
  if ("unread" in answer) return { service, sought: configured, unread: [answer.unread] };
  const found = foundIn(answer.labels, named, also);
  const { queries, ambiguous } = signalQueries(found, service.versionLabel);
  const derived = derivable.flatMap((one) => asRule(one, found, service) ?? []);
  const known = [...configured, ...derived.filter(({ signal }) => !has(configured, signal))];
  const usual = queries.map(({ is, ...one }): Sought => ({ metric: is, ...one }));
  return {
    service,
    sought: [...known, ...usual.filter(({ signal }) => !has(known, signal))],
    unread: ambiguous.map(
      (what) => `its series are of several ${what}, and which of them are meant is not known`,
    ),
  };
};

const signals: readonly Signal[] = ["errors", "latency", "traffic", "saturation"];

const configuredOf = ({ signals: given = {}, traffic, versionLabel }: Configured): Sought[] => {
  const { errors, latency, saturation, ...own } = given === "off" ? {} : given;
  const come = own.traffic ?? traffic;
  const isRatio = errors !== undefined && compared(errors)?.isRatio === true;
  const of = (signal: Signal, metric: string, query: string | undefined): Sought[] =>
    query === undefined
      ? []
      : [
          {
            signal,
            metric,
            query,
            from: "its signals",
            ...byVersion(query, isRatio || signal === "latency" ? versionLabel : undefined),
          },
        ];
  return [
    ...of("errors", isRatio ? "error ratio" : "failed requests", errors),
    ...of("latency", "latency", latency),
    ...of("traffic", "traffic", come),
    ...of("saturation", "saturation", saturation),
  ];
};

/** The query by version. A count of a version depends on its share of the requests, so only shares and times are compared. */
const byVersion = (query: string, label: string | undefined): Pick<Sought, "by"> => {
  const apart = label === undefined ? undefined : keptApart(query, label);
  return label === undefined || apart === undefined ? {} : { by: { label, query: apart } };
};

/** The names by which metrics may know a service: its own, that of its traces, and those to which `verify.labels` maps it. */
const namesIn = (service: Pick<Service, "name" | "traces" | "verify">): string[] => {
  const { name, verify } = service;
  const mapped = Object.values(verify.labels ?? {}).flatMap((values) => ownValue(values, name) ?? []);
  return [...new Set([name, tracedAs(service), ...mapped])];
};

const namesOf = (service: Configured, { environment, alerts }: Around): Named => {
  const { environmentLabel, verify } = service;
  const mapped = ownValue(ownValue(verify.labels ?? {}, environmentLabel) ?? {}, environment);
  const shared = (label: string): string | undefined => {
    const [value, ...others] = new Set(alerts.flatMap(({ labels }) => ownValue(labels, label) ?? []));
    return others.length === 0 ? value : undefined;
  };
  return {
    ...{ names: namesIn(service), environment: mapped ?? environment, environmentLabel },
    ...{ namespace: shared("namespace"), cluster: shared("cluster") },
  };
};

type Derivable = { rule: OwnRule; telling: Telling; signal: "errors" | "latency" };

/** The alerts' rules that can be asked about another service, the first of each signal. */
const tellingOf = ({ service, alerts, rules }: Around): Derivable[] => {
  const all = rules.flatMap(({ expr, labels }): Derivable[] => {
    const signal = watches(expr);
    const own = alerts
      .flatMap((alert) => Object.entries(alert.labels))
      .filter(([name]) => !Object.hasOwn(labels, name));
    const rule = { expr, labels: Object.fromEntries(own), names: [service] };
    const telling = signal === undefined ? undefined : serviceLabel(rule);
    return signal === undefined || telling === undefined ? [] : [{ rule, telling, signal }];
  });
  return [...Map.groupBy(all, ({ signal }) => signal).values()].flatMap((same) => same.slice(0, 1));
};

const asRule = (
  { rule, telling, signal }: Derivable,
  found: Found[],
  { versionLabel }: Configured,
): Sought | undefined => {
  const own = found.find(({ metric, label }) => label === telling.label && telling.metrics.includes(metric));
  if (own === undefined || !("labels" in own.selected)) return undefined;
  const values = forService(rule, telling, own.selected.labels);
  if (values === undefined) return undefined;
  const { query, isRatio } = values;
  const metric = signal === "latency" ? "latency" : isRatio ? "error ratio" : "failed requests";
  const isComparable = isRatio || signal === "latency";
  return {
    ...{ signal, metric, query, from: "the alert's expression" },
    ...byVersion(query, isComparable ? versionLabel : undefined),
  };
};
