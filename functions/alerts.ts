import type { Context } from "hono";
import { type Notification, parseWebhook } from "../shared/adapters/alertmanager/notification.ts";
import { isAlarmEvent, readAlarm } from "../shared/adapters/cloudwatch/alarm.ts";
import { toJson } from "../shared/adapters/http/json.ts";
import { type MemoryBudget, memoryBudget } from "../shared/adapters/http/memory-budget.ts";
import { bearerOrBasic, verifyGrafana } from "../shared/adapters/http/signature.ts";
import type { EpochMs, IncidentId } from "../shared/brands.ts";
import type { Config, Configured } from "../shared/config.ts";
import { classify, latestOf } from "../shared/incident/alerts/alerts.ts";
import { type Route, routeAlert } from "../shared/incident/alerts/troubles.ts";
import type { Command } from "../shared/incident/commands.ts";
import { type Alert, incidentId, isActive } from "../shared/incident/model.ts";
import { isDrill } from "../shared/policy/drill.ts";
import { unmatched, unplaced } from "../shared/policy/left.ts";
import { selector } from "../shared/policy/match.ts";
import { unresolvedAlert } from "../shared/ports/paging.ts";
import type { Stored } from "../shared/ports/store.ts";
import type { Handled } from "../shared/process.ts";
import { countAlerts, span, traceparent } from "../shared/telemetry.ts";
import { clip } from "../shared/text/format.ts";
import { noteArrival } from "./drill/arrived.ts";
import { caps, type ReceiverContext, serviceNamed, unverifiedBytes } from "./http/context.ts";
import type { Leaving } from "./http/left.ts";
import { type Sender, strangers } from "./http/sender.ts";
import { openTroubles } from "./http/troubles.ts";
import { readTrusted } from "./http/trusted.ts";

/** The result for one alert of a notification. `incident` is set when the alert belongs to one. */
type Receipt = {
  alertname: string;
  fingerprint: string;
  outcome:
    | "opened"
    | "joined"
    | "resolved"
    | "repeat"
    | "stale"
    | "unknown_service"
    | "unknown_environment"
    | "own_page"
    | "drill"
    | "not_owned"
    | "malformed";
  incident?: string;
  /** Why a malformed alert cannot be read. */
  problem?: string;
};

/** `POST /webhooks/alertmanager`: 202 with a receipt per alert, once every incident they touch is durable. */
export const alerts = (receiver: ReceiverContext, memory: MemoryBudget = memoryBudget(unverifiedBytes)) => {
  const accept = accepting(receiver);
  return async (context: Context): Promise<Response> => {
    const { body, sender } = await trusted(receiver, memory, context);
    return context.json({ receipts: await accept(toJson(body), sender) }, 202);
  };
};

/** Stores what a notification tells, as its sender may. Returns a receipt for each alert. Throws BadRequest. */
export const accepting = (
  receiver: ReceiverContext,
): ((json: unknown, sender: Sender) => Promise<Receipt[]>) => {
  const select = selectorOf(receiver);
  return async (json, sender) => {
    const webhook = parseWebhook(isAlarmEvent(json) ? readAlarm(json) : json);
    const attributes = { "countersteer.alerts": webhook.alerts.length };
    const receipts = await span("alerts", { attributes }, () =>
      receive(receiver, { select: select(), sender }, webhook),
    );
    await receiver.leave(webhook.malformed.map(malformed));
    return withMalformed(receiver, receipts, webhook);
  };
};

/** The services may change while the server runs. */
const selectorOf = (receiver: ReceiverContext): (() => Select) => {
  let made: { services: Configured[]; select: Select } | undefined;
  return () => {
    const { services } = receiver.config;
    if (made?.services !== services) made = { services, select: selector(services) };
    return made.select;
  };
};

