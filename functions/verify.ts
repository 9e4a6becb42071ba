import { troubles } from "../shared/incident/alerts.ts";
import { step } from "./step.ts";

/** deployed → has every alert's own expression been quiet for the hold time, with data to show it? Unknown is not recovered. */
export const verify = step("verify", "deployed", async ({ metrics, serviceOf, clock }, incident) => {
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
  const names = alerts.map(({ name }) => name).join(", ");
  return {
    type: "RecordRecovery",
    detail: `${names} quiet for ${Math.round(holdMs / 1000)} s with ${incident.remedy.kind === "revert" ? "the revert" : "the new scale"} live`,
  };
});
