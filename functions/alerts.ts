import type { Context } from "hono";
import { type Notification, parseWebhook } from "../shared/adapters/alertmanager.ts";
import { readJson } from "../shared/adapters/http/json.ts";
import { bearerOrBasic } from "../shared/adapters/http/signature.ts";
import type { Configured } from "../shared/config.ts";
import { BadRequest } from "../shared/errors.ts";
import { lastOf, standing } from "../shared/incident/alerts.ts";
import { type Alert, incidentId } from "../shared/incident/model.ts";
import { selector } from "../shared/policy/match.ts";
import { unresolvedAlert } from "../shared/ports/paging.ts";
import type { Handled } from "../shared/process.ts";
import { countAlerts, span, traceparent } from "../shared/telemetry.ts";
import { caps, type ReceiverContext } from "./http/context.ts";

/** What became of one alert of a notification. `incident` is there when it belongs to one. */
export type Receipt = {
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
    | "own_page";
  incident?: string;
};

/** `POST /webhooks/alertmanager`: 202 with a receipt per alert, once every incident they touch is durable. */
export const alerts = (receiver: ReceiverContext) => {
  const select = selector(receiver.config.services);
  return async (context: Context): Promise<Response> => {
    if (!bearerOrBasic(context.req.header("authorization"), receiver.secrets.alertmanager))
      throw new BadRequest(
        401,
        "the Alertmanager webhook needs the bearer token (or basic password) of this server",
      );
    const webhook = parseWebhook(await readJson(context.req.raw, caps.alertmanager));
    const attributes = { "countersteer.alerts": webhook.alerts.length };
    const receipts = await span("alerts", { attributes }, () => receive(receiver, select, webhook));
    return context.json({ receipts }, 202);
  };
};

type Select = ReturnType<typeof selector<Configured>>;
type Group = { id: string; alerts: Alert[] };

const receive = async (
  receiver: ReceiverContext,
  select: Select,
  { alerts, truncated }: Notification,
): Promise<Receipt[]> => {
  const groups = new Map<string, Group>();
  const receipts = new Map<Alert, Receipt>();
  for (const alert of alerts) {
    // Our own page comes back where a route sends every alert here.
    if (alert.name === unresolvedAlert) {
      receipts.set(alert, { ...identity(alert), outcome: "own_page" });
      continue;
    }
    const selected = select(alert);
    if ("left" in selected) {
      receipts.set(alert, { ...identity(alert), outcome: selected.left });
      continue;
    }
    const id = incidentId(selected.service.name, selected.environment);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, { id, alerts: [alert] });
    else group.alerts.push(alert);
  }
  const trace = traceparent();
  const joined = await Promise.all(
    [...groups.values()].map((group) => join(receiver, group, truncated, trace)),
  );
  for (const [alert, receipt] of joined.flat()) receipts.set(alert, receipt);
  for (const { outcome } of receipts.values()) countAlerts({ outcome });
  return alerts.map((alert) => receipts.get(alert)!);
};

const join = async (
  { process, clock, wake }: ReceiverContext,
  { id, alerts }: Group,
  truncated: boolean,
  trace: string | undefined,
): Promise<[Alert, Receipt][]> => {
  const command = { type: "RecordAlerts", at: clock(), alerts, truncated } as const;
  const handled = await process.handle(id, trace === undefined ? command : { ...command, trace });
  if (handled.events.length > 0) wake([id]);
  return alerts.map((alert) => [
    alert,
    { ...identity(alert), outcome: outcomeOf(alert, handled, command.at), incident: id },
  ]);
};

const identity = ({ name, fingerprint }: Alert) => ({ alertname: name, fingerprint });

const outcomeOf = (alert: Alert, { before, events }: Handled, at: number): Receipt["outcome"] => {
  for (const event of events) {
    if (!("alerts" in event) || !event.alerts.includes(alert)) continue;
    if (event.type === "IncidentOpened") return "opened";
    return event.type === "AlertsJoined" ? "joined" : "resolved";
  }
  const stands = standing(lastOf(before.alerts, alert), alert, at);
  // News that no event tells: one more than the incident remembers one by one.
  return stands === "news" ? "joined" : stands === "stale" ? "stale" : "repeat";
};