/** The receipts in the order of the notification. A malformed alert is logged with each notification that repeats it. */
const withMalformed = (
  { log }: ReceiverContext,
  receipts: Receipt[],
  { malformed }: Notification,
): Receipt[] => {
  const all = [...receipts];
  for (const { index, ...alert } of malformed) {
    all.splice(index, 0, { ...alert, outcome: "malformed" });
    countAlerts({ outcome: "malformed" });
    log.warn("alert refused", { ...alert });
  }
  return all;
};

const malformed = ({ alertname, problem }: Notification["malformed"][number]): Leaving => ({
  ...{ kind: "alerts", name: alertname || "an alert without a name", reason: "malformed" },
  about: () => ({ looked: { problem: clip(problem, 200) } }),
});

/** Alertmanager brings the token. Grafana may sign with it, or with a secret of its own. */
const trusted = (receiver: ReceiverContext, memory: MemoryBudget, context: Context) =>
  readTrusted(receiver, context, {
    ...{ kind: "alerts", cap: caps.alertmanager, memory, proof: bearerOrBasic },
    ...{ signed: "x-grafana-alerting-signature", signedBy: ["grafana"] },
    verify: (signed) =>
      verifyGrafana({ ...signed, timestamp: context.req.header("x-grafana-alerting-timestamp") }),
    missing: "the Alertmanager webhook needs the bearer token (or basic password) of this server",
    refusal: "the Grafana webhook's signature does not match",
  });

type Select = ReturnType<typeof selector<Configured>>;
type Group = { service: string; environment: string; alerts: Alert[] };
type Notice = { truncated: boolean; trace: string | undefined };

const receive = async (
  receiver: ReceiverContext,
  { select, sender }: { select: Select; sender: Sender },
  { alerts, truncated }: Notification,
): Promise<Receipt[]> => {
  const groups = new Map<string, Group>();
  const receipts = new Map<Alert, Receipt>();
  const left: Leaving[] = [];
  for (const alert of alerts) {
    // Our own page comes back where a route sends every alert here.
    if (alert.name === unresolvedAlert) {
      receipts.set(alert, { ...identity(alert), outcome: "own_page" });
      continue;
    }
    if (isDrill(alert)) {
      receipts.set(alert, { ...identity(alert), outcome: "drill" });
      await noteArrival(receiver, alert);
      continue;
    }
    const selected = select(alert);
    if ("left" in selected) {
      receipts.set(alert, { ...identity(alert), outcome: selected.left });
      left.push(leavingOf(receiver.config, selected, alert));
      continue;
    }
    const { service, environment } = selected;
    if (!sender.owns(service.name)) {
      receipts.set(alert, { ...identity(alert), outcome: "not_owned" });
      left.push(strangers("alerts", sender, { service: service.name, name: alert.name }));
      continue;
    }
    const id = incidentId(service.name, environment);
    const group = groups.get(id) ?? { service: service.name, environment, alerts: [] };
    groups.set(id, { ...group, alerts: [...group.alerts, alert] });
  }
  const notice = { truncated, trace: traceparent() };
  const stored = await Promise.all([...groups.values()].map((group) => storeGroup(receiver, group, notice)));
  for (const [alert, receipt] of stored.flat()) receipts.set(alert, receipt);
  for (const { outcome } of receipts.values()) countAlerts({ outcome });
  await receiver.leave(left);
  return alerts.flatMap((alert) => receipts.get(alert) ?? []);
};

const leavingOf = (
  { services }: Config,
  selected: Extract<ReturnType<Select>, { left: string }>,
  { name, labels }: Alert,
): Leaving => ({
  ...{ kind: "alerts", name, reason: selected.left },
  about: () => ("service" in selected ? unplaced(selected.service, labels) : unmatched(services, labels)),
});

