import type { Configured } from "../../shared/config.ts";
import { UpstreamError } from "../../shared/errors.ts";
import { troubles } from "../../shared/incident/alerts/alerts.ts";
import type { Active } from "../../shared/incident/model.ts";
import type { Question, RuleText } from "../../shared/incident/recovery.ts";
import type { ActiveRule, Labels, Metrics } from "../../shared/ports/metrics.ts";
import { queriesFor } from "../../shared/ports/service.ts";
import { activeFor, candidates } from "../../shared/promql/rule-choice.ts";
import type { Work } from "../step.ts";
import { readRecorded } from "./recordings.ts";

type Reading = Pick<Work, "metrics" | "serviceOf" | "clock">;

/**
 * The questions of the alerts that have none yet: their rules as Prometheus evaluates them now. An alert whose rules
 * cannot be read now has no question yet; the next step tries again.
 */
export const readQuestions = async (work: Reading, incident: Active): Promise<Question[]> => {
  const known = new Set(incident.questions?.map(({ alert }) => alert));
  const open = troubles(incident).filter(({ name }) => !known.has(name));
  const questions = await Promise.all(open.map((alert) => readQuestion(work, incident.service, alert)));
  return questions.filter((question) => question !== undefined);
};

const readQuestion = async (
  { metrics, serviceOf, clock }: Reading,
  name: string,
  { name: alert, labels }: { name: string; labels: Labels },
): Promise<Question | undefined> => {
  const service = serviceOf(name);
  const configured = queriesFor(service.verify.expr, alert).length > 0 && { configured: true as const };
  const question = { alert, at: clock(), ...configured };
  try {
    const rules = candidates(await metrics.rules(service, alert), labels);
    const series = rules.map((rule) => activeFor(rule, labels)).find((one) => one !== undefined);
    const texts = await Promise.all(rules.map((rule) => withRecorded({ metrics, service }, rule)));
    return { ...question, rules: texts, ...(series && { series }) };
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    // A system without a rules API never tells them.
    return configured && !error.retryable ? { ...question, rules: [] } : undefined;
  }
};

/** The rule's text, with the recording rules that it rests on. */
const withRecorded = async (
  asked: { metrics: Metrics; service: Configured },
  { active: _, ...rule }: ActiveRule,
): Promise<RuleText> => {
  const recorded = await readRecorded(asked, rule.expr);
  return Object.keys(recorded).length === 0 ? rule : { ...rule, recorded };
};
