import { object, string } from "zod";
import { sendJson, type Upstream } from "../../shared/adapters/http/send-json.ts";
import type { Configured } from "../../shared/config.ts";
import { drillAlert, drillLabel } from "../../shared/policy/drill.ts";
import { ConfigurationError } from "../host/errors.ts";

export type Place = { service: Configured; environment: string };
type Labels = Record<string, string>;

/** The labels that the service's own alerts have, by its matchers, with both marks of a drill. */
export const labelsOf = (id: string, { service, environment }: Place): Labels => ({
  ...Object.fromEntries(
    service.match.flatMap(({ label, equals }) => (equals === undefined ? [] : [[label, equals]])),
  ),
  ...{ [service.environmentLabel]: environment, alertname: drillAlert, [drillLabel]: id },
});

const status = object({ config: object({ original: string() }) });

/** Throws ConfigurationError when no route of Alertmanager names drills: then the alert could call people for real. */
export const checkRoute = async (upstream: Upstream): Promise<void> => {
  const parsed = status.safeParse(await sendJson(upstream, { method: "GET", path: "/api/v2/status" }));
  if (parsed.success && parsed.data.config.original.includes(drillLabel)) return;
  throw new ConfigurationError(
    `no route of Alertmanager names ${drillLabel}, so the drill's alert could call people for real: add the route of docs/drill.md, or give --any-route`,
  );
};

/** Sends the alert of a drill, or its end. */
export const sendAlert = async (
  upstream: Upstream,
  { labels, startsAt, endsAt }: { labels: Labels; startsAt: number; endsAt?: number },
): Promise<void> => {
  const alert = {
    labels,
    annotations: { summary: "This is a drill of Countersteer: nothing is wrong, nothing is merged." },
    startsAt: new Date(startsAt).toISOString(),
    ...(endsAt !== undefined && { endsAt: new Date(endsAt).toISOString() }),
  };
  await sendJson(upstream, { method: "POST", path: "/api/v2/alerts", body: [alert] });
};