/** Gives each alert to the trouble that it belongs to, and stores all of them. */
const storeGroup = async (
  receiver: ReceiverContext,
  group: Group,
  notice: Notice,
): Promise<[Alert, Receipt][]> => {
  const troubles = await openTroubles(receiver.store, group.service, group.environment);
  const routed = await routeAll(receiver, group, troubles);
  const [first] = troubles;
  const highest = Math.max(...routed.map(({ trouble }) => trouble));
  if (first !== undefined && highest > troubles.length)
    await receiver.process.handle(
      first.incident.id,
      { type: "RecordSeparation", at: receiver.clock(), trouble: highest, names: namesIn(routed, highest) },
      first,
    );
  const byTrouble = [...Map.groupBy(routed, ({ trouble }) => trouble)];
  const receipts = await Promise.all(
    byTrouble.map(([trouble, parts]) => {
      const seen = highest > troubles.length ? undefined : troubles[trouble - 1];
      const full = parts.some((part) => part.full);
      const part = { id: incidentId(group.service, group.environment, trouble), seen, full };
      return join(receiver, { ...part, alerts: parts.map(({ alert }) => alert) }, notice);
    }),
  );
  return receipts.flat();
};

type Routed = Route & { alert: Alert };

const namesIn = (routed: Routed[], number: number): string[] => [
  ...new Set(routed.filter(({ trouble }) => trouble === number).map(({ alert }) => alert.name)),
];

/** Only an alert that is new beside an open trouble needs to be held against what changed. */
const routeAll = async (
  { store, config }: ReceiverContext,
  { service, environment, alerts }: Group,
  troubles: Stored[],
): Promise<Routed[]> => {
  const incidents = troubles.map(({ incident }) => incident);
  const open = incidents.filter(isActive);
  const isKnown = (alert: Alert) => incidents.some((one) => latestOf(one.alerts, alert) !== undefined);
  if (open.length === 0 || alerts.every(isKnown))
    return alerts.map((alert) => ({ alert, ...routeAlert(incidents, alert, []) }));
  const since = Math.min(...open.map(({ onsetAt }) => onsetAt));
  const names = [service, ...(serviceNamed(config, service)?.dependsOn ?? [])];
  const read = await Promise.all(names.map((name) => store.changes(name, environment, since)));
  const changes = read.flatMap(({ deploys, flips }) => [...deploys, ...flips].map(({ at }) => at));
  return alerts.map((alert) => ({ alert, ...routeAlert(incidents, alert, changes) }));
};

type Joining = { id: IncidentId; alerts: Alert[]; seen: Stored | undefined; full: boolean };

const join = async (
  { process, clock, wake }: ReceiverContext,
  { id, alerts, seen, full }: Joining,
  { truncated, trace }: Notice,
): Promise<[Alert, Receipt][]> => {
  const command: Command = {
    ...{ type: "RecordAlerts", at: clock(), alerts, truncated },
    ...(full && { full }),
    ...(trace !== undefined && { trace }),
  };
  const handled = await process.handle(id, command, seen);
  const { before, events } = handled;
  if (events.length > 0) wake([id]);
  // The incident that this one waits for learns that the trouble is over here.
  const resolved = alerts.filter(({ status }) => status === "resolved");
  if (before.status === "referred" && resolved.length > 0)
    await process.handle(before.referral.to, { ...command, alerts: resolved });
  return alerts.map((alert) => [
    alert,
    { ...identity(alert), outcome: outcomeOf(alert, handled, command.at), incident: id },
  ]);
};

const identity = ({ name, fingerprint }: Alert) => ({ alertname: name, fingerprint });

const outcomeOf = (alert: Alert, { before, events }: Handled, at: EpochMs): Receipt["outcome"] => {
  for (const event of events) {
    if (!("alerts" in event) || !event.alerts.includes(alert)) continue;
    if (event.type === "IncidentOpened") return "opened";
    if (event.type !== "AlertsJoined") return "resolved";
    return event.again ? "repeat" : "joined";
  }
  const kind = classify(latestOf(before.alerts, alert), alert, at);
  // A fresh alert without an event is one more than the incident remembers one by one.
  return kind === "fresh" ? "joined" : kind;
};
