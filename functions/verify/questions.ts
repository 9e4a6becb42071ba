import { UpstreamError } from "../../shared/errors.ts";
import { troubles } from "../../shared/incident/alerts.ts";
import type { Active, Question } from "../../shared/incident/model.ts";
import type { ActiveRule, Labels } from "../../shared/ports/metrics.ts";
import { activeFor, candidates } from "../../shared/promql/rule-choice.ts";
import type { Work } from "../step.ts";

type Reading = Pick<Work, "metrics" | "serviceOf" | "clock">;

/**
 * The questions of the alerts that have none yet: their rules as Prometheus evaluates them now. An alert whose rules
 * cannot be read has no question yet; the next step tries again.
 */
export const readQuestions = async (work: Reading, incident: Active): Promise<Question[]> => {
  const known = new Set(incident.questions?.map(({ alert }) => alert));
  const open = troubles(incident).filter(({ name }) => !known.has(name));
  const questions = await Promise.all(open.map((alert) => readQuestion(work, incident.service, alert)));
  return questions.filter((question) => question !== undefined);
};

const readQuestion = async (
  { metrics, serviceOf, clock }: Reading,
  service: string,
  { name, labels }: { name: string; labels: Labels },
): Promise<Question | undefined> => {
  try {
    const rules = candidates(await metrics.rules(serviceOf(service), name), labels);
    const series = rules.map((rule) => activeFor(rule, labels)).find((one) => one !== undefined);
    const texts = rules.map(({ active: _, ...rule }: ActiveRule) => rule);
    return { alert: name, at: clock(), rules: texts, ...(series && { series }) };
  } catch (error) {
    if (error instanceof UpstreamError) return undefined;
    throw error;
  }
};
