import type { Configured } from "../shared/config.ts";
import { troubles } from "../shared/incident/alerts.ts";
import type { In, Intent, Scale } from "../shared/incident/model.ts";
import { queriesOf, ruleOf } from "../shared/policy/scaling.ts";
import type { Metrics } from "../shared/ports/metrics.ts";
import { clockSkewMs, liveness } from "./live.ts";
import { step, type Work } from "./step.ts";

/** deployed → has every alert's own expression been quiet for the hold time, with data to show it? Unknown is not recovered. */
export const verify = step("verify", ["deployed"], async (work, incident) => {
  const { metrics, serviceOf, clock } = work;
  const gone = await noLongerLive(work, incident);
  if (gone !== undefined) return gone;
  const service = serviceOf(incident.service);
  const { holdMs } = service.verify;
  const to = clock();
  const from = to - holdMs;
  if (from < incident.deploy.at) return null;
  const alerts = troubles(incident);
  const readings = await Promise.all(alerts.map((alert) => metrics.read(service, alert, { from, to })));
  const unknown = readings.find((reading) => reading.result === "unknown");
  if (unknown !== undefined)
    return { type: "Delay", step: "verify", detail: `inconclusive: ${unknown.detail}` };
  if (readings.some((reading) => reading.result !== "quiet" || reading.since > from))
    // What was inconclusive before is not any more.
    return incident.delay === undefined
      ? null
      : { type: "Delay", step: "verify", detail: "not quiet for long enough yet" };
  const unready =
    incident.remedy.kind === "scale" ? await notReady(metrics, service, incident.remedy, to) : undefined;
  if (unready !== undefined) return { type: "Delay", step: "verify", detail: unready };
  const names = alerts.map(({ name }) => name).join(", ");
  return {
    type: "RecordRecovery",
    detail: `${names} quiet for ${Math.round(holdMs / 1000)} s with ${incident.remedy.kind === "revert" ? "the revert" : "the new scale"} live`,
  };
});

/** Whether a later deploy runs without the fix. GitHub is asked only when another commit was deployed since. */
const noLongerLive = async (work: Work, incident: In<"deployed">): Promise<Intent | undefined> => {
  const { service, environment, deploy, openedAt } = incident;
  const reports = await work.store.deploys(service, environment, openedAt - clockSkewMs);
  const own = reports.find(({ sha }) => sha === deploy.sha);
  const others = reports.filter(({ sha, status }) => sha !== deploy.sha && status === "succeeded");
  if (others.every(({ at }) => at < (own?.at ?? deploy.at))) return undefined;
  const now = await liveness(work, incident);
  if (now.is !== "missing") return undefined;
  return { type: "RecordNotLive", sha: now.deploy.sha, detail: now.detail };
};

/** A higher scale helps once what it asks for is there. A limit of memory or CPU comes with the deploy itself. */
const notReady = async (
  metrics: Metrics,
  service: Configured,
  remedy: Scale,
  at: number,
): Promise<string | undefined> => {
  const rule = ruleOf(service.scaling ?? [], remedy);
  if (rule?.ready === undefined && (remedy.field === "memory" || remedy.field === "cpu")) return undefined;
  const asked = rule ?? { ...remedy, match: [] };
  const { ready } = queriesOf(asked);
  const found = await metrics.value(ready, at);
  if ("unread" in found) return `inconclusive: whether the new replicas are ready: ${found.unread}`;
  return found.value > 0 ? undefined : "the new replicas are not ready yet";
};
