import { troubles } from "../../shared/incident/alerts/alerts.ts";
import type { Intent } from "../../shared/incident/commands.ts";
import { hasResolved, hasResolvedLate } from "../../shared/incident/decide/alerts.ts";
import type { Active, In } from "../../shared/incident/model.ts";
import type { Verdict } from "../../shared/incident/recovery.ts";
import { worst } from "../../shared/policy/recovery/recovery.ts";
import type { Reading } from "../../shared/ports/metrics.ts";
import type { Work } from "../step.ts";
import { changedRule } from "./changed-rule.ts";
import { readAlert } from "./read-alert.ts";

type Doubt = { verdict: Verdict; detail: string };

/**
 * Whether a trouble whose alerts all resolved is over: Alertmanager resolves an alert also when its series or its rule
 * are gone. Undefined while an alert fires. A doubt leaves the incident as it is: people are told once, and the step goes on.
 */
export const selfRecovery = async (
  work: Work,
  incident: Active,
  step: string,
): Promise<Intent | undefined> => {
  if (!hasResolved(incident, work.clock())) return undefined;
  const found = await judge(work, incident);
  if (!("doubt" in found)) return { type: "RecordSelfRecovery", ...found, judged: troubles(incident) };
  const { verdict, detail } = found.doubt;
  if (incident.delay?.verdict === verdict && incident.delay.detail === detail) return undefined;
  const isNews =
    verdict !== "still_firing" && incident.status !== "opened" && incident.status !== "diagnosed";
  return { type: "Delay", step, verdict, detail, ...(isNews && { news: true }) };
};

/** The same of an incident that was handed over to people. */
export const lateRecovery = async (work: Work, incident: In<"escalated">): Promise<Intent | undefined> => {
  if (!hasResolvedLate(incident)) return undefined;
  const found = await judge(work, incident);
  if (!("doubt" in found)) return { type: "RecordSelfRecovery", ...found, judged: troubles(incident) };
  const { doubt } = found;
  return doubt.verdict === "still_firing" ? undefined : { type: "RecordDoubt", ...doubt };
};

type Judged = { doubt: Doubt } | { verdict: Verdict } | { detail: string };

const judge = async (work: Work, incident: Active | In<"escalated">): Promise<Judged> => {
  const reading = worst(await readAll(work, incident));
  if (reading.result === "quiet") return { verdict: "fixed" };
  const { verdict, detail } = reading;
  if (reading.result === "unknown")
    return verdict === undefined
      ? { detail: `Prometheus did not tell, as ${detail}` }
      : { doubt: doubtOf(verdict, detail) };
  if (verdict !== undefined) return { doubt: doubtOf(verdict, detail) };
  const changed = await changedRule(work, incident);
  return { doubt: changed ?? doubtOf("still_firing", "the expression is still true") };
};

const doubtOf = (verdict: Verdict, detail = ""): Doubt => ({
  verdict,
  detail: `every alert resolved, but that is no recovery; ${detail}`,
});

const readAll = (
  { metrics, serviceOf, clock }: Work,
  incident: Active | In<"escalated">,
): Promise<Reading[]> => {
  const service = serviceOf(incident.service);
  const to = clock();
  const window = { from: to - service.verify.holdMs, to };
  const ends = incident.alerts.flatMap(({ endsAt }) => endsAt ?? []);
  const fired = { from: incident.onsetAt, to: Math.min(to, Math.max(incident.onsetAt, ...ends)) };
  const alerts = troubles(incident);
  return Promise.all(
    alerts.map((alert) => {
      const question = incident.questions?.find((one) => one.alert === alert.name);
      const isOneOfMany = alerts.length > 1;
      return readAlert(metrics, service, { ...{ alert, question, window, fired, isOneOfMany } });
    }),
  );
};
