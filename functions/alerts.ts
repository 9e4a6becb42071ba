import type { Context } from "hono";
import { parseWebhook } from "../shared/adapters/alertmanager.ts";
import { readJson } from "../shared/adapters/json.ts";
import { bearerOrBasic } from "../shared/adapters/signature.ts";
import { BadRequest } from "../shared/errors.ts";
import { lastOf, standing } from "../shared/incident/alerts.ts";
import { type Alert, incidentId } from "../shared/incident/model.ts";
import { select } from "../shared/policy/match.ts";
import type { Handled } from "../shared/process.ts";
import { countAlerts, span, traceparent } from "../shared/telemetry.ts";
import { caps, type Doors } from "./receiver.ts";

/** What became of one alert of a notification. `incident` is there when it belongs to one. */
export type Receipt = {
  alertname: string;
  fingerprint: string;
  outcome: "opened" | "joined" | "resolved" | "repeat" | "stale" | "unknown_service" | "unknown_environment";
  incident?: string;
};

/** `POST /webhooks/alertmanager`: 202 with a receipt per alert, once every incident they touch is durable. */
export const alerts =
  (doors: Doors) =>
  async (context: Context): Promise<Response> => {
    if (!bearerOrBasic(context.req.header("authorization"), doors.secrets.alertmanager))
      throw new BadRequest(
        401,
        "the Alertmanager webhook needs the bearer token (or basic password) of this server",
      );
    const body = await readJson(context.req.raw, caps.alertmanager);
    const webhook = parseWebhook(body);
    const receipts = await span(
      "alerts",
      { attributes: { "countersteer.alerts": webhook.alerts.length } },
      () => receive(doors, webhook),
    );
    return context.json({ receipts }, 202);
  };

type Group = { id: string; alerts: Alert[] };

const receive = async (
  doors: Doors,
  { alerts, truncated }: { alerts: Alert[]; truncated: boolean },
): Promise<Receipt[]> => {
  const groups = new Map<string, Group>();
  const receipts: Receipt[] = [];
  for (const alert of alerts) {
    const selected = select(doors.config.services, alert);
    if ("left" in selected) {
      receipts.push({ ...identity(alert), outcome: selected.left });
      continue;
    }
    const id = incidentId(selected.service.name, selected.environment);
    const group = groups.get(id) ?? { id, alerts: [] };
    group.alerts.push(alert);
    groups.set(id, group);
  }
  const trace = traceparent();
  const joined = await Promise.all([...groups.values()].map((group) => join(doors, group, truncated, trace)));
  receipts.push(...joined.flat());
  for (const { outcome } of receipts) countAlerts({ outcome });
  return receipts;
};

const join = async (
  { process, clock, wake }: Doors,
  { id, alerts }: Group,
  truncated: boolean,
  trace: string | undefined,
): Promise<Receipt[]> => {
  const command = { type: "RecordAlerts", at: clock(), alerts, truncated } as const;
  const handled = await process.handle(id, trace === undefined ? command : { ...command, trace });
  if (handled.events.length > 0) wake([id]);
  return alerts.map((alert) => ({ ...identity(alert), outcome: outcomeOf(alert, handled), incident: id }));
};

const identity = ({ name, fingerprint }: Alert) => ({ alertname: name, fingerprint });

const outcomeOf = (alert: Alert, { before, events }: Handled): Receipt["outcome"] => {
  for (const event of events) {
    if (!("alerts" in event) || !event.alerts.includes(alert)) continue;
    if (event.type === "IncidentOpened") return "opened";
    return event.type === "AlertsJoined" ? "joined" : "resolved";
  }
  const stands = standing(lastOf(before.alerts, alert), alert);
  // News that no event tells: one more than the incident remembers one by one.
  return stands === "news" ? "joined" : stands === "stale" ? "stale" : "repeat";
};
